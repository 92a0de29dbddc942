import { numpy as np } from "@jax-js/jax";
import type { Tensor } from "../core/mod.ts";
import {
  type AttentionParameters,
  createInitializer,
  crossAttention,
  feedForward,
  type FeedForwardParameters,
  initAttention,
  initFeedForward,
  initLayerNorm,
  layerNorm,
  type LayerNormParameters,
  projectMemory,
} from "../nn/mod.ts";
import { HIDDEN } from "./patch_transformer.ts";

/** Shape of a text encoder. */
export interface TextEncoderConfig {
  /** Entries of the vocabulary, padding and unknown included. */
  readonly vocabularySize: number;
  /** S, the most tokens of a text (the paper: 77). */
  readonly maxLength: number;
  /** d, the width of its states: the transformer's `textDim`. */
  readonly embedDim: number;
  /** Layers of self-attention over the whole text and feed-forward; 0 or more. */
  readonly numLayers: number;
  /** Heads of each attention; must divide d. */
  readonly numHeads: number;
}

/** Parameters of a text encoder. */
export type TextEncoderParameters<Leaf> = {
  /** `[vocabularySize, d]` */
  readonly table: Leaf;
  /** `[maxLength, d]` */
  readonly places: Leaf;
  readonly layers: readonly {
    readonly attentionNorm: LayerNormParameters<Leaf>;
    readonly attention: AttentionParameters<Leaf>;
    readonly feedForwardNorm: LayerNormParameters<Leaf>;
    readonly feedForward: FeedForwardParameters<Leaf>;
  }[];
  readonly norm: LayerNormParameters<Leaf>;
};

/**
 * Starting values of a text encoder.
 *
 * @throws {RangeError} If the heads do not divide the width.
 */
export function initTextEncoder(
  config: TextEncoderConfig,
  seed: number | undefined,
): TextEncoderParameters<Tensor> {
  const { embedDim: d, numHeads } = config;
  if (d % numHeads !== 0) {
    throw new RangeError(
      `Cannot initialise the text encoder: embedDim must be a multiple of numHeads ${numHeads}, got ${d}`,
    );
  }
  const initializer = createInitializer(seed);
  return {
    table: initializer.normal([config.vocabularySize, d], 0.5),
    places: initializer.normal([config.maxLength, d], 0.1),
    layers: Array.from({ length: config.numLayers }, () => ({
      attentionNorm: initLayerNorm(initializer, d),
      attention: initAttention(initializer, d),
      feedForwardNorm: initLayerNorm(initializer, d),
      feedForward: initFeedForward(initializer, d),
    })),
    norm: initLayerNorm(initializer, d),
  };
}

/**
 * Encodes texts: a bidirectional pre-norm transformer, trained with the picture model.
 *
 * Source: Vaswani et al. 2017, arXiv:1706.03762, section 3. The paper takes CLIP's frozen text encoder instead.
 *
 * @param wordIds int32 `[B, S]`, padded with 0; consumed.
 * @returns States `[B, S, d]`, and the bias `[B, S]` that hides padding.
 */
export function encodeText(
  config: TextEncoderConfig,
  parameters: TextEncoderParameters<np.Array>,
  wordIds: np.Array,
): { states: np.Array; bias: np.Array } {
  const [B = 1, S = 1] = wordIds.shape;
  const bias = np.where(np.equal(wordIds.ref, 0), HIDDEN, 0); // [B, S]
  let x = np.take(parameters.table.ref, wordIds, 0).add(parameters.places.ref); // [B, S, d]
  for (const layer of parameters.layers) {
    const h = layerNorm(layer.attentionNorm, x.ref);
    const memory = projectMemory(layer.attention, h.ref, {
      numHeads: config.numHeads,
      bias: bias.ref.reshape([B, 1, 1, S]),
    });
    x = x.add(crossAttention(layer.attention, h, memory));
    x = x.add(feedForward(layer.feedForward, layerNorm(layer.feedForwardNorm, x.ref)));
  }
  return { states: layerNorm(parameters.norm, x), bias };
}
