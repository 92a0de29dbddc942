import { Command } from "commander";
import { assertPictureWritable, readPicture, writePicture } from "../media/mod.ts";
import { psnr, ssim } from "../metrics/mod.ts";
import { addModelOptions } from "./model_options.ts";
import { printJson, printLine } from "./print.ts";
import { withProgress } from "./progress.ts";
import type { ReconstructRequest, Runners } from "./runners.ts";

/** The options of `reconstruct` as parsed. */
interface ReconstructOptions extends Omit<ReconstructRequest, "picture"> {
  readonly out: string;
  readonly json?: true;
}

/** Creates the command that shows what the tokenizer keeps of a picture. */
export function createReconstructCommand(reconstruct: Runners["reconstruct"]): Command {
  const command = new Command("reconstruct")
    .description("Turn a picture into codes and back; prints PSNR, SSIM and the codes used.")
    .argument("<picture>", "picture to read: PNG, JPEG, WebP, GIF, TIFF or AVIF");
  return addModelOptions(command)
    .option("--out <file>", "picture to write: .png, .jpg or .webp", "out.png")
    .option("--json", "print one JSON object with the figures")
    .addHelpText("after", "\nExamples:\n  deno task reconstruct photo.jpg --out b.png")
    .action(async (path: string, { out, json, ...options }: ReconstructOptions) => {
      const picture = await readPicture(path);
      const [height = 0, width = 0] = picture.shape;
      await assertPictureWritable(out, { width, height });
      const request = { ...options, picture };
      const result = await withProgress("reconstruct", (tell) => reconstruct(request, tell));
      await writePicture(out, result.picture);
      const quality = { psnr: psnr(picture, result.picture), ssim: ssim(picture, result.picture) };
      const figures = { out, width, height, ...quality, ...result.figures };
      if (json) return printJson(figures);
      const { codes_used: used, codebook_size: size } = result.figures;
      printLine(
        `${out}: ${width}x${height}, PSNR ${quality.psnr.toFixed(2)} dB, SSIM ${quality.ssim.toFixed(4)}, ` +
          `${used} of ${size} codes used`,
      );
    });
}
