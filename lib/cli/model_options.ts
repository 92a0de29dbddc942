import { type Command, Option } from "commander";
import { type OrderName, parseOrderName } from "../direction/mod.ts";
import { parseExtent, parseInteger, parseNumber, parseSize, parseText } from "./option_parsers.ts";
import { DEFAULT_STEPS, LOCAL_DECODERS, SAMPLING } from "../steps/mod.ts";
import type { GenerateRequest } from "./runners.ts";

/** The weights that come with the project. */
export const DEFAULT_WEIGHTS = "weights/handscroll";

/** Adds `--weights` and `--device`. */
export function addModelOptions(command: Command): Command {
  return addDeviceOption(command.option("--weights <folder>", "the model", DEFAULT_WEIGHTS));
}

/** Adds `--device`. */
export function addDeviceOption(command: Command): Command {
  const device = new Option("--device <name>", "where to compute; deno task devices lists what works");
  return command.addOption(device.choices(["auto", "cpu", "cuda", "webgpu"]).default("auto"));
}

/** Adds `--precision`. */
export function addPrecisionOption(command: Command): Command {
  const precision = new Option(
    "--precision <name>",
    "of the transformer's weights: int8 and int4 are faster",
  );
  return command.addOption(precision.choices(["float32", "int8", "int4"]).default("float32"));
}

/** Adds everything that says what to generate and how; the values given are the defaults. */
export function addGenerateOptions(
  command: Command,
  { text, size, topK = 0 }: { readonly text: string; readonly size: string; readonly topK?: number },
): Command {
  addTextOption(command, text)
    .addOption(
      new Option("--size <WxH>", "size in pixels; larger and cropped where patches do not fit")
        .argParser(parseSize).default(parseSize(size), size),
    );
  return addDrawingOptions(command, { topK, order: "auto" });
}

/** Adds `--text`. */
export function addTextOption(command: Command, text: string): Command {
  return command.option("--text <prompt>", "what the picture is to show", parseText, text);
}

/** Adds everything that says how to generate, whatever it is; the values given are the defaults. */
export function addDrawingOptions(
  command: Command,
  { topK = 0, order }: { readonly topK?: number; readonly order?: OrderName } = {},
): Command {
  command
    .option("--seed <integer>", "which of all pictures", parseInteger(0, 2 ** 53 - 10_001), 7)
    .option("--order <name>", "order of the patches", parseOrderName, order)
    .option("--extent <W,H,F>", "reach of the context in patches (default: the weights')", parseExtent);
  addSamplingOptions(command, { topK });
  addLocalOptions(command);
  return addPrecisionOption(addModelOptions(command))
    .option("--waves", "fill independent patches together (default)")
    .option("--no-waves", "fill patches one by one; same picture")
    .option("--json", "print one JSON object with the figures");
}

/** Adds `--local` and `--steps`. */
export function addLocalOptions(command: Command): Command {
  const local = new Option(
    "--local <name>",
    "how a patch is drawn: token by token, in some steps, or all at once",
  );
  return command.addOption(local.choices(LOCAL_DECODERS).default("ar"))
    .option("--steps <integer>", `steps of p-nar (default: ${DEFAULT_STEPS})`, parseInteger(1));
}

/** Adds everything that says how tokens are drawn; the value given is the default. */
export function addSamplingOptions(
  command: Command,
  { topK = 0 }: { readonly topK?: number } = {},
): Command {
  return command
    .option("--temperature <number>", "below 1 sharper, above 1 wilder", parseNumber(0, 100), 1)
    .option("--top-k <integer>", "sample among so many codes; 0: all", parseInteger(0, 2 ** 20), topK)
    .option("--top-p <number>", "sample among codes of so much probability", parseNumber(0, 1), 1)
    .option("--guidance <number>", "how strongly the text steers; 1: no extra", parseNumber(0, 100), 2)
    .option(
      "--choice-temperature <number>",
      "of p-nar: 0 keeps the surest tokens first, more leaves it to chance; 4.5: the paper's",
      parseNumber(0, 1e6),
      SAMPLING.choiceTemperature,
    );
}

/** The options that {@link addGenerateOptions} adds, as parsed. */
export type GenerateOptions = Omit<GenerateRequest, "waves" | "numSamples"> & {
  readonly waves?: boolean;
  readonly json?: true;
};
