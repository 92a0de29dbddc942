import { createPicture, type Picture } from "../core/mod.ts";
import { createPlayer, toBase64 } from "../figures/mod.ts";
import { encodePicture, resizePicture, writeFileAside } from "../media/mod.ts";
import type { PictureWithFigures } from "./runners.ts";

/** The longer side of the picture in a player, in pixels: enough for a screen, and within what WebP holds. */
const MAX_SIDE = 4096;

/**
 * Writes a page that replays how a picture was made.
 *
 * @param path The .html file to create or replace.
 * @throws {TypeError} If the picture comes without its run.
 */
export async function writePlayer(
  path: string,
  { picture, figures, run }: PictureWithFigures,
  { text, seed }: { readonly text: string; readonly seed: number },
): Promise<void> {
  if (run === undefined) {
    throw new TypeError(`Cannot write player at ${path}: picture must come with its run`);
  }
  const whole = await shrinkToScreen(coverCanvas(picture, run));
  const url = `data:image/webp;base64,${toBase64(await encodePicture(whole, "webp"))}`;
  const details = [`seed ${seed}`, `${Number(figures.seconds).toFixed(1)} s on ${figures.device}`];
  await writeFileAside(
    path,
    new TextEncoder().encode(createPlayer({ ...run, pictures: [url], text, details })),
  );
}

/** A picture that was cropped on the canvas that it was cropped from; what was cut off is grey. */
function coverCanvas(picture: Picture, run: NonNullable<PictureWithFigures["run"]>): Picture {
  const [height = 1, width = 1] = picture.shape, { rows, columns } = run.plan.grid, side = run.patchPixels;
  if (height === rows * side && width === columns * side) return picture;
  const canvas = createPicture(rows * side, columns * side);
  canvas.data.fill(128);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) canvas.set(y, x, c, picture.get(y, x, c));
    }
  }
  return canvas;
}

async function shrinkToScreen(picture: Picture): Promise<Picture> {
  const [height = 1, width = 1] = picture.shape, factor = MAX_SIDE / Math.max(height, width);
  if (factor >= 1) return picture;
  const size = (side: number) => Math.max(1, Math.round(side * factor));
  return await resizePicture(picture, { width: size(width), height: size(height) });
}
