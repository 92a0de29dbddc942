import { createPicture, createTensor, type Picture, pixelsToPictures, type TokenGrid } from "../core/mod.ts";
import { downsamplingFactor, receptiveHalo, type VqganConfig } from "../models/mod.ts";
import { tileAxis, type TiledAxis } from "./tiles.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { MAX_CANVAS_PIXELS, MAX_TILE, type TilingOptions } from "./tokenize.ts";

/**
 * Turns tokens back into a picture, in tiles with a halo as wide as the receptive field: the picture of the whole
 * within one step of 255. Tokens that are -1, not known yet, decode as a latent of zeros, which no code is.
 *
 * Source: Wu et al. 2022, NUWA-Infinity, arXiv:2207.09814, section 3.1. Ours differs: in tiles.
 *
 * @param tokenGrid `[h, w]`
 * @returns Pixels `[h f, w f, 3]`.
 * @throws {TypeError} If the grid has another shape.
 * @throws {RangeError} If the picture would have more than 2^28 pixels, or a token is not in the codebook.
 */
export async function decode(
  tokenizer: Tokenizer,
  tokenGrid: TokenGrid,
  options: TilingOptions = {},
): Promise<Picture> {
  assertTokens(tokenizer.config, tokenGrid);
  const f = downsamplingFactor(tokenizer.config), halo = receptiveHalo(tokenizer.config);
  const [h = 0, w = 0] = tokenGrid.shape;
  const rows = tileAxis(h, halo, options.maxTile ?? MAX_TILE);
  const columns = tileAxis(w, halo, options.maxTile ?? MAX_TILE);
  const picture = createPicture(h * f, w * f);
  const rowBytes = w * f * 3, tileRowBytes = columns.length * f * 3;
  let done = 0;
  for (const row of rows.tiles) {
    for (const column of columns.tiles) {
      const ids = readTile(tokenGrid, row.start, column.start, rows, columns);
      const [tile] = pixelsToPictures(await tokenizer.run("decode", ids));
      if (tile === undefined) throw new TypeError("Cannot decode tokens: tile must be one picture, got none");
      for (let y = row.from * f; y < row.until * f; y++) {
        const start = (y - row.start * f) * tileRowBytes - column.start * f * 3;
        const kept = tile.data.subarray(start + column.from * f * 3, start + column.until * f * 3);
        picture.data.set(kept, y * rowBytes + column.from * f * 3);
      }
      options.onProgress?.(++done, rows.tiles.length * columns.tiles.length);
    }
  }
  return picture;
}

/** The tokens of one tile, `[1, h, w]`. */
function readTile(grid: TokenGrid, top: number, left: number, rows: TiledAxis, columns: TiledAxis) {
  const ids = new Int32Array(rows.length * columns.length);
  let at = 0;
  for (let y = 0; y < rows.length; y++) {
    for (let x = 0; x < columns.length; x++) ids[at++] = grid.get(top + y, left + x);
  }
  return createTensor([1, rows.length, columns.length], ids);
}

function assertTokens(config: VqganConfig, grid: TokenGrid): void {
  const [h = 0, w = 0] = grid.shape;
  if (grid.shape.length !== 2 || h < 1 || w < 1) {
    throw new TypeError(
      `Cannot decode tokens: tokenGrid must have shape [h, w], got ${grid.dtype}[${grid.shape.join(", ")}]`,
    );
  }
  const f = downsamplingFactor(config);
  if (h * w * f * f > MAX_CANVAS_PIXELS) {
    throw new RangeError(
      `Cannot decode tokens: picture must have at most ${MAX_CANVAS_PIXELS} pixels, got ${w * f}x${h * f}`,
    );
  }
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const id = grid.get(y, x);
      if (id >= -1 && id < config.codebookSize) continue;
      throw new RangeError(
        `Cannot decode tokens at row ${y}, column ${x}: token must be -1 to ${
          config.codebookSize - 1
        }, got ${id}`,
      );
    }
  }
}
