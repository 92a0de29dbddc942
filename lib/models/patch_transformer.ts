import { numpy as np } from "@jax-js/jax";
import {
  type AttentionMemory,
  type AttentionTap,
  crossAttention,
  feedForward,
  layerNorm,
  linear,
  mergeHeads,
  projectMemory,
  splitHeads,
} from "../nn/mod.ts";
import type { PatchEdges } from "./patch_edges.ts";
import type { PatchTransformerConfig } from "./patch_transformer_config.ts";
import type {
  PatchTransformerParameters,
  TransformerLayerParameters,
} from "./patch_transformer_parameters.ts";
import { keepValue, type LayerTap, tapAttention } from "./tap.ts";

/** Scores this low leave nothing after the softmax, and stay finite when two are added. */
export const HIDDEN: number = -1e9;

/**
 * How a layer attends to context and own patch: from query, key and value `[..., heads, T, headDim]` to the same shape.
 * The tap is for the weights.
 */
export type SelfAttention = (
  query: np.Array,
  key: np.Array,
  value: np.Array,
  tap: AttentionTap,
) => np.Array;

/** Embeds token ids of any shape. Consumes them; returns `[..., d]`. */
export function embedTokens(
  parameters: PatchTransformerParameters<np.Array>,
  tokenIds: np.Array,
  codebook: np.Array | undefined,
): np.Array {
  if ("table" in parameters.tokens) return np.take(parameters.tokens.table.ref, tokenIds, 0);
  if (codebook === undefined) {
    throw new TypeError("Cannot embed tokens: codebook must be given for this config, got nothing");
  }
  return linear(parameters.tokens, np.take(codebook, tokenIds, 0));
}

/** Embeds token ids, -1 as unknown, for models that have an embedding for that. Consumes them; returns `[..., d]`. */
function embedKnownTokens(
  parameters: PatchTransformerParameters<np.Array>,
  tokenIds: np.Array,
  codebook: np.Array | undefined,
): np.Array {
  if (parameters.mask === undefined) return embedTokens(parameters, tokenIds, codebook);
  const isKnown = np.greaterEqual(tokenIds.ref, 0).reshape([...tokenIds.shape, 1]);
  return np.where(isKnown, embedTokens(parameters, np.maximum(tokenIds, 0), codebook), parameters.mask.ref);
}

/** Where each token of a patch lies, `[M, d]`: its row's embedding plus its column's. */
export function placeEmbedding(parameters: PatchTransformerParameters<np.Array>): np.Array {
  const [height = 1, d = 1] = parameters.rows.shape;
  const [width = 1] = parameters.columns.shape;
  return parameters.rows.ref.reshape([height, 1, d])
    .add(parameters.columns.ref.reshape([1, width, d]))
    .reshape([height * width, d]);
}

/**
 * Embeds the begin token and the M tokens of patches, without their row bands.
 *
 * @param inputs.tokenIds int32 `[B, M]`, -1 where unknown; consumed, as is the rest.
 * @returns `[B, M + 1, d]`; position i is the input from which token i is predicted.
 */
export function embedSequence(
  config: PatchTransformerConfig,
  parameters: PatchTransformerParameters<np.Array>,
  inputs: {
    readonly tokenIds: np.Array;
    readonly edges: PatchEdges<np.Array>;
    readonly codebook: np.Array | undefined;
  },
): np.Array {
  const { embedDim: d, patchTokens: { width } } = config;
  const { tokenIds, edges } = inputs;
  const [B = 1, M = 1] = tokenIds.shape;
  const tokens = embedKnownTokens(parameters, tokenIds.ref, inputs.codebook)
    .add(placeEmbedding(parameters)); // [B, M, d]
  const begin = np.broadcastTo(parameters.begin.ref.reshape([1, 1, d]), [B, 1, d]);
  const x = np.concatenate([begin, tokens], 1); // [B, M + 1, d]
  if (parameters.above === undefined) return x;
  const aboveIds = np.concatenate([edges.above, tokenIds.slice([], [0, M - width])], 1); // [B, M]
  const neighbours = embedKnown(parameters.above, aboveIds).add(embedLeft(config, parameters, edges.left));
  return x.add(np.concatenate([neighbours, np.zeros([B, 1, d])], 1));
}

