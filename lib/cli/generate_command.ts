import { Command } from "commander";
import { createHash } from "node:crypto";
import type { Picture } from "../core/mod.ts";
import { assertPictureWritable } from "../media/mod.ts";
import { addGenerateOptions, type GenerateOptions } from "./model_options.ts";
import { parseInteger } from "./option_parsers.ts";
import { printError, printJson, printLine, toOneLine } from "./print.ts";
import { withProgress } from "./progress.ts";
import type { Figures, GenerateRequest, Runners } from "./runners.ts";
import { writeGenerated } from "./write_generated.ts";

/** Creates the command that makes pictures from text. */
export function createGenerateCommand(generate: Runners["generate"]): Command {
  const command = new Command("generate").description("Generate a picture of any size from a text.");
  return addGenerateOptions(command, { text: "snowy peaks above a river, night", size: "1024x512" })
    .option("--num-samples <integer>", "pictures, with the seeds that follow", parseInteger(1, 10_000), 1)
    .option("--out <file>", "picture to write: .png, .jpg or .webp", "out.png")
    .addHelpText(
      "after",
      `
Examples:
  deno task generate --text "snowy peaks above a river, night" --size 1024x512 --seed 7 --out a.png
  deno task generate --text "spring willows" --size 4096x512 --guidance 3 --top-k 100 --out strip.png
  deno task generate --text "a pagoda at dusk" --num-samples 4 --json --out b.png   # b-1.png to b-4.png`,
    )
    .action((options: GenerateOptions & { readonly numSamples: number; readonly out: string }) => {
      const { numSamples, out, ...rest } = options;
      const outs = Array.from(
        { length: numSamples },
        (_, i) => numSamples === 1 ? out : numberPath(out, i + 1),
      );
      return generateFiles(generate, rest, outs);
    });
}

/** `a.png` as `a-3.png`. */
function numberPath(path: string, number: number): string {
  return path.replace(/(\.[^./]*)?$/, `-${number}$1`);
}

/**
 * Generates a picture for each path, with the seeds that follow, and prints the figures. All paths are checked
 * first; each picture is written as soon as it is there.
 */
export async function generateFiles(
  generate: Runners["generate"],
  { json, waves = true, ...options }: GenerateOptions,
  outs: readonly string[],
): Promise<void> {
  for (const out of outs) await assertPictureWritable(out, options.size);
  const request: GenerateRequest = { ...options, waves, numSamples: outs.length };
  const samples: Figures[] = [];
  await withProgress(`generate ${outs.length === 1 ? outs[0] : `${outs.length} pictures`}`, async (tell) => {
    for await (const generated of generate(request, tell)) {
      const out = outs[samples.length] ?? "";
      await writeGenerated(out, generated, { request, seed: request.seed + samples.length });
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
