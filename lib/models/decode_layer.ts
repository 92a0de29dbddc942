import { nn, numpy as np } from "@jax-js/jax";
import {
  type AttentionMemory,
  feedForward,
  type FeedForwardParameters,
  layerNorm,
  type LayerNormParameters,
  linear,
  type LinearParameters,
} from "../nn/mod.ts";
import { cachesOf, type ContextInputs, ownOffsetVector, slotOffsets } from "./context_memory.ts";
import { numPatchTokens, type PatchTransformerConfig } from "./patch_transformer_config.ts";
import type { TransformerLayerParameters } from "./patch_transformer_parameters.ts";

/** Keys and values that rows attend to, `[R heads, S, headDim]` each. */
export type DecodeMemory = {
  readonly key: np.Array;
  readonly value: np.Array;
};

/**
 * A layer as decoding wants it: few and small operators a token. Query, key and value are one map; score and residual
 * scales and the patch's own offset are inside the maps.
 */
export type DecodeLayer = {
  readonly norm: LayerNormParameters<np.Array>;
  /** `[d, 3 d]` */
  readonly input: LinearParameters<np.Array>;
  readonly output: LinearParameters<np.Array>;
  /** The pooled keys and values as they are, `[R heads, C M, headDim]`. */
  readonly context: DecodeMemory;
  /** Offset embedding of each slot, `[R heads, C, headDim]`. */
  readonly offsets: np.Array;
  /** Empty for a layer without text. */
  readonly text: readonly DecodeText[];
  readonly forwardNorm: LayerNormParameters<np.Array>;
  readonly forward: FeedForwardParameters<np.Array>;
};

/** The branch of a layer that reads the text. */
export type DecodeText = {
  readonly norm: LayerNormParameters<np.Array>;
  readonly query: LinearParameters<np.Array>;
  readonly output: LinearParameters<np.Array>;
  readonly memory: DecodeMemory;
};

/** Prepares a layer once a patch. Borrows the parameters and the text, consumes the layer's caches. */
export function prepareDecodeLayer(
  config: PatchTransformerConfig,
  parameters: TransformerLayerParameters<np.Array>,
  inputs: {
    readonly context: ContextInputs;
    readonly index: number;
    readonly text: AttentionMemory | undefined;
  },
): DecodeLayer {
  const { self, text, feedForward: forward } = parameters;
  const { numHeads, embedDim: d } = config;
  const [R = 1, C = 1] = inputs.context.bias.shape;
  const headDim = d / numHeads, scoreScale = 1 / Math.sqrt(headDim), M = numPatchTokens(config);
  const { query, key, value, output } = self.layer;
  const { key: pooledKey, value: pooledValue } = cachesOf(inputs.context, inputs.index);
  const joinHeads = (x: np.Array, length: number) => x.reshape([R * numHeads, length, headDim]);
  return {
    norm: refNorm(self.norm),
    input: {
      weight: np.concatenate([query.weight.ref.mul(scoreScale), key.weight.ref, value.weight.ref], 1), // [d, 3 d]
      bias: np.concatenate(
        [np.zeros([d]), ownOffsetVector(config, parameters).reshape([d]), np.zeros([d])],
        0,
      ),
    },
    output: scaleLinear(output, self.scale),
    context: { key: joinHeads(pooledKey, C * M), value: joinHeads(pooledValue, C * M) },
    offsets: joinHeads(slotOffsets(config, parameters, inputs.context.offsets.ref), C),
    text: text === undefined || inputs.text === undefined ? [] : [{
      norm: refNorm(text.norm),
      query: { weight: text.layer.query.weight.ref.mul(scoreScale) },
      output: scaleLinear(text.layer.output, text.scale),
      memory: {
        key: joinHeads(inputs.text.key.ref, inputs.text.key.shape[2] ?? 0),
        value: joinHeads(inputs.text.value.ref, inputs.text.key.shape[2] ?? 0),
      },
    }],
    forwardNorm: refNorm(forward.norm),
    forward: {
      up: { weight: forward.layer.up.weight.ref, ...refBias(forward.layer.up) },
      down: scaleLinear(forward.layer.down, forward.scale),
    },
  };
}

