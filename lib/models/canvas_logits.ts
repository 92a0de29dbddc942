import { nn, numpy as np } from "@jax-js/jax";
import { attend, type AttentionMemory, rotate, type Rotation } from "../nn/mod.ts";
import { offsetBiases, offsetVectors, placeRotations } from "./offset_embedding.ts";
import {
  embedSequence,
  HIDDEN,
  logitsHead,
  type SelfAttention,
  transformerLayer,
} from "./patch_transformer.ts";
import type { PatchEdges } from "./patch_edges.ts";
import { numPatchTokens, type PatchTransformerConfig } from "./patch_transformer_config.ts";
import type {
  PatchTransformerParameters,
  TransformerLayerParameters,
} from "./patch_transformer_parameters.ts";

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
  return streamLogits(
    config,
    parameters,
    inputs,
    (query, key, value) =>
      attendInParts(query, key, value, { mask: inputs.mask.ref, length: numPatchTokens(config) + 1 }),
  );
}

/**
 * Logits of every token of a canvas in one pass, for both kinds of local decoder: causal ones as {@link canvasLogits}
 * gives them, and those of each patch with some of its tokens unknown, which looks both ways in itself and sees earlier
 * patches as they are when finished. The numbers of `predictPatch`, for all patches at once.
 *
 * Source: NUWA-Infinity, arXiv:2207.09814, section 3.1 (P-NAR and NAR); Chang et al. 2022, MaskGIT, arXiv:2202.04200.
 *
 * @param partialIds int32 `[B, P, M]`, -1 where unknown; consumed.
 * @returns Logits `[B, P, M, K]` each.
 */
export function bothCanvasLogits(
  config: PatchTransformerConfig,
  parameters: PatchTransformerParameters<np.Array>,
  inputs: CanvasInputs,
  partialIds: np.Array,
): { causal: np.Array; partial: np.Array } {
  const T = numPatchTokens(config) + 1;
  const twice = (x: np.Array) => np.concatenate([x.ref, x.ref], 0);
  const doubled = {
    ...inputs,
    tokenIds: np.concatenate([inputs.tokenIds, partialIds], 0),
    edges: { above: twice(inputs.edges.above), left: twice(inputs.edges.left) },
    bands: twice(inputs.bands),
    text: inputs.text.map(({ key, value, bias }) => {
      return { key: twice(key), value: twice(value), bias: twice(bias) };
    }),
  };
  const logits = streamLogits(config, parameters, doubled, (query, key, value) => {
    const [causalQuery, partialQuery] = halve(query), [finished, ownKey] = halve(key);
    const [finishedValue, ownValue] = halve(value);
    return np.concatenate([
      attendInParts(causalQuery, finished.ref, finishedValue.ref, { mask: inputs.mask.ref, length: T }),
      attendToFinished(partialQuery, { key: finished, value: finishedValue }, {
        key: ownKey,
        value: ownValue,
      }, {
        mask: inputs.mask.ref,
        length: T,
      }),
    ], 0);
  });
  const [causal, partial] = halve(logits);
  return { causal, partial };
}

/** The two halves of the first axis. Consumes `x`. */
function halve(x: np.Array): [np.Array, np.Array] {
  const [first, second] = np.split(x, 2, 0);
  if (first === undefined || second === undefined) throw new TypeError("Cannot halve: the first axis is odd");
  return [first, second];
}

/** Runs canvases through all layers, with queries and keys that know where they lie. */
function streamLogits(
  config: PatchTransformerConfig,
  parameters: PatchTransformerParameters<np.Array>,
  inputs: CanvasInputs,
  attention: SelfAttention,
): np.Array {
  const { numHeads, embedDim: d } = config;
  const [B = 1, P = 1] = inputs.tokenIds.shape;
  const M = numPatchTokens(config), T = M + 1;
  const rotary = rotateOnCanvas(config, inputs);
  let x = embedCanvas(config, parameters, inputs).reshape([B, P * T, d]);
  for (const [index, layer] of parameters.layers.entries()) {
    const place = layer.offsets === undefined ? rotary : shiftOnCanvas(config, layer, inputs);
    x = transformerLayer(layer, x, {
      numHeads,
      text: inputs.text[index],
      selfAttention: (query, key, value, tap) => attention(place.query(query), place.key(key), value, tap),
    });
  }
  const predicting = x.reshape([B, P, T, d]).slice([], [], [0, M]); // [B, P, M, d]: the state before each token
  return logitsHead(parameters, predicting);
}

