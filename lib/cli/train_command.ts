import { Argument, Command } from "commander";
import { assertWritable, createFileError, FileError } from "../media/mod.ts";
import { addDeviceOption } from "./model_options.ts";
import { parseNumber } from "./option_parsers.ts";
import { printFigures } from "./print.ts";
import { withProgress } from "./progress.ts";
import type { Runners, TrainRequest } from "./runners.ts";

/** The options of `train` as parsed. */
interface TrainOptions extends Omit<TrainRequest, "part" | "config" | "configPath" | "resume"> {
  readonly config: string;
  readonly resume?: true;
}

/** Creates the command that trains a part of a model. */
export function createTrainCommand(train: Runners["train"]): Command {
  const command = new Command("train")
    .description("Train a tokenizer, or a patch transformer on top of one; stop and go on at any time.")
    .addArgument(new Argument("<part>", "what to train").choices(["tokenizer", "transformer"]))
    .requiredOption("--config <file>", "JSON file with the sizes and the recipe")
    .requiredOption("--out <folder>", "folder for checkpoints, the loss curve and the weights")
    .option("--data <source>", "handscroll, or a folder of pictures with captions", "handscroll")
    .option("--resume", "go on from the last checkpoint in --out")
    .option("--minutes <number>", "stop after so long (default: as the config says)", parseNumber(0, 1e6));
  return addDeviceOption(command)
    .addHelpText(
      "after",
      `
Examples:
  deno task train tokenizer --config tokenizer.json --out runs/tokenizer --minutes 60
  deno task train tokenizer --config tokenizer.json --out runs/tokenizer --resume
  deno task train transformer --config transformer.json --out runs/model --data my-pictures`,
    )
    .action(async (part: TrainRequest["part"], options: TrainOptions) => {
      const { config: configPath, resume = false, ...rest } = options;
      const out = rest.out.replace(/(?<=.)\/+$/, "");
      const request = { ...rest, out, part, resume, configPath, config: await readJson(configPath) };
      if (request.data !== "handscroll") await assertFolder("train on data", request.data);
      await assertRunFolder(request.out, resume);
      printFigures(await withProgress(`train ${part}`, (tell) => train(request, tell)));
    });
}

async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    throw createFileError("read config", path, error);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    throw new SyntaxError(`Cannot read config at ${path}: content must be JSON, got an error: ${reason}`);
  }
}

async function assertFolder(doing: string, path: string): Promise<void> {
  try {
    if ((await Deno.stat(path)).isDirectory) return;
  } catch (error) {
    throw createFileError(doing, path, error);
  }
  throw new FileError(`Cannot ${doing} at ${path}: path must name a folder, got a file`, path);
}

/** Checks that a run can have this folder; one that holds files is only for `--resume`. */
async function assertRunFolder(path: string, resume: boolean): Promise<void> {
  if (resume) return await assertFolder("resume training", path);
  const info = await Deno.stat(path).catch(() => undefined);
  if (info === undefined) return await assertWritable(path);
  await assertFolder("train", path);
  for await (const { name } of Deno.readDir(path)) {
    throw new FileError(
      `Cannot train at ${path}: folder must be empty unless --resume is given, got one with ${name}`,
      path,
    );
  }
}
