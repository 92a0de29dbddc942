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
import type { LayerContext } from "./context_memory.ts";
import { ownOffsetVector } from "./offset_embedding.ts";
import type { PatchTransformerConfig } from "./patch_transformer_config.ts";
import type { TransformerLayerParameters } from "./patch_transformer_parameters.ts";

/** What rows attend to, laid out as the products with it read it. */
export type DecodeMemory = {
  /** `[R heads, headDim, S]` */
  readonly key: np.Array;
  /** `[R heads, S, headDim]` */
  readonly value: np.Array;
};

/** Keys and values of the patch's own tokens, both `[R heads, M, headDim]`. */
export type OwnMemory = {
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
  /** The pooled keys, shifted by their offsets, and values; S is C M. */
  readonly context: DecodeMemory;
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

/** Prepares a layer once a patch. Borrows the parameters and the text, consumes the context. */
export function prepareDecodeLayer(
  config: PatchTransformerConfig,
  parameters: TransformerLayerParameters<np.Array>,
  inputs: {
    readonly context: LayerContext;
    readonly text: AttentionMemory | undefined;
  },
): DecodeLayer {
  const { self, text, feedForward: forward } = parameters;
  const { numHeads, embedDim: d } = config;
  const headDim = d / numHeads, scoreScale = 1 / Math.sqrt(headDim);
  const { query, key, value, output } = self.layer;
  const joinHeads = ({ key, value }: LayerContext): DecodeMemory => {
    const [R = 1, heads = 1, S = 1] = key.shape;
    return {
      key: key.transpose([0, 1, 3, 2]).reshape([R * heads, headDim, S]),
      value: value.reshape([R * heads, S, headDim]),
    };
  };
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
    context: joinHeads(inputs.context),
    text: text === undefined || inputs.text === undefined ? [] : [{
      norm: refNorm(text.norm),
      query: { weight: text.layer.query.weight.ref.mul(scoreScale) },
      output: scaleLinear(text.layer.output, text.scale),
      memory: joinHeads({ key: inputs.text.key.ref, value: inputs.text.value.ref }),
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
  /** Empty slots of the context, and tokens of the patch still to come: `[R heads, 1, C M + M]`. */
  readonly self: np.Array;
  /** Padding of the text, `[R heads, 1, S]`; nothing without text. */
  readonly text?: np.Array;
};

/** Where a token stands in its patch. */
export interface DecodePlace {
  readonly biases: DecodeBiases;
  /** The matrices that turn query, key and value, `[3, headDim, headDim]`; nothing unless offsets are rotary. */
  readonly turn: np.Array | undefined;
  /** Puts the token's key and value `[R heads, 1, headDim]` among the patch's own. */
  readonly put: (key: np.Array, value: np.Array) => OwnMemory;
}

/**
 * One layer for one token of every row: the same numbers as `transformerLayer`.
 *
 * @param x `[R, d]`; consumed.
 */
export function decodeLayer(
  layer: DecodeLayer,
  x: np.Array,
  { biases, turn, put }: DecodePlace,
): np.Array {
  const [R = 1, d = 1] = x.shape;
  const [G = 1, headDim = 1, S = 1] = layer.context.key.shape;
  const projected = linear(layer.input, layerNorm(layer.norm, x.ref)) // [R, 3 d]
    .reshape([R, 3, d]).transpose([1, 0, 2]).reshape([3, G, headDim]);
  const turned = turn === undefined ? projected : np.matmul(projected, turn.ref); // as rotate(), in one operator
  const [query, key, value] = np.split(turned.reshape([3 * G, 1, headDim]), 3, 0); // [R heads, 1, headDim] each
  if (query === undefined || key === undefined || value === undefined) {
    throw new TypeError("Cannot decode: the input of a layer must split in three");
  }
  const own = put(key, value);
  const toContext = np.matmul(query.ref, layer.context.key.ref); // [R heads, 1, C M]
  const toOwn = np.matmul(query, own.key.transpose([0, 2, 1])); // [R heads, 1, M]
  const weights = nn.softmax(np.concatenate([toContext, toOwn], -1).add(biases.self.ref), -1);
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
  const [G = 1, headDim = 1] = text.memory.key.shape;
  const query = linear(text.query, layerNorm(text.norm, x)).reshape([G, 1, headDim]);
  const scores = np.matmul(query, text.memory.key.ref); // [R heads, 1, S]
  const weights = nn.softmax(bias === undefined ? scores : scores.add(bias.ref), -1);
  return linear(text.output, np.matmul(weights, text.memory.value.ref).reshape([R, d]));
}
