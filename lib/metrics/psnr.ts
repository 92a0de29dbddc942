import type { Picture } from "../core/mod.ts";
import { assertSameShape } from "./_assert_same_shape.ts";

/**
 * Peak signal-to-noise ratio in decibels, `10 log10(255^2 / mean((a - b)^2))`; infinite for equal pictures.
 *
 * @throws {TypeError} If the pictures differ in size.
 */
export function psnr(a: Picture, b: Picture): number {
  assertSameShape("compute psnr", a, b);
  const [height = 0, width = 0, channels = 0] = a.shape;
  let sum = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) sum += (a.get(y, x, c) - b.get(y, x, c)) ** 2;
    }
  }
  return 10 * Math.log10(255 ** 2 / (sum / (height * width * channels)));
}
