import { Command, Option } from "commander";
import { assertPictureWritable, writePicture } from "../media/mod.ts";
import { addLocalOptions, addModelOptions, addPrecisionOption, addSamplingOptions } from "./model_options.ts";
import { parseInteger } from "./option_parsers.ts";
import { printFigures, printJson } from "./print.ts";
import { withProgress } from "./progress.ts";
import type { EvaluateRequest, Runners } from "./runners.ts";

/** The options of `evaluate` as parsed. */
type EvaluateOptions = Omit<EvaluateRequest, "wide"> & {
  /** Where to write the wide picture. */
  readonly wide?: string;
  readonly json?: true;
};

/** Creates the command that measures a model on held-out data. */
export function createEvaluateCommand(evaluate: Runners["evaluate"]): Command {
  const command = new Command("evaluate").description(
    "Measure a model on held-out windows of the handscroll world.",
  );
  addPrecisionOption(addModelOptions(command))
    .option(
      "--captions <N>",
      "also generate N pictures from captions; a classifier tells their season and hour",
      parseInteger(0, 100_000),
      0,
    )
    .addOption(
      new Option("--wide [file]", "also generate and write a wide picture; measure its seams and drift")
        .preset("wide.png"),
    );
  return addLocalOptions(addSamplingOptions(command))
    .option("--json", "print one JSON object with the figures")
    .addHelpText(
      "after",
      `
Examples:
  deno task evaluate --weights weights/handscroll --json
  deno task evaluate --captions 200          # are captions obeyed?
  deno task evaluate --wide out/wide.png     # a picture 8 times as wide as a training canvas

Figures of --captions: captions_* of generated pictures; reconstructed_* and original_* of true windows with the same
captions, with and without the tokenizer. Confusions have a row for each true class and a column for what it was taken
for: spring, summer, autumn, winter; day, dusk, night. captions_token_divergence: how far the codes of the generated are from
those of the windows, Jensen-Shannon, in bits.
Figures of --wide: wide_* of the picture; original_* and reconstructed_* of true windows of its size, season and hour.
Seams are 1 where there is none; control_* is the same in the middle of patches; drift_* is a slope a patch, of 255.`,
    )
    .action((options: EvaluateOptions) => evaluateAndPrint(evaluate, options));
}

async function evaluateAndPrint(
  evaluate: Runners["evaluate"],
  { json, wide: out, ...options }: EvaluateOptions,
): Promise<void> {
  if (out !== undefined) await assertPictureWritable(out, { width: 2048, height: 512 });
  const request = { ...options, wide: out !== undefined };
  const { figures, picture } = await withProgress("evaluate", (tell) => evaluate(request, tell));
  if (out !== undefined && picture !== undefined) await writePicture(out, picture);
  if (json) printJson(figures);
  else printFigures(figures);
}
