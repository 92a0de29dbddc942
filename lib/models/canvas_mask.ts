import { createTensor, type PatchPosition, type Tensor } from "../core/mod.ts";
import { HIDDEN } from "./patch_transformer.ts";
import { numPatchTokens, type PatchTransformerConfig } from "./patch_transformer_config.ts";

/**
 * The additive mask of `canvasLogits`, `[P (M + 1), P (M + 1)]`: a token sees itself and what comes before it in its own
 * patch, and the M tokens (not the begin token) of every earlier patch within the extent.
 *
 * @param positions The patches in generation order; shape `[P]`.
 */
export function canvasMask(
  config: PatchTransformerConfig,
  positions: readonly PatchPosition[],
): Tensor<Float32Array> {
  const T = numPatchTokens(config) + 1, side = positions.length * T;
  const data = new Float32Array(side * side).fill(HIDDEN);
  for (const [p, target] of positions.entries()) {
    for (const [k, context] of positions.slice(0, p + 1).entries()) {
      if (p !== k && offsetOf(config, target, context) === undefined) continue;
      for (let i = 0; i < T; i++) {
        const row = (p * T + i) * side + k * T;
        if (p === k) data.fill(0, row, row + i + 1);
        else data.fill(0, row + 1, row + T);
      }
    }
  }
  return createTensor([side, side], data);
}

/**
 * One-hot `[P, offsets, P]`: the offset of patch k as seen from patch p, where the extent has one.
 *
 * @param positions The patches in generation order; shape `[P]`.
 */
export function canvasOffsets(
  config: PatchTransformerConfig,
  positions: readonly PatchPosition[],
): Tensor<Float32Array> {
  const { width, height, frames } = config.extent;
  const P = positions.length, numOffsets = (2 * width + 1) * (2 * height + 1) * (frames + 1);
  const data = new Float32Array(P * numOffsets * P);
  for (const [p, target] of positions.entries()) {
    for (const [k, context] of positions.entries()) {
      const offset = offsetOf(config, target, context);
      if (offset !== undefined) data[(p * numOffsets + offset) * P + k] = 1;
    }
  }
  return createTensor([P, numOffsets, P], data);
}

/** The positions of patches as numbers: row, column and frame, `[P, 3]`. */
export function canvasPositions(positions: readonly PatchPosition[]): Tensor<Float32Array> {
  const data = Float32Array.from(positions.flatMap(({ row, column, frame }) => [row, column, frame]));
  return createTensor([positions.length, 3], data);
}

/** The index of an offset in the table of embeddings, as in `offsetIndex` of direction; none outside the extent. */
function offsetOf(
  { extent: { width, height, frames } }: PatchTransformerConfig,
  target: PatchPosition,
  context: PatchPosition,
): number | undefined {
  const across = context.column - target.column, down = context.row - target.row;
  const back = target.frame - context.frame;
  if (Math.abs(across) > width || Math.abs(down) > height || back < 0 || back > frames) return undefined;
  return ((frames - back) * (2 * height + 1) + down + height) * (2 * width + 1) + across + width;
}
