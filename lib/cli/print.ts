/** Writes text to standard output, all of it, and a line break. */
export function printLine(text: string): void {
  writeAll(Deno.stdout, `${text}\n`);
}

/** Writes text to standard error as it is. */
export function printError(text: string): void {
  writeAll(Deno.stderr, text);
}

/** Writes one JSON object on one line of standard output: what `--json` promises. Names become snake_case. */
export function printJson(figures: object): void {
  printLine(JSON.stringify(toSnakeCase(figures)));
}

/** Writes a line for each figure, its name in words. */
export function printFigures(figures: object): void {
  for (const [name, value] of Object.entries(toSnakeCase(figures))) {
    printLine(`${name.replaceAll("_", " ")}: ${Array.isArray(value) ? JSON.stringify(value) : value}`);
  }
}

function toSnakeCase(figures: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [
      name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  );
}

function writeAll(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let written = 0; written < bytes.length;) written += stream.writeSync(bytes.subarray(written));
}

/** The longest line that an error may take, in characters. */
const MAX_ERROR_LENGTH = 500;

/** An error's text on one line, cut where it repeats an absurdly long argument. */
export function toOneLine(text: string): string {
  const line = text.trim().replaceAll(/\s*\n\s*/g, " ");
  return line.length <= MAX_ERROR_LENGTH ? line : `${line.slice(0, MAX_ERROR_LENGTH)} ...`;
}
