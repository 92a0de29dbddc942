import { numpy as np } from "@jax-js/jax";
import { attend, type AttentionMemory, rotate } from "../nn/mod.ts";
import { offsetVectors, placeRotations } from "./offset_embedding.ts";
import { embedSequence, logitsHead, type SelfAttention, transformerLayer } from "./patch_transformer.ts";
import type { PatchEdges } from "./patch_edges.ts";
import { numPatchTokens, type PatchTransformerConfig } from "./patch_transformer_config.ts";
import type { PatchTransformerParameters } from "./patch_transformer_parameters.ts";

/** What one training canvas looks like to the model: its tokens, and how its patches see each other. */
export type CanvasInputs = {
  /** int32 `[B, P, M]`, patches in generation order. */
  readonly tokenIds: np.Array;
  /** int32 `[B, P, width]` and `[B, P, height]`: what is known along each patch's edges. */
  readonly edges: PatchEdges<np.Array>;
  /** int32 `[B, P]`: the row band of each patch (0 where the model has none). */
  readonly bands: np.Array;
  /** Additive mask between positions, `[P (M + 1), P (M + 1)]`; see `canvasMask`. */
  readonly mask: np.Array;
  /** One-hot `[P, offsets, P]`: which offset patch k has as seen from patch p; zero where out of extent. */
  readonly offsets: np.Array;
  /** Row, column and frame of each patch, `[P, 3]`. */
  readonly positions: np.Array;
  /** What each layer reads of the text, see `textMemories`; empty without text. */
  readonly text: readonly AttentionMemory[];
  /** Frozen codes `[K, codeDim]` for models whose tokens enter as codes. */
  readonly codebook?: np.Array;
};

/** Parts that the queries of a canvas are cut into. */
const MAX_PARTS = 4;

/**
 * Logits of every token of a canvas in one pass, teacher-forced: the same numbers as patch by patch.
 *
 * All positions attend under a mask. Patches lie in generation order, so the first part of the queries needs the first
 * part of the keys alone, the second two, and so on: with four parts 5/8 of the full square.
 *
 * Source: NUWA-Infinity, arXiv:2207.09814, algorithm 1, for all patches at once (accumulated loss).
 *
 * @returns Logits `[B, P, M, K]`.
 */
export function canvasLogits(
  config: PatchTransformerConfig,
  parameters: PatchTransformerParameters<np.Array>,
  inputs: CanvasInputs,
): np.Array {
  const { numHeads, embedDim: d } = config;
  const [B = 1, P = 1] = inputs.tokenIds.shape;
  const M = numPatchTokens(config), T = M + 1;
  let x = embedCanvas(config, parameters, inputs).reshape([B, P * T, d]);
  for (const [index, layer] of parameters.layers.entries()) {
    const selfAttention = layer.offsets === undefined
      ? attendRotated(config, inputs)
      : attendShifted(config, layer.offsets, inputs);
    x = transformerLayer(layer, x, { numHeads, text: inputs.text[index], selfAttention });
  }
  const predicting = x.reshape([B, P, T, d]).slice([], [], [0, M]); // [B, P, M, d]: the state before each token
  return logitsHead(parameters, predicting);
}

/** Attention whose queries and keys are turned by their places on the canvas. */
function attendRotated(config: PatchTransformerConfig, inputs: CanvasInputs): SelfAttention {
  const T = numPatchTokens(config) + 1;
  const rotations = placeRotations(config, inputs.positions.ref); // [P, T, headDim / 2]
  if (rotations === undefined) throw new TypeError("Cannot rotate: offsets must be rotary");
  const lineUp = (table: np.Array) => table.reshape([-1, table.shape[2] ?? 1]); // [P T, headDim / 2]
  const query = { cos: lineUp(rotations.query.cos), sin: lineUp(rotations.query.sin) };
  const key = { cos: lineUp(rotations.key.cos), sin: lineUp(rotations.key.sin) };
  return (q, k, value) =>
    attendInParts(rotate(q, query), rotate(k, key), value, { mask: inputs.mask.ref, length: T });
}

