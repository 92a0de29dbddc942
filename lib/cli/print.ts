/** Writes text to standard output, all of it, and a line break. */
export function printLine(text: string): void {
  writeAll(Deno.stdout, `${text}\n`);
}

/** Writes text to standard error as it is. */
export function printError(text: string): void {
  writeAll(Deno.stderr, text);
}

/** Writes one JSON object on one line of standard output: what `--json` promises. */
export function printJson(figures: object): void {
  printLine(JSON.stringify(figures));
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
