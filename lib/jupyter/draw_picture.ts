import { Buffer } from "node:buffer";
import { createPicture, type Picture, type TokenGrid } from "../core/mod.ts";
import { encodePicture, resizePicture } from "../media/mod.ts";
import { createView, escapeHtml, type View } from "./view.ts";

/** How a picture is shown. */
export interface DrawPictureOptions {
  /** Under the picture, and for those who cannot see it. @default its size */
  readonly caption?: string;
  /** Pixels; larger pictures are shown smaller. @default 1024 */
  readonly maxSide?: number;
  /** Bytes of the encoded picture; beyond it JPEG takes the place of PNG, then it gets smaller. @default 700_000 */
  readonly maxBytes?: number;
  /** PNG is exact, JPEG is small. @default "png" */
  readonly format?: "png" | "jpeg";
}

/** Small pictures are shown with larger pixels, up to about so many. */
const SMALL = 256;

/** Draws a picture of any size within the limits of a notebook. */
export async function drawPicture(picture: Picture, options: DrawPictureOptions = {}): Promise<View> {
  const [height = 0, width = 0] = picture.shape;
  const { caption = `${width} x ${height} pixels` } = options;
  const { url, shown } = await encodeForScreen(picture, options);
  const zoom = Math.max(1, Math.floor(SMALL / Math.max(width, height)));
  const style = zoom > 1 ? "image-rendering:pixelated" : "max-width:100%;height:auto";
  const note = shown.width < width ? ` (shown at ${shown.width} x ${shown.height})` : "";
  const text = escapeHtml(caption + note);
  return createView(
    caption + note,
    `<figure style="margin:0"><img src="${url}" alt="${text}" width="${shown.width * zoom}" height="${
      shown.height * zoom
    }" style="${style}"><figcaption style="opacity:.75;font-size:90%">${text}</figcaption></figure>`,
  );
}

async function encodeForScreen(
  picture: Picture,
  { maxSide = 1024, maxBytes = 700_000, format = "png" }: DrawPictureOptions,
) {
  const [height = 0, width = 0] = picture.shape;
  let scale = Math.min(1, maxSide / Math.max(width, height)), chosen = format;
  for (;;) {
    const shown = {
      width: Math.max(1, Math.round(width * scale)),
      height: Math.max(1, Math.round(height * scale)),
    };
    const scaled = shown.width === width ? picture : await resizePicture(picture, shown);
    const bytes = await encodePicture(scaled, chosen);
    if (bytes.length <= maxBytes || shown.width * shown.height < 64) {
      return { shown, url: `data:image/${chosen};base64,${Buffer.from(bytes).toString("base64")}` };
    }
    if (chosen === "jpeg") scale *= 0.8;
    chosen = "jpeg";
  }
}

/** The greys of the chequered ground where no token is known. */
const GROUND = [0xd0, 0xe0] as const;

/** Draws a canvas of codes: a colour a code, chequered where nothing is known yet. */
export async function drawTokens(tokens: TokenGrid, options: DrawPictureOptions = {}): Promise<View> {
  const [h = 0, w = 0] = tokens.shape;
  const picture = createPicture(h, w);
  let numKnown = 0;
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const id = tokens.get(y, x);
      if (id >= 0) numKnown++;
      const grey = GROUND[(x + y) % 2] ?? 0;
      picture.data.set(id < 0 ? [grey, grey, grey] : colorOf(id), (y * w + x) * 3);
    }
  }
  const known = numKnown === h * w ? "all known" : `${numKnown} of ${h * w} known`;
  return await drawPicture(picture, { caption: `codes, ${w} x ${h} tokens, ${known}`, ...options });
}

/** Neighbouring codes get colours far apart: the golden angle around the circle of hues, in three lightnesses. */
function colorOf(id: number): readonly number[] {
  const hue = id * 137.508 / 60, lightness = 0.4 + 0.15 * (id % 3);
  return [0, 4, 2].map((shift) => {
    const wave = Math.abs((hue + shift) % 6 - 3) - 1;
    return Math.round(255 * (lightness + 0.5 * (Math.min(Math.max(wave, 0), 1) - 0.5)));
  });
}
