import { numpy as np } from "@jax-js/jax";
import { attend, rotate } from "../nn/mod.ts";
import type { DecodeBiases, DecodeLayer, DecodeMemory, PlaceRotation } from "./decode_layer.ts";
import { ownOffsetVector } from "./offset_embedding.ts";
import { transformerLayer } from "./patch_transformer.ts";
import type { PatchTransformerConfig } from "./patch_transformer_config.ts";
import type { TransformerLayerParameters } from "./patch_transformer_parameters.ts";
import type { LayerTap } from "./tap.ts";

/**
 * `decodeLayer` with a tap: the layer as it was trained, at one position, in place of the joined maps that are faster.
 *
 * @param layer Its context and its text are read; borrowed, as are the parameters.
 * @param x `[R, d]`; consumed.
 */
export function tapDecodeLayer(
  config: PatchTransformerConfig,
  { parameters, layer }: {
    readonly parameters: TransformerLayerParameters<np.Array>;
    readonly layer: DecodeLayer;
  },
  x: np.Array,
  { biases, place, put, tap }: {
    readonly biases: DecodeBiases;
    readonly place: PlaceRotation | undefined;
    readonly put: (key: np.Array, value: np.Array) => DecodeMemory;
    readonly tap: LayerTap;
  },
): np.Array {
  const [R = 1, d = 1] = x.shape;
  const { numHeads } = config, headDim = d / numHeads;
  const byRow = (x: np.Array) => x.reshape([R, numHeads, -1, headDim]); // [R, heads, S, headDim]
  const oneByRow = (x: np.Array) => x.reshape([R * numHeads, 1, headDim]);
  const [text] = layer.text;
  const memory = text === undefined || biases.text === undefined ? undefined : {
    key: byRow(text.memory.key.ref),
    value: byRow(text.memory.value.ref),
    bias: biases.text.ref.reshape([R, numHeads, 1, -1]),
  };
  const bias = np.concatenate([
    biases.context.ref.reshape([R, numHeads, 1, -1]),
    np.broadcastTo(biases.own.ref.reshape([1, 1, 1, -1]), [R, numHeads, 1, biases.own.shape[2] ?? 1]),
  ], -1); // [R, heads, 1, C M + M]
  return transformerLayer(parameters, x.reshape([R, 1, d]), {
    numHeads,
    text: memory,
    tap,
    selfAttention: (query, key, value, tapWeights) => {
      const turnedKey = place === undefined ? key : rotate(key, place.key);
      const own = put(oneByRow(turnedKey.add(ownOffsetVector(config, parameters))), oneByRow(value));
      const keys = np.concatenate([byRow(layer.context.key.ref), byRow(own.key)], 2);
      const values = np.concatenate([byRow(layer.context.value.ref), byRow(own.value)], 2);
      const turnedQuery = place === undefined ? query : rotate(query, place.query);
      return attend(turnedQuery, keys, values, bias, tapWeights);
    },
  }).reshape([R, d]);
}
