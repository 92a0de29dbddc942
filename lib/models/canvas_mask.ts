import { countPatches, createTensor, type Grid, patchAt, type Tensor } from "../core/mod.ts";
import { HIDDEN } from "./patch_transformer.ts";
import { numPatchTokens, type PatchTransformerConfig } from "./patch_transformer_config.ts";

/** Whether patch `p` of a canvas may see patch `k`: finished earlier, and within the extent. */
export type Sees = (p: number, k: number) => boolean;

/**
 * The order of `rank` (place of each patch in the generation order) and the extent, as one question about two patches.
 */
export function seesEarlierNeighbours(
  grid: Grid,
  config: PatchTransformerConfig,
  rank: readonly number[],
): Sees {
  const { extent } = config;
  return (p, k) => {
    const a = patchAt(grid, p), b = patchAt(grid, k);
    const back = a.frame - b.frame;
    return (rank[k] ?? 0) < (rank[p] ?? 0) && Math.abs(a.column - b.column) <= extent.width &&
      Math.abs(a.row - b.row) <= extent.height && back >= 0 && back <= extent.frames;
  };
}

/**
 * The additive mask of `canvasLogits`, `[P (M + 1), P (M + 1)]`: a position sees itself and what comes before it in its
 * own patch, and the M tokens (not the begin token) of every patch that its patch sees.
 */
export function canvasMask(grid: Grid, config: PatchTransformerConfig, sees: Sees): Tensor<Float32Array> {
  const P = countPatches(grid), T = numPatchTokens(config) + 1, side = P * T;
  const data = new Float32Array(side * side).fill(HIDDEN);
  for (let p = 0; p < P; p++) {
    for (let k = 0; k < P; k++) {
      if (p !== k && !sees(p, k)) continue;
      for (let i = 0; i < T; i++) {
        const row = (p * T + i) * side + k * T;
        if (p === k) data.fill(0, row, row + i + 1);
        else data.fill(0, row + 1, row + T);
      }
    }
  }
  return createTensor([side, side], data);
}

/** One-hot `[P, offsets, P]`: the offset of patch k as seen from patch p, where the extent has one. */
export function canvasOffsets(grid: Grid, config: PatchTransformerConfig): Tensor<Float32Array> {
  const { width, height, frames } = config.extent;
  const P = countPatches(grid);
  const offsets = (2 * width + 1) * (2 * height + 1) * (frames + 1);
  const data = new Float32Array(P * offsets * P);
  for (let p = 0; p < P; p++) {
    for (let k = 0; k < P; k++) {
      const a = patchAt(grid, p), b = patchAt(grid, k);
      const across = b.column - a.column, down = b.row - a.row, back = a.frame - b.frame;
      if (Math.abs(across) > width || Math.abs(down) > height || back < 0 || back > frames) continue;
      const offset = ((frames - back) * (2 * height + 1) + down + height) * (2 * width + 1) + across + width;
      data[(p * offsets + offset) * P + k] = 1;
    }
  }
  return createTensor([P, offsets, P], data);
}