/**
 * Attention whose keys have their offset's embedding added. An embedding e adds `q.e` to the scores of a whole patch, so
 * queries carry one extra feature a patch (their `q.e` towards it) and keys a one-hot of their patch: `q'.k'` is
 * `q.(k + e)` and no array of scores is touched twice.
 */
function attendShifted(
  config: PatchTransformerConfig,
  layerOffsets: np.Array,
  inputs: CanvasInputs,
): SelfAttention {
  const { numHeads } = config;
  const [B = 1, P = 1] = inputs.tokenIds.shape;
  const T = numPatchTokens(config) + 1, headDim = config.embedDim / numHeads;
  return (query, key, value) => {
    // jax-js's matmul mixes up batch axes when ranks differ, so the leading 1 must be spelled out.
    const offsets = offsetVectors(config, layerOffsets).transpose([0, 2, 1]).reshape([
      1,
      numHeads,
      headDim,
      -1,
    ]);
    const toOffsets = np.matmul(query.ref, offsets) // [B, heads, P T, offsets]
      .reshape([B, numHeads, P, T, -1]).transpose([2, 0, 1, 3, 4]).reshape([P, B * numHeads * T, -1]);
    const toPatches = np.matmul(toOffsets, inputs.offsets.ref) // [P, B heads T, P]
      .reshape([P, B, numHeads, T, P]).transpose([1, 2, 0, 3, 4]).reshape([B, numHeads, P * T, P]);
    const oneHot = np.broadcastTo(np.eye(P).reshape([1, 1, P, 1, P]), [B, numHeads, P, T, P])
      .reshape([B, numHeads, P * T, P]);
    const rescale = Math.sqrt((headDim + P) / headDim); // attend divides by the wider width
    const wideQuery = np.concatenate([query, toPatches], -1).mul(rescale); // [B, heads, P T, headDim + P]
    const wideKey = np.concatenate([key, oneHot], -1); // [B, heads, P T, headDim + P]
    return attendInParts(wideQuery, wideKey, value, { mask: inputs.mask.ref, length: T });
  };
}

/** Attention of patches of `length` positions to themselves and earlier ones. Consumes its arguments. */
function attendInParts(
  query: np.Array,
  key: np.Array,
  value: np.Array,
  { mask, length }: { readonly mask: np.Array; readonly length: number },
): np.Array {
  const P = (mask.shape[0] ?? 0) / length;
  const numParts = [...Array(MAX_PARTS).keys()].map((i) => MAX_PARTS - i).find((parts) => P % parts === 0) ??
    1;
  const step = P / numParts * length;
  const parts = Array.from({ length: numParts }, (_, part) => {
    const start = part * step, end = start + step;
    return attend(
      query.ref.slice([], [], [start, end]),
      key.ref.slice([], [], [0, end]),
      value.ref.slice([], [], [0, end]),
      mask.ref.slice([start, end], [0, end]),
    );
  });
  for (const array of [query, key, value, mask]) array.dispose();
  return np.concatenate(parts, 2);
}

/** Begin token and M tokens of every patch, embedded: `[B, P, M + 1, d]`. */
function embedCanvas(
  config: PatchTransformerConfig,
  parameters: PatchTransformerParameters<np.Array>,
  inputs: CanvasInputs,
): np.Array {
  const d = config.embedDim;
  const [B = 1, P = 1] = inputs.tokenIds.shape;
  const flat = (x: np.Array) => x.ref.reshape([B * P, -1]);
  const x = embedSequence(config, parameters, {
    tokenIds: flat(inputs.tokenIds),
    edges: { above: flat(inputs.edges.above), left: flat(inputs.edges.left) },
    codebook: inputs.codebook?.ref,
  }).reshape([B, P, -1, d]);
  if (parameters.bands === undefined) return x;
  return x.add(np.take(parameters.bands.ref, inputs.bands.ref, 0).reshape([B, P, 1, d]));
}
