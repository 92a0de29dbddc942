import sharp from "sharp";
import type { Picture } from "../core/mod.ts";
import { assertPicture, contiguousPixels } from "./picture_geometry.ts";
import { assertWritable, writeFileAside } from "./write_file_aside.ts";

/** The file formats that {@link writePicture} writes, by extension. */
export type PictureFormat = "png" | "jpeg" | "webp";

const EXTENSIONS: Readonly<Record<string, PictureFormat>> = {
  ".png": "png",
  ".jpg": "jpeg",
  ".jpeg": "jpeg",
  ".webp": "webp",
};

/**
 * The format that a file name asks for.
 *
 * @throws {RangeError} If the extension is none of .png, .jpg, .jpeg, .webp.
 */
export function pictureFormatOf(path: string): PictureFormat {
  const extension = /\.[^./]*$/.exec(path)?.[0].toLowerCase() ?? "";
  const format = EXTENSIONS[extension];
  if (format === undefined) {
    throw new RangeError(
      `Cannot write picture at ${path}: extension must be .png, .jpg, .jpeg or .webp, got ${
        extension || "none"
      }`,
    );
  }
  return format;
}

/**
 * Writes a picture as PNG (exact), JPEG or WebP (quality 92), by extension; whole or not at all.
 *
 * @param path The file to create or replace.
 * @param picture Pixels, shape `[H, W, 3]`.
 * @throws {RangeError} If the extension is unknown or the format cannot hold the size.
 * @throws {TypeError} If `picture` is not a picture.
 * @throws {FileError} If the file cannot be written.
 */
export async function writePicture(path: string, picture: Picture): Promise<void> {
  await writeFileAside(path, await encodePicture(picture, pictureFormatOf(path)));
}

/**
 * Checks that {@link writePicture} will be able to write a picture of this size, before work starts that would
 * be lost if not.
 *
 * @throws {RangeError} If the extension is unknown or the format cannot hold the size.
 * @throws {FileError} If the folder is missing or read-only.
 */
export async function assertPictureWritable(
  path: string,
  size: { readonly width: number; readonly height: number },
): Promise<void> {
  assertFits(pictureFormatOf(path), size);
  await assertWritable(path);
}

/** The largest side that a format can hold, in pixels. */
const MAX_SIDE: Readonly<Record<PictureFormat, number>> = { png: 2 ** 31 - 1, jpeg: 65535, webp: 16383 };

/** A picture as the bytes of a file. */
export async function encodePicture(picture: Picture, format: PictureFormat): Promise<Uint8Array> {
  assertPicture("encode picture", picture);
  const [height = 0, width = 0] = picture.shape;
  assertFits(format, { width, height });
  const image = sharp(contiguousPixels(picture), {
    raw: { width, height, channels: 3 },
    limitInputPixels: false,
  });
  const options = { png: { compressionLevel: 6 }, jpeg: { quality: 92 }, webp: { quality: 92 } }[format];
  return new Uint8Array(await image.toFormat(format, options).toBuffer());
}

function assertFits(
  format: PictureFormat,
  { width, height }: { readonly width: number; readonly height: number },
): void {
  if (Math.max(height, width) <= MAX_SIDE[format]) return;
  throw new RangeError(
    `Cannot encode picture: sides must be at most ${MAX_SIDE[format]} for ${format}, got ${width}x${height}`,
  );
}
