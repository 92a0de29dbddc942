import { FileError } from "../media/mod.ts";
import { printError, toOneLine } from "./print.ts";

/**
 * Prints an error as one line on standard error; with `NUWA_DEBUG=1`, its stack as well.
 *
 * @returns The exit code: 2 if the error is about what was asked for, 1 if it is a fault of ours.
 */
export function reportError(error: unknown): number {
  const message = error instanceof Error ? error.message : String(error);
  printError(`error: ${toOneLine(message)}\n`);
  if (Deno.env.get("NUWA_DEBUG") === "1" && error instanceof Error) printError(`${error.stack}\n`);
  return isAboutInput(error) ? 2 : 1;
}

/** The classes that the library throws at wrong types, values, contents and files. */
function isAboutInput(error: unknown): boolean {
  const classes = [TypeError, RangeError, SyntaxError, FileError, ...Object.values(Deno.errors)];
  return classes.some((errorClass) => error instanceof errorClass);
}
