import { pictureFormatOf, writePicture } from "../media/mod.ts";
import type { GenerateRequest, PictureWithFigures } from "./runners.ts";
import { splitSampling } from "./split_sampling.ts";

/**
 * Writes a generated picture; a PNG carries its run, which `loadRun` gives back.
 *
 * @param seed The picture's own, of those that were asked for.
 */
export async function writeGenerated(
  path: string,
  { picture, figures, run }: PictureWithFigures,
  { request, seed }: { readonly request: GenerateRequest; readonly seed: number },
): Promise<void> {
  if (run === undefined || pictureFormatOf(path) !== "png") return await writePicture(path, picture);
  const { saveRun } = await import("../tasks/mod.ts"); // what made the picture has loaded it already
  const { sampling, rest: { text, size, precision, local, steps } } = splitSampling(request);
  const { weights_sha256: weightsSha256 } = figures;
  const settings = {
    ...size,
    text,
    seed,
    order: run.plan.orderName,
    extent: run.plan.extent,
    sampling,
    waves: true, // how the picture came about does not show in it, nor in its file
    ...(precision === "float32" ? {} : { precision }),
    ...(local === "ar" ? {} : { local }),
    ...(steps === undefined ? {} : { numSteps: steps }),
  };
  await saveRun(path, picture, {
    settings,
    numDone: run.plan.steps.length,
    tokens: run.tokens,
    ...(typeof weightsSha256 === "string" ? { weightsSha256 } : {}),
  });
}
