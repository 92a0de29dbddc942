import { Command } from "commander";
import { createHash } from "node:crypto";
import type { Picture } from "../core/mod.ts";
import { assertPictureWritable, readPicture, writePicture } from "../media/mod.ts";
import { addDrawingOptions, addTextOption } from "./model_options.ts";
import { MAX_PIXELS, parseInteger } from "./option_parsers.ts";
import { printError, printJson, printLine, toOneLine } from "./print.ts";
import { withProgress } from "./progress.ts";
import type { ExtendRequest, Runners } from "./runners.ts";

/** The options of `extend` as parsed. */
type ExtendOptions = Omit<ExtendRequest, "picture" | "waves"> & {
  readonly out: string;
  readonly waves?: boolean;
  readonly json?: true;
};

/** Creates the command that continues a picture beyond its edges. */
export function createExtendCommand(extend: Runners["extend"]): Command {
  const command = new Command("extend")
    .description("Continue a picture on any of its sides.")
    .argument("<picture>", "picture to read: PNG, JPEG, WebP, GIF, TIFF or AVIF");
  for (const [side, where] of [["left", "on the left"], ["top", "above"], ["right", "on the right"]]) {
    command.option(`--${side} <pixels>`, `pixels to add ${where}`, parseInteger(0, MAX_PIXELS), 0);
  }
  command.option("--bottom <pixels>", "pixels to add below", parseInteger(0, MAX_PIXELS), 0);
  addTextOption(command, "");
  return addDrawingOptions(command)
    .option("--out <file>", "picture to write: .png, .jpg or .webp", "out.png")
    .addHelpText(
      "after",
      `
Examples:
  deno task extend photo.jpg --right 512 --text "green hills above a river, summer" --out b.png
  deno task extend photo.jpg --left 256 --right 256 --top 128 --bottom 128 --out around.png
  deno task extend a.png --bottom 256 --guidance 3 --seed 8 --json --out c.png

The given picture is in the result as the tokenizer keeps it (see deno task reconstruct).`,
    )
    .action((path: string, options: ExtendOptions) => extendFile(extend, path, options));
}

async function extendFile(
  extend: Runners["extend"],
  path: string,
  { out, json, waves = true, ...options }: ExtendOptions,
): Promise<void> {
  const { left, top, right, bottom, text, seed } = options;
  if (left + top + right + bottom === 0) {
    throw new RangeError(
      "Cannot extend picture: one of --left, --top, --right and --bottom must be above 0, got none",
    );
  }
  const picture = await readPicture(path);
  const [H = 0, W = 0] = picture.shape;
  const size = { width: W + left + right, height: H + top + bottom };
  await assertPictureWritable(out, size);
  const result = await withProgress(
    `extend ${path}`,
    (tell) => extend({ ...options, picture, waves }, tell),
  );
  await writePicture(out, result.picture);
  const { warnings, seconds, tokens_per_second: speed, device } = result.figures;
  for (const warning of Array.isArray(warnings) ? warnings : []) {
    printError(`warning: ${toOneLine(String(warning))}\n`);
  }
  if (json) return printJson({ out, text, seed, ...size, ...result.figures, sha256: hash(result.picture) });
  printLine(
    `${out}: ${size.width}x${size.height}, ${Number(seconds).toFixed(1)} s, ` +
      `${Number(speed).toFixed(0)} tokens/s on ${device}`,
  );
}

/** Of the pixels, not of the file. */
function hash(picture: Picture): string {
  return createHash("sha256").update(picture.data).digest("hex");
}
