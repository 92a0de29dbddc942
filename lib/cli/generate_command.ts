import { Command } from "commander";
import { createHash } from "node:crypto";
import type { Picture } from "../core/mod.ts";
import { assertPictureWritable, assertWritable } from "../media/mod.ts";
import { addGenerateOptions, type GenerateOptions } from "./model_options.ts";
import { parseInteger } from "./option_parsers.ts";
import { printError, printJson, printLine, toOneLine } from "./print.ts";
import { withProgress } from "./progress.ts";
import type { Figures, GenerateRequest, Runners } from "./runners.ts";
import { writeGenerated } from "./write_generated.ts";
import { writePlayer } from "./write_player.ts";

/** Creates the command that makes pictures from text. */
export function createGenerateCommand(generate: Runners["generate"]): Command {
  const command = new Command("generate").description("Generate a picture of any size from a text.");
  return addGenerateOptions(command, { text: "snowy peaks above a river, night", size: "1024x512" })
    .option("--num-samples <integer>", "pictures, with the seeds that follow", parseInteger(1, 10_000), 1)
    .option("--out <file>", "picture to write: .png, .jpg or .webp", "out.png")
    .option(
      "--player <file>",
      ".html page to write: it replays the picture and, for --local ar, shows where the model looked",
    )
    .addHelpText(
      "after",
      `
Examples:
  deno task generate --text "snowy peaks above a river, night" --size 1024x512 --seed 7 --out a.png
  deno task generate --text "spring willows" --size 4096x512 --guidance 3 --top-k 100 --out strip.png
  deno task generate --text "a pagoda at dusk" --out c.png --player c.html
  deno task generate --text "a pagoda at dusk" --num-samples 4 --json --out b.png   # b-1.png to b-4.png`,
    )
    .action((options: GenerateOptions & Files & { readonly numSamples: number }) => {
      const { numSamples, out, player, ...rest } = options;
      const files = Array.from({ length: numSamples }, (_, i): Files => {
        const path = (path: string) => numSamples === 1 ? path : numberPath(path, i + 1);
        return { out: path(out), ...(player === undefined ? {} : { player: path(player) }) };
      });
      return generateFiles(generate, rest, files);
    });
}

/** What is written of a picture. */
export interface Files {
  /** The picture. */
  readonly out: string;
  /** A page that replays it. */
  readonly player?: string;
}

/** `a.png` as `a-3.png`. */
function numberPath(path: string, number: number): string {
  return path.replace(/(\.[^./]*)?$/, `-${number}$1`);
}

/**
 * Generates a picture for each of the files, with the seeds that follow, and prints the figures. All paths are checked
 * first; each picture is written as soon as it is there.
 */
export async function generateFiles(
  generate: Runners["generate"],
  { json, waves = true, ...options }: GenerateOptions,
  files: readonly Files[],
): Promise<void> {
  for (const { out, player } of files) {
    await assertPictureWritable(out, options.size);
    if (player !== undefined) await assertWritable(player);
  }
  const hasPlayer = files.some(({ player }) => player !== undefined);
  const request: GenerateRequest = {
    ...options,
    waves,
    numSamples: files.length,
    ...(hasPlayer && options.local === "ar" ? { inspects: true } : {}), // the others do not go token by token
  };
  const samples: Figures[] = [];
  const what = files.length === 1 ? files[0]?.out : `${files.length} pictures`;
  await withProgress(`generate ${what}`, async (tell) => {
    for await (const generated of generate(request, tell)) {
      const { out = "", player } = files[samples.length] ?? {}, seed = request.seed + samples.length;
      await writeGenerated(out, generated, { request, seed });
      if (player !== undefined) await writePlayer(player, generated, { text: request.text, seed });
      const { picture, figures } = generated;
      samples.push({ ...nameSample(request, out, samples.length), ...figures, sha256: hash(picture) });
    }
  });
  const warnings = new Set(samples.flatMap(({ warnings }) => Array.isArray(warnings) ? warnings : []));
  for (const warning of warnings) printError(`warning: ${toOneLine(String(warning))}\n`);
  if (json) return printJson(samples.length === 1 ? { ...samples[0] } : { ...sumUp(samples), samples });
  for (const sample of samples) printLine(describe(sample));
}

/** What was asked for, of one picture. */
function nameSample({ text, seed, size }: GenerateRequest, out: string, index: number): Figures {
  return { out, text, seed: seed + index, width: size.width, height: size.height };
}

/** The figures of all pictures together. */
function sumUp(samples: readonly Figures[]): Figures {
  const sum = (name: string) => samples.reduce((total, figures) => total + Number(figures[name]), 0);
  const seconds = sum("seconds"), tokens = sum("tokens");
  return { seconds, tokens, tokens_per_second: tokens / seconds };
}

/** Of the pixels, not of the file. */
function hash(picture: Picture): string {
  return createHash("sha256").update(picture.data).digest("hex");
}

function describe({ out, width, height, seconds, tokens_per_second: speed, device }: Figures): string {
  return `${out}: ${width}x${height}, ${Number(seconds).toFixed(1)} s, ${
    Number(speed).toFixed(0)
  } tokens/s on ${device}`;
}
