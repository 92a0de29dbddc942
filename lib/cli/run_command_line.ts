import { Command, CommanderError } from "commander";
import { printError, toOneLine } from "./print.ts";
import { createRenderCommand } from "./render_command.ts";
import { reportError } from "./report_error.ts";

/** The exit code of every mistake in what was asked for. */
export const EXIT_BAD_INPUT = 2;

/**
 * Runs the command line.
 *
 * @param args Words after the program's name.
 * @returns The exit code: 0 for success, 2 for bad input, 1 for a fault of ours.
 */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  const program = createProgram();
  try {
    await program.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_BAD_INPUT; // already printed
    return reportError(error);
  }
}

/** The program with all its commands; nothing heavy is loaded before a command runs. */
export function createProgram(): Command {
  const program = new Command("deno task")
    .description("NUWA-Infinity: pictures of any size, patch by patch.")
    .usage("COMMAND [options]")
    .helpCommand(false);
  for (const command of [createRenderCommand()]) {
    program.addCommand(command);
  }
  for (const command of [program, ...program.commands, ...program.commands.flatMap((c) => c.commands)]) {
    command.exitOverride().configureOutput({
      writeErr: printError,
      outputError: (text, write) => write(`${toOneLine(text)}\n`),
    });
  }
  return program;
}
