import { Command } from "commander";
import type { LocalServer } from "../jupyter/mod.ts";
import { parseInteger } from "./option_parsers.ts";
import { printLine } from "./print.ts";

/** Starts a Jupyter server that shows a folder, at a port if it is free. */
export type StartLab = (options: { readonly folder: string; readonly port: number }) => Promise<LocalServer>;

/** Creates the command that opens the notebooks. */
export function createLabCommand(start: StartLab): Command {
  return new Command("lab")
    .description(
      "Open the notebooks in JupyterLab, Notebook or a bare Jupyter server, whichever is installed.",
    )
    .option(
      "--port <integer>",
      "where to listen, on this machine only; another one if it is taken",
      parseInteger(1, 65535),
      8888,
    )
    .option("--folder <folder>", "what to open", "notebooks")
    .addHelpText("after", "\nExamples:\n  deno task lab\n  deno task lab --port 9000 --folder my-notebooks")
    .action(async ({ folder, port }: { readonly folder: string; readonly port: number }) => {
      await Deno.mkdir(folder, { recursive: true });
      await using server = await start({ folder, port });
      printLine(
        `${server.program} shows ${folder}, with the Deno kernel of this project. Open ${server.page}`,
      );
      if (server.page === server.url) {
        printLine(
          `It has no pages of its own. Give this address to an editor (VS Code: "Select Kernel", "Existing Jupyter Server"):`,
        );
        printLine(`${server.url}?token=${server.token}`);
        printLine("For pages in the browser: pip install jupyterlab");
      }
      printLine("Stop it with Ctrl-C.");
      await untilStopped(server);
    });
}

/** Waits for Ctrl-C, or for the server to end by itself. */
async function untilStopped({ ended }: LocalServer): Promise<void> {
  const { promise: stopped, resolve } = Promise.withResolvers<void>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, resolve);
  await Promise.race([stopped, ended]);
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.removeSignalListener(signal, resolve);
}
