import { Command } from "commander";
import { addModelOptions, addPrecisionOption } from "./model_options.ts";
import { printFigures, printJson } from "./print.ts";
import { withProgress } from "./progress.ts";
import type { EvaluateRequest, Runners } from "./runners.ts";

/** Creates the command that measures a model on held-out data. */
export function createEvaluateCommand(evaluate: Runners["evaluate"]): Command {
  const command = new Command("evaluate").description(
    "Measure a model on held-out windows of the handscroll world.",
  );
  return addPrecisionOption(addModelOptions(command))
    .option("--json", "print one JSON object with the figures")
    .addHelpText("after", "\nExamples:\n  deno task evaluate --weights weights/handscroll --json")
    .action(async ({ json, ...request }: EvaluateRequest & { readonly json?: true }) => {
      const figures = await withProgress("evaluate", (tell) => evaluate(request, tell));
      if (json) printJson(figures);
      else printFigures(figures);
    });
}
