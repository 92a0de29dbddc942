import type { TokenGrid } from "../core/mod.ts";

/** What counts as a repeated patch. */
export interface RepetitionOptions {
  /** Side of a patch in tokens. */
  readonly patchSide: number;
  /** The share of a patch's tokens that may differ, 0 to 1. @default 0 */
  readonly tolerance?: number;
}

/**
 * The share of patches, the first not counted, that repeat an earlier one in raster order: 1 for a tiled canvas,
 * about 0 for random tokens. A canvas of one patch has 0.
 *
 * @throws {RangeError} If the canvas is not a whole number of patches.
 */
export function repetition(tokens: TokenGrid, { patchSide, tolerance = 0 }: RepetitionOptions): number {
  const [height = 0, width = 0] = tokens.shape;
  if (!Number.isInteger(patchSide) || patchSide < 1 || height % patchSide !== 0 || width % patchSide !== 0) {
    throw new RangeError(
      `Cannot compute repetition: patchSide must divide the canvas of ${width} x ${height} tokens, got ${patchSide}`,
    );
  }
  const patches = listPatches(tokens, patchSide);
  const most = Math.floor(tolerance * patchSide ** 2);
  const seen = new Set<string>();
  let numRepeated = 0;
  for (const [index, patch] of patches.entries()) {
    const key = patch.join(" ");
    const isRepeated = seen.has(key) ||
      (most > 0 && patches.slice(0, index).some((earlier) => countDifferent(patch, earlier) <= most));
    if (isRepeated) numRepeated++;
    seen.add(key);
  }
  return patches.length > 1 ? numRepeated / (patches.length - 1) : 0;
}

/** The tokens of every patch, patches and tokens in raster order; shape `[P, M]`. */
function listPatches(tokens: TokenGrid, side: number): number[][] {
  const [height = 0, width = 0] = tokens.shape;
  const patches: number[][] = [];
  for (let top = 0; top < height; top += side) {
    for (let left = 0; left < width; left += side) {
      patches.push(
        Array.from(
          { length: side * side },
          (_, i) => tokens.get(top + Math.floor(i / side), left + i % side),
        ),
      );
    }
  }
  return patches;
}

function countDifferent(a: readonly number[], b: readonly number[]): number {
  return a.reduce((count, token, i) => token === b[i] ? count : count + 1, 0);
}
