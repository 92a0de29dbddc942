import { ssim as compareImages } from "ssim.js";
import type { Picture } from "../core/mod.ts";
import { assertSameShape } from "./_assert_same_shape.ts";

/** The side of the window in which local statistics are taken, in pixels. */
const WINDOW_SIZE = 11;

/**
 * Mean structural similarity of the grey values, at full resolution, with a window of 11 x 11 pixels; 1 if equal.
 *
 * Source: Wang et al. 2004, Image quality assessment: from error visibility to structural similarity. As published.
 *
 * @throws {TypeError} If the pictures differ in size.
 * @throws {RangeError} If a side has fewer than 11 pixels.
 */
export function ssim(a: Picture, b: Picture): number {
  assertSameShape("compute ssim", a, b);
  const [height = 0, width = 0] = a.shape;
  if (Math.min(height, width) < WINDOW_SIZE) {
    throw new RangeError(
      `Cannot compute ssim: pictures must have sides of at least ${WINDOW_SIZE} pixels, got ${width} x ${height}`,
    );
  }
  const options = { ssim: "fast", downsample: false, windowSize: WINDOW_SIZE } as const;
  return compareImages(toImageData(a), toImageData(b), options).mssim;
}

function toImageData(picture: Picture): { width: number; height: number; data: Uint8ClampedArray } {
  const [height = 0, width = 0] = picture.shape;
  const data = new Uint8ClampedArray(height * width * 4).fill(255);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) data[(y * width + x) * 4 + c] = picture.get(y, x, c);
    }
  }
  return { width, height, data };
}
