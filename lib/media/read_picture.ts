import sharp, { type Metadata } from "sharp";
import { Buffer } from "node:buffer";
import { createPicture, type Picture } from "../core/mod.ts";
import { createFileError, FileError } from "./file_error.ts";

/** The most pixels that {@link readPicture} decodes: 8192 x 8192. */
export const MAX_PICTURE_PIXELS = 2 ** 26;
/** The largest file that {@link readPicture} opens, in bytes. */
export const MAX_PICTURE_BYTES = 2 ** 29;

const FORMATS: readonly string[] = ["png", "jpeg", "webp", "gif", "tiff", "heif"];

/**
 * Reads a picture file as 8-bit sRGB: turned upright by its EXIF tag, transparency laid over white, the first
 * frame if there are several. The size is checked before anything is decoded.
 *
 * @param path A PNG, JPEG, WebP, GIF, TIFF or AVIF file.
 * @returns The pixels, shape `[H, W, 3]`.
 * @throws {FileError} If the file is missing, unreadable or not a plain file.
 * @throws {SyntaxError} If its content is not a whole picture.
 * @throws {RangeError} If the picture is too large.
 */
export async function readPicture(path: string): Promise<Picture> {
  return await decodePicture(await readBytes(path), path);
}

/**
 * Decodes the bytes of a picture file, as {@link readPicture}.
 *
 * @param path What to call it in errors.
 */
export async function decodePicture(bytes: Uint8Array, path: string): Promise<Picture> {
  const refuse = (need: string, got: string) =>
    new SyntaxError(`Cannot read picture at ${path}: content must be ${need}, got ${got}`);
  let header: Metadata;
  try {
    header = await sharp(bytes, { limitInputPixels: false }).metadata();
  } catch (error) {
    throw refuse("a picture", bytes.length === 0 ? "an empty file" : reason(error));
  }
  const { width, height, format } = header;
  if (!FORMATS.includes(format)) throw refuse("PNG, JPEG, WebP, GIF, TIFF or AVIF", format);
  if (width * height > MAX_PICTURE_PIXELS) {
    throw new RangeError(
      `Cannot read picture at ${path}: size must be at most ${MAX_PICTURE_PIXELS} pixels, got ${width}x${height}`,
    );
  }
  try {
    return await decode(bytes);
  } catch (error) {
    throw refuse("a whole picture", reason(error));
  }
}

async function decode(bytes: Uint8Array): Promise<Picture> {
  const { data, info } = await sharp(bytes, { limitInputPixels: MAX_PICTURE_PIXELS, failOn: "warning" })
    .autoOrient().flatten({ background: "white" }).toColourspace("srgb").removeAlpha()
    .raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
  return createPicture(info.height, info.width, new Uint8Array(data.buffer, data.byteOffset, data.length));
}

/** Reads through Deno, not through sharp, so that Deno's read permission holds. */
async function readBytes(path: string): Promise<Buffer> {
  try {
    const { isFile, isDirectory, size } = await Deno.stat(path);
    if (!isFile) {
      const kind = isDirectory ? "a folder" : "a device";
      throw new FileError(`Cannot read picture at ${path}: path must name a file, got ${kind}`, path);
    }
    if (size > MAX_PICTURE_BYTES) {
      throw new RangeError(
        `Cannot read picture at ${path}: file must have at most ${MAX_PICTURE_BYTES} bytes, got ${size}`,
      );
    }
    return Buffer.from((await Deno.readFile(path)).buffer);
  } catch (error) {
    if (error instanceof FileError || error instanceof RangeError) throw error;
    throw createFileError("read picture", path, error);
  }
}

/** What the decoder said, in one line. */
function reason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim().replaceAll(/\s*\n\s*/g, "; ");
}