/** Rows of a table `[K, d]` (borrowed); zeros for -1. Consumes `ids`; returns `[..., d]`. */
export function embedKnown(table: np.Array, ids: np.Array): np.Array {
  const isKnown = np.greaterEqual(ids.ref, 0).astype(np.float32).reshape([...ids.shape, 1]);
  return np.take(table.ref, np.maximum(ids, 0), 0).mul(isKnown);
}

/** What the left neighbour's edge adds to the input for each token, `[B, M, d]`: zero but in the first column. */
export function embedLeft(
  { patchTokens: { height, width }, embedDim: d }: PatchTransformerConfig,
  parameters: PatchTransformerParameters<np.Array>,
  left: np.Array,
): np.Array {
  const [B = 1] = left.shape;
  if (parameters.left === undefined) return np.zeros([B, height * width, d]);
  const column = embedKnown(parameters.left, left).reshape([B, height, 1, d]);
  return np.concatenate([column, np.zeros([B, height, width - 1, d])], 2).reshape([B, height * width, d]);
}

/**
 * What each layer reads of a text: its keys and values. Consumes its arrays.
 *
 * @param states The text encoder's output `[B, S, textDim]`.
 * @param bias 0, or {@link HIDDEN} at padding: `[B, S]`.
 */
export function textMemories(
  config: PatchTransformerConfig,
  parameters: PatchTransformerParameters<np.Array>,
  text: { readonly states: np.Array; readonly bias: np.Array },
): AttentionMemory[] {
  if (parameters.textProjection === undefined) return [];
  const projected = linear(parameters.textProjection, text.states); // [B, S, d]
  const [B = 1, S = 1] = text.bias.shape;
  const bias = text.bias.reshape([B, 1, 1, S]);
  return parameters.layers.flatMap((layer) =>
    layer.text === undefined
      ? []
      : projectMemory(layer.text.layer, projected.ref, { numHeads: config.numHeads, bias: bias.ref })
  );
}

/**
 * One pre-norm layer: self-attention, attention over the text, feed-forward, each under a learned scale.
 *
 * Source: NUWA-Infinity, arXiv:2207.09814, section 3.4; norms, scales and GEGLU from HORIZON's description (PAPER 1.9).
 *
 * @param x `[B, T, d]`; consumed.
 * @param selfAttention Sees heads as `[B, heads, T, headDim]`.
 * @param text Borrowed.
 * @param tap Sees everything that `listActivations` names of a layer.
 */
export function transformerLayer(
  parameters: TransformerLayerParameters<np.Array>,
  x: np.Array,
  options: {
    readonly numHeads: number;
    readonly selfAttention: SelfAttention;
    readonly text: AttentionMemory | undefined;
    readonly tap?: LayerTap;
  },
): np.Array {
  const { numHeads, selfAttention, text, tap = keepValue } = options;
  const { self, feedForward: forward } = parameters;
  const h = layerNorm(self.norm, x.ref);
  const query = tap("self.query", splitHeads(linear(self.layer.query, h.ref), numHeads)); // [B, heads, T, headDim]
  const key = tap("self.key", splitHeads(linear(self.layer.key, h.ref), numHeads)); // [B, heads, T, headDim]
  const value = tap("self.value", splitHeads(linear(self.layer.value, h), numHeads)); // [B, heads, T, headDim]
  const read = tap("self.read", selfAttention(query, key, value, tapAttention(tap, "self")));
  const attended = linear(self.layer.output, mergeHeads(read)); // [B, T, d]
  x = x.add(tap("self.added", attended.mul(self.scale.ref)));
  if (parameters.text !== undefined && text !== undefined) {
    const branch = parameters.text;
    const read = crossAttention(
      branch.layer,
      layerNorm(branch.norm, x.ref),
      text,
      tapAttention(tap, "text"),
    );
    x = x.add(tap("text.added", read.mul(branch.scale.ref)));
  }
  const forwarded = feedForward(
    forward.layer,
    layerNorm(forward.norm, x.ref),
    (hidden) => tap("feedForward.hidden", hidden),
  );
  return tap("residual", x.add(tap("feedForward.added", forwarded.mul(forward.scale.ref))));
}

/** Logits over the codebook. Consumes `x` `[..., d]`; returns `[..., K]`. */
export function logitsHead(parameters: PatchTransformerParameters<np.Array>, x: np.Array): np.Array {
  return linear(parameters.head, layerNorm(parameters.norm, x));
}