/** How queries and keys `[B, heads, P T, headDim]` come to know where they lie. */
type Placing = {
  readonly query: (query: np.Array) => np.Array;
  readonly key: (key: np.Array) => np.Array;
};

/** Queries and keys are turned by their places on the canvas, or left alone where offsets are not rotary. */
function rotateOnCanvas(config: PatchTransformerConfig, inputs: CanvasInputs): Placing {
  const rotations = placeRotations(config, inputs.positions.ref); // [P, T, headDim / 2]
  if (rotations === undefined) return { query: (query) => query, key: (key) => key };
  const lineUp = ({ cos, sin }: Rotation) => {
    const width = cos.shape[2] ?? 1;
    return { cos: cos.reshape([-1, width]), sin: sin.reshape([-1, width]) }; // [P T, headDim / 2]
  };
  const atQuery = lineUp(rotations.query), atKey = lineUp(rotations.key);
  return { query: (query) => rotate(query, atQuery), key: (key) => rotate(key, atKey) };
}

/**
 * Keys have their offset's embedding added. An embedding e adds `q.e` to the scores of a whole patch, so queries carry
 * one extra feature a patch (their `q.e` towards it) and keys a one-hot of their patch: `q'.k'` is `q.(k + e)` and no
 * array of scores is touched twice. A bias takes the place of `q.e` where offsets are told after attention.
 */
function shiftOnCanvas(
  config: PatchTransformerConfig,
  layer: TransformerLayerParameters<np.Array>,
  inputs: CanvasInputs,
): Placing {
  const [B = 1, P = 1] = inputs.tokenIds.shape;
  const { numHeads } = config, T = numPatchTokens(config) + 1, headDim = config.embedDim / numHeads;
  const query = (query: np.Array) => {
    const toPatches = biasToPatches(config, layer, inputs) ??
      shiftToPatches(config, layer, query.ref, inputs);
    const rescale = Math.sqrt((headDim + P) / headDim); // attend divides by the wider width
    return np.concatenate([query, toPatches], -1).mul(rescale); // [B, heads, P T, headDim + P]
  };
  const key = (key: np.Array) => {
    const oneHot = np.broadcastTo(np.eye(P).reshape([1, 1, P, 1, P]), [B, numHeads, P, T, P])
      .reshape([B, numHeads, P * T, P]);
    return np.concatenate([key, oneHot], -1); // [B, heads, P T, headDim + P]
  };
  return { query, key };
}

/** What the offsets of patches add to the scores of each query `[B, heads, P T, headDim]`: `[B, heads, P T, P]`. */
function shiftToPatches(
  config: PatchTransformerConfig,
  layer: TransformerLayerParameters<np.Array>,
  query: np.Array,
  inputs: CanvasInputs,
): np.Array {
  const [B = 1, P = 1] = inputs.tokenIds.shape;
  const { numHeads } = config, T = numPatchTokens(config) + 1, headDim = config.embedDim / numHeads;
  if (layer.offsets === undefined) throw new TypeError("Cannot shift keys: the layer has no offsets");
  // jax-js's matmul mixes up batch axes when ranks differ, so the leading 1 must be spelled out.
  const offsets = offsetVectors(config, layer.offsets).transpose([0, 2, 1])
    .reshape([1, numHeads, headDim, -1]);
  const toOffsets = np.matmul(query, offsets) // [B, heads, P T, offsets]
    .reshape([B, numHeads, P, T, -1]).transpose([2, 0, 1, 3, 4]).reshape([P, B * numHeads * T, -1]);
  return np.matmul(toOffsets, inputs.offsets.ref) // [P, B heads T, P]
    .reshape([P, B, numHeads, T, P]).transpose([1, 2, 0, 3, 4]).reshape([B, numHeads, P * T, P]);
}

