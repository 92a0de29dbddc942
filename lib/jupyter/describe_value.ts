/** A value in words, as a console would print it, but never long. */
export function describeValue(value: unknown): string {
  if (typeof value === "string") return value;
  return Deno.inspect(value, { depth: 3, iterableLimit: 20, strAbbreviateSize: 200, colors: false });
}
