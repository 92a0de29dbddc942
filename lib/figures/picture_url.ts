import { createCanvas } from "@napi-rs/canvas";
import { createPicture, type Picture } from "../core/mod.ts";

/** A picture: pixels, or a data URL of any format that browsers show. */
export type PictureSource = Picture | string;

/** How {@link pictureUrl} prepares pixels; a data URL is taken as it is. */
export interface PictureUrlOptions {
  /** The longer side at most, in pixels; larger pictures are averaged down by a whole factor. @default 512 */
  readonly maxSide?: number;
  /** `muted` is grey and dim, for colours on top to stand out. @default "plain" */
  readonly tone?: "plain" | "muted";
}

/**
 * A picture as a data URL that a figure can carry: exact if it is small, as JPEG if it is larger.
 *
 * @throws {TypeError} If a picture does not have shape `[H, W, 3]`, or a text is not a data URL of a picture.
 */
export function pictureUrl(source: PictureSource, options: PictureUrlOptions = {}): string {
  if (typeof source === "string") {
    if (source.startsWith("data:image/")) return source;
    throw new TypeError(
      `Cannot embed picture: a text must be a data URL of an image, got ${
        JSON.stringify(source.slice(0, 40))
      }`,
    );
  }
  const { maxSide = 512, tone = "plain" } = options;
  const [height = 0, width = 0, channels = 0] = source.shape;
  if (source.shape.length !== 3 || channels !== 3 || height < 1 || width < 1) {
    throw new TypeError(
      `Cannot embed picture: picture must have shape [H, W, 3], got [${source.shape.join(", ")}]`,
    );
  }
  const small = shrink(source, Math.max(1, Math.ceil(Math.max(height, width) / maxSide)));
  if (tone === "muted") mute(small.data);
  return encodeUrl(small);
}

/** The most pixels that are kept exactly: tiles and icons. Larger pictures take a tenth of the room as JPEG. */
const MAX_EXACT_PIXELS = 64 * 64;

/** The data URL of a PNG or JPEG, at once: builders of figures are no promises. */
function encodeUrl({ shape: [h = 0, w = 0], data }: Picture): string {
  const canvas = createCanvas(w, h), context = canvas.getContext("2d");
  const image = context.createImageData(w, h);
  for (let pixel = 0; pixel < h * w; pixel++) {
    image.data.set(data.subarray(3 * pixel, 3 * pixel + 3), 4 * pixel);
    image.data[4 * pixel + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  return h * w <= MAX_EXACT_PIXELS ? canvas.toDataURL("image/png") : canvas.toDataURL("image/jpeg", 0.9);
}

/** Averages blocks of `factor` x `factor` pixels; always a copy, without gaps. */
function shrink(picture: Picture, factor: number): Picture {
  const [height = 0, width = 0] = picture.shape;
  const h = Math.max(1, Math.floor(height / factor)), w = Math.max(1, Math.floor(width / factor));
  const small = createPicture(h, w);
  let at = 0;
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      for (let c = 0; c < 3; c++) small.data[at++] = averageBlock(picture, y, x, c, factor);
    }
  }
  return small;
}

function averageBlock(picture: Picture, y: number, x: number, channel: number, factor: number): number {
  const [height = 0, width = 0] = picture.shape;
  let sum = 0, count = 0;
  for (let i = y * factor; i < Math.min(height, (y + 1) * factor); i++) {
    for (let j = x * factor; j < Math.min(width, (x + 1) * factor); j++) {
      sum += picture.get(i, j, channel);
      count++;
    }
  }
  return Math.round(sum / Math.max(1, count));
}

/** Grey, with two thirds of the contrast, towards the dark. */
function mute(pixels: Uint8Array): void {
  for (let i = 0; i < pixels.length; i += 3) {
    const grey = 0.299 * (pixels[i] ?? 0) + 0.587 * (pixels[i + 1] ?? 0) + 0.114 * (pixels[i + 2] ?? 0);
    pixels.fill(Math.round(18 + grey * 0.62), i, i + 3);
  }
}

/** Bytes as base64. */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  }
  return btoa(text);
}
