import { Buffer } from "node:buffer";
import type { Picture } from "../core/mod.ts";
import { type ClipOptions, encodeClip, resizePicture } from "../media/mod.ts";
import type { DrawPictureOptions } from "./draw_picture.ts";
import { createView, escapeHtml, type View } from "./view.ts";

/** How a clip is shown. */
export interface DrawClipOptions
  extends Pick<ClipOptions, "framesPerSecond">, Omit<DrawPictureOptions, "format"> {}

/**
 * Draws a clip that plays over and over, without scripts; it gets smaller until it fits a notebook.
 *
 * @param frames Pictures `[H, W, 3]` of one size.
 * @throws {TypeError} If a frame is no picture, or of another size than the first.
 * @throws {RangeError} If there is no frame, or frames are not from 1 to 50 a second.
 *
 * @example Usage
 * ```ts
 * import { drawClip, renderWindow } from "nuwa-infinity";
 * const river = [0, 1, 2].map((time) => renderWindow({ seed: 1 }, { x: 0, y: 384, width: 128, height: 128, time }));
 * console.log((await drawClip(river, { framesPerSecond: 2 })).text); // 3 frames, 128 x 128 pixels
 * ```
 */
export async function drawClip(
  frames: readonly Picture[],
  { maxSide = 640, maxBytes = 700_000, caption, framesPerSecond = 12 }: DrawClipOptions = {},
): Promise<View> {
  const [height = 0, width = 0] = frames[0]?.shape ?? [];
  const text = caption ?? `${frames.length} frames, ${width} x ${height} pixels`;
  for (let scale = Math.min(1, maxSide / Math.max(width, height));; scale *= 0.8) {
    const size = {
      width: Math.max(1, Math.round(width * scale)),
      height: Math.max(1, Math.round(height * scale)),
    };
    const shown = scale < 1 ? await Promise.all(frames.map((frame) => resizePicture(frame, size))) : frames;
    const bytes = await encodeClip(shown, { framesPerSecond });
    if (bytes.length > maxBytes && size.width * size.height > 64) continue;
    const note = escapeHtml(scale < 1 ? `${text} (shown at ${size.width} x ${size.height})` : text);
    const url = `data:image/webp;base64,${Buffer.from(bytes).toString("base64")}`;
    return createView(
      text,
      `<figure style="margin:0"><img src="${url}" alt="${note}" width="${size.width}" height="${size.height}" ` +
        `style="max-width:100%;height:auto"><figcaption style="opacity:.75;font-size:90%">${note}</figcaption></figure>`,
    );
  }
}
