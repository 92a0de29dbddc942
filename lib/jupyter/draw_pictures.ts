import type { Picture } from "../core/mod.ts";
import { drawPicture, type DrawPictureOptions } from "./draw_picture.ts";
import { createView, type View } from "./view.ts";

/** What {@link drawPictures} takes besides the pictures. */
export interface DrawPicturesOptions extends Pick<DrawPictureOptions, "format" | "maxSide"> {
  /** The most bytes of all pictures together, encoded. @default 700_000 */
  readonly maxBytes?: number;
}

/**
 * Draws pictures side by side, each over its caption; as many in a row as there is room for.
 *
 * @param pictures By their captions.
 * @throws {RangeError} If there is no picture.
 *
 * @example Usage
 * ```ts
 * import { createPicture, drawPictures } from "nuwa-infinity";
 * const view = await drawPictures({ before: createPicture(64, 64), after: createPicture(64, 64) });
 * console.log(view.text); // before, after
 * ```
 */
export async function drawPictures(
  pictures: Readonly<Record<string, Picture>>,
  { maxBytes = 700_000, ...options }: DrawPicturesOptions = {},
): Promise<View> {
  const all = Object.entries(pictures);
  if (all.length === 0) throw new RangeError("Cannot draw pictures: pictures must number at least 1, got 0");
  const views = await Promise.all(
    all.map(([caption, picture]) =>
      drawPicture(picture, { ...options, caption, maxBytes: maxBytes / all.length })
    ),
  );
  const cells = views.map(({ html }) => `<div>${html}</div>`);
  return createView(
    views.map(({ text }) => text).join(", "),
    `<div style="display:flex;flex-wrap:wrap;gap:12px">${cells.join("")}</div>`,
  );
}
