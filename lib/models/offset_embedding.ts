import { numpy as np } from "@jax-js/jax";
import { rotate, type Rotation, rotationAt } from "../nn/mod.ts";
import { numPatchTokens, type PatchTransformerConfig } from "./patch_transformer_config.ts";
import type { TransformerLayerParameters } from "./patch_transformer_parameters.ts";

/** Axes along which keys are rotated: rows, columns and, for videos, frames. */
function numAxes({ extent }: PatchTransformerConfig): number {
  return extent.frames > 0 ? 3 : 2;
}

/** Rows, columns and frames, `[..., 3]`, in patches, as positions to rotate by, in tokens and frames. Consumes them. */
function toTokens(config: PatchTransformerConfig, patches: np.Array): np.Array {
  const { height, width } = config.patchTokens;
  return patches.mul(np.array([height, width, 1])).slice(...patches.shape.slice(1).map(() => [] as []), [
    0,
    numAxes(config),
  ]);
}

/** Where the tokens of a patch lie in it, `[M, axes]`. */
function placesInPatch(config: PatchTransformerConfig): np.Array {
  const { width } = config.patchTokens;
  const places = Array.from(
    { length: numPatchTokens(config) },
    (_, token) => [Math.floor(token / width), token % width, 0].slice(0, numAxes(config)),
  );
  return np.array(places);
}

/** Rotations by place of what the M + 1 positions of a patch ask for (the token to come) and hold (the one before). */
export type PlaceRotations = {
  /** `[..., M + 1, headDim / 2]` */
  readonly query: Rotation;
  /** `[..., M + 1, headDim / 2]` */
  readonly key: Rotation;
};

/**
 * The rotations of a patch's positions, for models with rotary offsets.
 *
 * @param corners Patches `[P, 3]` by row, column and frame; without it, one patch at the origin, and no axis P. Consumed.
 */
export function placeRotations(
  config: PatchTransformerConfig,
  corners?: np.Array,
): PlaceRotations | undefined {
  const { offsetEmbedding, embedDim, numHeads } = config;
  if (offsetEmbedding !== "rotary") {
    corners?.dispose();
    return undefined;
  }
  const M = numPatchTokens(config), A = numAxes(config), headDim = embedDim / numHeads;
  const places = placesInPatch(config);
  const at = (order: np.Array) => {
    if (corners === undefined) return rotationAt(order, headDim);
    return rotationAt(toTokens(config, corners.ref).reshape([-1, 1, A]).add(order), headDim);
  };
  const rotations = {
    query: at(np.concatenate([places.ref, places.ref.slice([M - 1, M])], 0)), // nothing is asked for at the end
    key: at(np.concatenate([places.ref.slice([0, 1]), places], 0)), // the begin token counts as the first
  };
  corners?.dispose();
  return rotations;
}

/** The rows, columns and frames of all offsets, `[offsets, 3]`, in patches, in the order of their indices. */
function offsetTable({ extent: { width, height, frames } }: PatchTransformerConfig): number[][] {
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
  return range(-frames, 0).flatMap((frame) =>
    range(-height, height).flatMap((row) => range(-width, width).map((column) => [row, column, frame]))
  );
}

/**
 * Tells pooled keys where their patch lies as seen from the one that asks: adds its offset's embedding, or turns them.
 *
 * Source: NUWA-Infinity, arXiv:2207.09814, section 3.4: `K = [p; c] W + e`, "pre-feeding". Rotary offsets are ours.
 *
 * @param key `[B, heads, C, M, headDim]`; consumed.
 * @param offsets int32 `[B, C]`; consumed.
 */
export function shiftKeys(
  config: PatchTransformerConfig,
  layer: TransformerLayerParameters<np.Array>,
  key: np.Array,
  offsets: np.Array,
): np.Array {
  const [B = 1, heads = 1, C = 1, , headDim = 1] = key.shape;
  if (config.offsetEmbedding === "bias") {
    offsets.dispose();
    return key;
  }
  if (layer.offsets === undefined) {
    const { cos, sin } = rotationAt(toTokens(config, np.array(offsetTable(config))), headDim); // [offsets, headDim / 2]
    const pick = (table: np.Array) => np.take(table, offsets.ref, 0).reshape([B, 1, C, 1, headDim / 2]);
    const picked = { cos: pick(cos), sin: pick(sin) };
    offsets.dispose();
    return rotate(key, picked);
  }
  const shift = np.take(offsetVectors(config, layer.offsets), offsets, 1) // [heads, B, C, headDim]
    .transpose([1, 0, 2, 3]); // [B, heads, C, headDim]
  return key.add(shift.reshape([B, heads, C, 1, headDim]));
}

/** Offset embeddings of one layer widened to vectors, `[heads, offsets, headDim]`. */
export function offsetVectors(config: PatchTransformerConfig, offsets: np.Array): np.Array {
  const headDim = config.embedDim / config.numHeads;
  const [heads = 1, numOffsets = 1] = offsets.shape;
  return np.broadcastTo(offsets.ref, [heads, numOffsets, headDim]);
}

/** The index of offset (0, 0, 0) in the table of offsets: the patch itself. */
export function ownOffset({ extent }: PatchTransformerConfig): number {
  const width = 2 * extent.width + 1, height = 2 * extent.height + 1;
  return extent.frames * width * height + extent.height * width + extent.width;
}

/** What is added to the keys of the patch itself, `[heads, 1, headDim]`: the embedding of offset 0, if there is one. */
export function ownOffsetVector(
  config: PatchTransformerConfig,
  layer: TransformerLayerParameters<np.Array>,
): np.Array {
  const { numHeads, embedDim } = config;
  if (layer.offsets === undefined || config.offsetEmbedding === "bias") {
    return np.zeros([numHeads, 1, embedDim / numHeads]);
  }
  const own = ownOffset(config);
  return offsetVectors(config, layer.offsets).slice([], [own, own + 1]);
}

/**
 * What offsets add to the scores of keys, for models that tell them after attention: `[heads, offsets]`, less what offset 0
 * adds, since a number added to all scores changes nothing.
 *
 * Source: NUWA-Infinity, arXiv:2207.09814, the ablation of "pre-feeding": a bias on the attention map.
 *
 * @returns Nothing in other models.
 */
export function offsetBiases(
  config: PatchTransformerConfig,
  layer: TransformerLayerParameters<np.Array>,
): np.Array | undefined {
  if (layer.offsets === undefined || config.offsetEmbedding !== "bias") return undefined;
  const own = ownOffset(config), [heads = 1, numOffsets = 1] = layer.offsets.shape;
  const table = layer.offsets.ref.reshape([heads, numOffsets]);
  return table.ref.sub(table.slice([], [own, own + 1]));
}
