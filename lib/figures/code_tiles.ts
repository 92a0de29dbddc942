import { createPicture, type Picture, type Tensor } from "../core/mod.ts";
import { assertIndex } from "./attention_maps.ts";
import { pictureUrl } from "./picture_url.ts";

/** The pictures that codes decode to, each for itself: uint8 `[K, H, W, 3]`. */
export type CodeTiles = Tensor<Uint8Array>;

/** Throws a TypeError unless tiles have shape `[K, H, W, 3]`. */
export function assertTiles({ shape }: CodeTiles): void {
  if (shape.length === 4 && shape[3] === 3 && shape.every((side) => side > 0)) return;
  throw new TypeError(`Cannot draw tiles: tiles must have shape [K, H, W, 3], got [${shape.join(", ")}]`);
}

/**
 * The tile of a code as a data URL.
 *
 * @throws {RangeError} If there is no such code.
 */
export function tileUrl(tiles: CodeTiles, code: number): string {
  return pictureUrl(layTiles(tiles, [code], 1));
}

/**
 * Lays tiles side by side, without gaps.
 *
 * @param codes Which tiles, row by row; -1 leaves its place grey.
 * @param columns Tiles in a row.
 * @throws {RangeError} If there is no such code.
 */
export function layTiles(tiles: CodeTiles, codes: readonly number[], columns: number): Picture {
  assertTiles(tiles);
  const [K = 1, H = 1, W = 1] = tiles.shape, rowBytes = W * 3;
  const sheet = createPicture(Math.ceil(codes.length / columns) * H, columns * W);
  sheet.data.fill(128);
  codes.forEach((code, i) => {
    if (code === -1) return;
    assertIndex("code", code, K);
    const left = (i % columns) * rowBytes, top = Math.floor(i / columns) * H;
    for (let y = 0; y < H; y++) {
      const from = (code * H + y) * rowBytes;
      sheet.data.set(tiles.data.subarray(from, from + rowBytes), (top + y) * columns * rowBytes + left);
    }
  });
  return sheet;
}
