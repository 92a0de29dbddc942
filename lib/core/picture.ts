// @ts-types="npm:@types/ndarray@1.0.14"
import ndarray, { type NdArray } from "ndarray";

export { type NdArray, ndarray };

/** 8-bit sRGB pixels, shape `[H, W, 3]`, row-major. */
export type Picture = NdArray<Uint8Array>;

/** Codebook indices of a canvas, shape `[h, w]` in tokens, row-major; -1 where nothing is known yet. */
export type TokenGrid = NdArray<Int32Array>;

/** Wraps (or allocates) the pixels of a picture of `height` x `width` pixels. */
export function createPicture(
  height: number,
  width: number,
  data: Uint8Array = new Uint8Array(height * width * 3),
): Picture {
  return ndarray(data, [height, width, 3]);
}

/** Wraps (or allocates, all unknown) a grid of `height` x `width` tokens. */
export function createTokenGrid(
  height: number,
  width: number,
  data: Int32Array = new Int32Array(height * width).fill(-1),
): TokenGrid {
  return ndarray(data, [height, width]);
}
