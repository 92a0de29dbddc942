import sharp from "sharp";
import { createPicture, type Picture } from "../core/mod.ts";

/** A rectangle of a picture, in pixels from the top left. */
export interface PixelWindow {
  /** Pixels from the left edge. */
  readonly x: number;
  /** Pixels from the top edge. */
  readonly y: number;
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

/** Throws a TypeError unless `picture` holds bytes of shape `[H, W, 3]`, H and W at least 1. */
export function assertPicture(doing: string, picture: Picture): void {
  const { shape, data } = picture;
  const [height = 0, width = 0, channels = 0] = shape;
  if (shape.length === 3 && height >= 1 && width >= 1 && channels === 3 && data instanceof Uint8Array) return;
  throw new TypeError(`Cannot ${doing}: picture must have shape [H, W, 3], got ${picture.dtype}[${shape}]`);
}

/** The pixels row after row without gaps, whatever the strides; a copy only if one is needed. */
export function contiguousPixels(picture: Picture): Uint8Array {
  const [height = 0, width = 0] = picture.shape;
  const [rowStride, columnStride, channelStride] = picture.stride;
  const rowsAreWhole = columnStride === 3 && channelStride === 1;
  if (rowsAreWhole && rowStride === width * 3) {
    return picture.data.subarray(picture.offset, picture.offset + height * width * 3);
  }
  const pixels = new Uint8Array(height * width * 3);
  for (let y = 0; y < height; y++) {
    const row = y * width * 3;
    if (rowsAreWhole) {
      const start = picture.index(y, 0, 0);
      pixels.set(picture.data.subarray(start, start + width * 3), row);
      continue;
    }
    for (let i = 0; i < width * 3; i++) pixels[row + i] = picture.get(y, Math.floor(i / 3), i % 3);
  }
  return pixels;
}

/**
 * Copies a window out of a picture.
 *
 * @throws {RangeError} If the window does not lie inside the picture.
 */
export function cropPicture(picture: Picture, window: PixelWindow): Picture {
  assertPicture("crop picture", picture);
  const { x, y, width, height } = window;
  const [rows = 0, columns = 0] = picture.shape;
  const whole = [x, y, width, height].every(Number.isInteger);
  if (!whole || x < 0 || y < 0 || width < 1 || height < 1 || x + width > columns || y + height > rows) {
    throw new RangeError(
      `Cannot crop picture: window must lie inside ${columns}x${rows}, got ${width}x${height}+${x}+${y}`,
    );
  }
  const pixels = contiguousPixels(picture.lo(y, x, 0).hi(height, width, 3));
  return createPicture(height, width, pixels.buffer === picture.data.buffer ? pixels.slice() : pixels);
}

/**
 * Resamples a picture with a Lanczos kernel; the aspect ratio is the caller's.
 *
 * @throws {RangeError} If a side of `size` is not a positive integer.
 */
export async function resizePicture(
  picture: Picture,
  size: { readonly width: number; readonly height: number },
): Promise<Picture> {
  assertPicture("resize picture", picture);
  const { width, height } = size;
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
    throw new RangeError(`Cannot resize picture: sides must be positive integers, got ${width}x${height}`);
  }
  const [rows = 0, columns = 0] = picture.shape;
  const raw = { width: columns, height: rows, channels: 3 } as const;
  const data = await sharp(contiguousPixels(picture), { raw, limitInputPixels: false })
    .resize(width, height, { fit: "fill", kernel: "lanczos3" }).removeAlpha().raw().toBuffer();
  return createPicture(height, width, new Uint8Array(data));
}