function refNorm({ scale, bias }: LayerNormParameters<np.Array>): LayerNormParameters<np.Array> {
  return { scale: scale.ref, bias: bias.ref };
}

function refBias({ bias }: LinearParameters<np.Array>) {
  return bias === undefined ? {} : { bias: bias.ref };
}

/** The map `scale * (x W + b)`. */
function scaleLinear(
  { weight, bias }: LinearParameters<np.Array>,
  scale: np.Array,
): LinearParameters<np.Array> {
  const scaled = weight.ref.mul(scale.ref);
  return bias === undefined ? { weight: scaled } : { weight: scaled, bias: bias.ref.mul(scale.ref) };
}

/** What hides keys from the rows of a token. */
export type DecodeBiases = {
  /** Empty slots of the context, `[R heads, C, 1]`. */
  readonly context: np.Array;
  /** Padding of the text, `[R heads, 1, S]`; nothing without text. */
  readonly text?: np.Array;
  /** Tokens of the patch still to come, `[1, 1, M]`. */
  readonly own: np.Array;
};

/**
 * One layer for one token of every row: the same numbers as `transformerLayer`.
 *
 * An offset embedding e adds `q.e` to the scores of a whole slot, so pooled keys are read where they lie.
 *
 * @param x `[R, d]`; consumed.
 * @param put Puts this token's keys and values `[R heads, 1, headDim]` among the patch's own, `[R heads, M, headDim]`.
 */
export function decodeLayer(
  layer: DecodeLayer,
  x: np.Array,
  { biases, put }: {
    readonly biases: DecodeBiases;
    readonly put: (key: np.Array, value: np.Array) => DecodeMemory;
  },
): np.Array {
  const [R = 1, d = 1] = x.shape;
  const [G = 1, S = 1, headDim = 1] = layer.context.key.shape;
  const projected = np.split(linear(layer.input, layerNorm(layer.norm, x.ref)), 3, -1); // [R, d] each
  const [query, key, value] = projected;
  if (query === undefined || key === undefined || value === undefined) {
    throw new TypeError("Cannot decode: the input of a layer must split in three");
  }
  const column = query.reshape([G, headDim, 1]);
  const own = put(key.reshape([G, 1, headDim]), value.reshape([G, 1, headDim]));
  const shift = np.matmul(layer.offsets.ref, column.ref).add(biases.context.ref); // [R heads, C, 1]
  const C = shift.shape[1] ?? 1;
  const toContext = np.matmul(layer.context.key.ref, column.ref).reshape([G, C, S / C]).add(shift);
  const toOwn = np.matmul(own.key, column).reshape([G, 1, -1]).add(biases.own.ref); // [R heads, 1, M]
  const weights = nn.softmax(np.concatenate([toContext.reshape([G, 1, S]), toOwn], -1), -1);
  const [ofContext, ofOwn] = np.split(weights, [S], -1); // [R heads, 1, C M] and [R heads, 1, M]
  if (ofContext === undefined || ofOwn === undefined) {
    throw new TypeError("Cannot decode: weights must split in two");
  }
  const read = np.matmul(ofContext, layer.context.value.ref).add(np.matmul(ofOwn, own.value)); // [R heads, 1, headDim]
  x = x.add(linear(layer.output, read.reshape([R, d])));
  for (const text of layer.text) x = x.ref.add(readText(text, x, biases.text));
  return x.ref.add(feedForward(layer.forward, layerNorm(layer.forwardNorm, x)));
}

/** What the text adds to `x` `[R, d]`, which is consumed. */
function readText(text: DecodeText, x: np.Array, bias: np.Array | undefined): np.Array {
  const [R = 1, d = 1] = x.shape;
  const [G = 1, S = 1, headDim = 1] = text.memory.key.shape;
  const query = linear(text.query, layerNorm(text.norm, x)).reshape([G, headDim, 1]);
  const scores = np.matmul(text.memory.key.ref, query).reshape([G, 1, S]);
  const weights = nn.softmax(bias === undefined ? scores : scores.add(bias.ref), -1); // [R heads, 1, S]
  return linear(text.output, np.matmul(weights, text.memory.value.ref).reshape([R, d]));
}
