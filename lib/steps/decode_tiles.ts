import { createTensor, createTokenGrid, type Tensor } from "../core/mod.ts";
import { downsamplingFactor } from "../models/mod.ts";
import { decode } from "./decode.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** Each code is decoded in the middle of so many of its own kind, down and across. */
const BLOCK = 3;

/**
 * The tile that each code decodes to among its own kind. In a picture a code looks different in each company; this is
 * what it is by itself.
 *
 * @returns uint8 `[K, f, f, 3]`, f the pixels of a token: what `plotCodebook` and its kin take.
 */
export async function decodeTiles(tokenizer: Tokenizer): Promise<Tensor<Uint8Array>> {
  const { codebookSize: K } = tokenizer.config, f = downsamplingFactor(tokenizer.config);
  const columns = Math.ceil(Math.sqrt(K)), rows = Math.ceil(K / columns);
  const tokens = createTokenGrid(rows * BLOCK, columns * BLOCK);
  for (let y = 0; y < rows * BLOCK; y++) {
    for (let x = 0; x < columns * BLOCK; x++) {
      tokens.set(y, x, Math.min(K - 1, Math.floor(y / BLOCK) * columns + Math.floor(x / BLOCK)));
    }
  }
  const picture = await decode(tokenizer, tokens);
  const tiles = new Uint8Array(K * f * f * 3), middle = (BLOCK - 1) / 2 * f;
  for (let code = 0; code < K; code++) {
    const top = Math.floor(code / columns) * BLOCK * f + middle, left = code % columns * BLOCK * f + middle;
    for (let y = 0; y < f; y++) {
      const start = ((top + y) * columns * BLOCK * f + left) * 3;
      tiles.set(picture.data.subarray(start, start + f * 3), (code * f + y) * f * 3);
    }
  }
  return createTensor([K, f, f, 3], tiles);
}
