import {
  createPicture,
  createTokenGrid,
  type Picture,
  picturesToPixels,
  type TokenGrid,
} from "../core/mod.ts";
import { downsamplingFactor, receptiveHalo } from "../models/mod.ts";
import { tileAxis } from "./tiles.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** The most pixels of a picture that is tokenized or decoded: 32768 x 8192. */
export const MAX_CANVAS_PIXELS = 2 ** 28;

/** How {@link tokenize} and `decode` run. */
export interface TilingOptions {
  /** Hears after every tile how many are done, and of how many. */
  readonly onProgress?: (done: number, total: number) => void;
  /**
   * Longest side of a tile, in tokens, halo included: memory against double work.
   * @default 64
   */
  readonly maxTile?: number;
}

/** The default of {@link TilingOptions}. */
export const MAX_TILE = 64;

/**
 * Turns a picture of any size into tokens, in tiles with a halo as wide as the receptive field: the tokens of the
 * whole. Where a side is not a multiple of f, the last row or column of pixels is repeated up to the next one.
 *
 * Source: Wu et al. 2022, NUWA-Infinity, arXiv:2207.09814, section 3.1. Ours differs: convolutions see no tile border.
 *
 * @param picture `[H, W, 3]`
 * @returns Tokens `[ceil(H / f), ceil(W / f)]`.
 * @throws {TypeError} If the picture has another shape.
 * @throws {RangeError} If it has more than 2^28 pixels.
 */
export async function tokenize(
  tokenizer: Tokenizer,
  picture: Picture,
  options: TilingOptions = {},
): Promise<TokenGrid> {
  assertSize(picture);
  const f = downsamplingFactor(tokenizer.config), halo = receptiveHalo(tokenizer.config);
  const padded = padPicture(picture, f);
  const [H = 0, W = 0] = padded.shape;
  const grid = createTokenGrid(H / f, W / f);
  const rows = tileAxis(H / f, halo, options.maxTile ?? MAX_TILE);
  const columns = tileAxis(W / f, halo, options.maxTile ?? MAX_TILE);
  let done = 0;
  for (const row of rows.tiles) {
    for (const column of columns.tiles) {
      const window = padded.lo(row.start * f, column.start * f, 0).hi(rows.length * f, columns.length * f, 3);
      const { data } = await tokenizer.run("tokenize", picturesToPixels([window]));
      for (let y = row.from; y < row.until; y++) {
        const start = (y - row.start) * columns.length - column.start;
        for (let x = column.from; x < column.until; x++) grid.set(y, x, data[start + x] ?? -1);
      }
      options.onProgress?.(++done, rows.tiles.length * columns.tiles.length);
    }
  }
  return grid;
}

function assertSize({ shape, dtype }: Picture): void {
  const [H = 0, W = 0, C = 0] = shape;
  if (shape.length !== 3 || C !== 3 || H < 1 || W < 1) {
    throw new TypeError(
      `Cannot tokenize picture: picture must have shape [H, W, 3], got ${dtype}[${shape.join(", ")}]`,
    );
  }
  if (H * W > MAX_CANVAS_PIXELS) {
    throw new RangeError(
      `Cannot tokenize picture: picture must have at most ${MAX_CANVAS_PIXELS} pixels, got ${W}x${H}`,
    );
  }
}

/** Repeats the last row and column of pixels until both sides are multiples of `factor`. */
function padPicture(picture: Picture, factor: number): Picture {
  const [H = 0, W = 0] = picture.shape;
  if (H % factor === 0 && W % factor === 0) return picture;
  const padded = createPicture(Math.ceil(H / factor) * factor, Math.ceil(W / factor) * factor);
  const [height = 0, width = 0] = padded.shape;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        padded.set(y, x, c, picture.get(Math.min(y, H - 1), Math.min(x, W - 1), c));
      }
    }
  }
  return padded;
}
