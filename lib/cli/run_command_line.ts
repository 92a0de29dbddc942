import { Command, CommanderError } from "commander";
import { createDemoCommand } from "./demo_command.ts";
import { createDevicesCommand } from "./devices_command.ts";
import { createEvaluateCommand } from "./evaluate_command.ts";
import { createExtendCommand } from "./extend_command.ts";
import { createGenerateCommand } from "./generate_command.ts";
import { createLabCommand } from "./lab_command.ts";
import { printError, toOneLine } from "./print.ts";
import { createReconstructCommand } from "./reconstruct_command.ts";
import { createRenderCommand } from "./render_command.ts";
import { reportError } from "./report_error.ts";
import type { Runners } from "./runners.ts";
import { createTrainCommand } from "./train_command.ts";

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

/** The work behind the commands, loaded when a command needs it: help and mistakes should not wait. */
const RUNNERS: Runners = {
  generate: async function* (...args) {
    yield* (await import("./run_generation.ts")).runGeneration(...args);
  },
  reconstruct: async (...args) => await (await import("./run_reconstruction.ts")).runReconstruction(...args),
  extend: async (...args) => await (await import("./run_extension.ts")).runExtension(...args),
  train: async (...args) => await (await import("./run_training.ts")).runTraining(...args),
  evaluate: async (...args) => await (await import("./run_evaluation.ts")).runEvaluation(...args),
  devices: async () => await (await import("../runtime/mod.ts")).listDevices(),
};

/** The program with all its commands. */
export function createProgram(): Command {
  const program = new Command("deno task")
    .description("NUWA-Infinity: pictures of any size, patch by patch.")
    .usage("COMMAND [options]")
    .helpCommand(false);
  const commands = [
    createDemoCommand(RUNNERS.generate),
    createGenerateCommand(RUNNERS.generate),
    createReconstructCommand(RUNNERS.reconstruct),
    createExtendCommand(RUNNERS.extend),
    createTrainCommand(RUNNERS.train),
    createEvaluateCommand(RUNNERS.evaluate),
    createRenderCommand(),
    createDevicesCommand(RUNNERS.devices),
    createLabCommand(async (options) => await (await import("../jupyter/mod.ts")).startServer(options)),
  ];
  for (const command of commands) program.addCommand(command);
  for (const command of [program, ...program.commands, ...program.commands.flatMap((c) => c.commands)]) {
    command.exitOverride().configureOutput({
      writeErr: printError,
      outputError: (text, write) => write(`${toOneLine(text)}\n`),
    });
  }
  return program;
}