/** The same for models that add a bias to scores: it does not ask the query. Times sqrt(headDim), which `attend` divides by. */
function biasToPatches(
  config: PatchTransformerConfig,
  layer: TransformerLayerParameters<np.Array>,
  inputs: CanvasInputs,
): np.Array | undefined {
  const [B = 1, P = 1] = inputs.tokenIds.shape;
  const { numHeads } = config, T = numPatchTokens(config) + 1, headDim = config.embedDim / numHeads;
  const biases = offsetBiases(config, layer)?.mul(Math.sqrt(headDim)); // [heads, offsets]
  if (biases === undefined) return undefined;
  const byPatch = np.broadcastTo(biases.reshape([1, numHeads, -1]), [P, numHeads, biases.shape[1] ?? 1]);
  const toPatches = np.matmul(byPatch, inputs.offsets.ref) // [P, heads, P]
    .transpose([1, 0, 2]).reshape([1, numHeads, P, 1, P]);
  return np.broadcastTo(toPatches, [B, numHeads, P, T, P]).reshape([B, numHeads, P * T, P]);
}

/** The parts that `length`-position patches are cut into: where each starts and ends, in positions. */
function cutInParts(numPositions: number, length: number): { start: number; end: number }[] {
  const P = numPositions / length;
  const numParts = [...Array(MAX_PARTS).keys()].map((i) => MAX_PARTS - i).find((parts) => P % parts === 0) ??
    1;
  const step = numPositions / numParts;
  return Array.from({ length: numParts }, (_, part) => ({ start: part * step, end: (part + 1) * step }));
}

/** Attention of patches of `length` positions to themselves and earlier ones. Consumes its arguments. */
function attendInParts(
  query: np.Array,
  key: np.Array,
  value: np.Array,
  { mask, length }: { readonly mask: np.Array; readonly length: number },
): np.Array {
  const parts = cutInParts(mask.shape[0] ?? 0, length).map(({ start, end }) =>
    attend(
      query.ref.slice([], [], [start, end]),
      key.ref.slice([], [], [0, end]),
      value.ref.slice([], [], [0, end]),
      mask.ref.slice([start, end], [0, end]),
    )
  );
  for (const array of [query, key, value, mask]) array.dispose();
  return np.concatenate(parts, 2);
}

/**
 * Attention of patches of `length` positions to all of themselves, and to earlier ones as they are when finished: one
 * softmax over both. Consumes its arguments.
 */
function attendToFinished(
  query: np.Array,
  finished: { readonly key: np.Array; readonly value: np.Array },
  own: { readonly key: np.Array; readonly value: np.Array },
  { mask, length: T }: { readonly mask: np.Array; readonly length: number },
): np.Array {
  const [B = 1, heads = 1, positions = 1, width = 1] = query.shape;
  const headDim = own.value.shape[3] ?? 1, P = positions / T;
  const isOwn = np.broadcastTo(np.eye(P).reshape([P, 1, P, 1]), [P, T, P, T]).reshape([positions, positions]);
  const toEarlier = mask.add(isOwn.mul(HIDDEN)); // [P T, P T]
  const scaled = query.mul(1 / Math.sqrt(width));
  const parts = cutInParts(positions, T).map(({ start, end }) => {
    const size = end - start;
    const q = scaled.ref.slice([], [], [start, end]);
    const pick = (x: np.Array) => x.ref.slice([], [], [start, end]).reshape([B, heads, size / T, T, -1]);
    const keys = finished.key.ref.slice([], [], [0, end]).transpose([0, 1, 3, 2]);
    const scores = np.concatenate([
      np.matmul(q.ref, keys).add(toEarlier.ref.slice([start, end], [0, end])),
      np.matmul(q.reshape([B, heads, size / T, T, width]), pick(own.key).transpose([0, 1, 2, 4, 3]))
        .reshape([B, heads, size, T]),
    ], -1);
    const [ofEarlier, ofOwn] = np.split(nn.softmax(scores, -1), [end], -1);
    if (ofEarlier === undefined || ofOwn === undefined) throw new TypeError("Cannot attend: no weights");
    const read = np.matmul(ofOwn.reshape([B, heads, size / T, T, T]), pick(own.value));
    return np.matmul(ofEarlier, finished.value.ref.slice([], [], [0, end]))
      .add(read.reshape([B, heads, size, headDim]));
  });
  for (const array of [scaled, finished.key, finished.value, own.key, own.value, toEarlier]) array.dispose();
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
