import { numpy as np } from "@jax-js/jax";
import { attend } from "../nn/mod.ts";
import type { DecodeLayer, DecodePlace } from "./decode_layer.ts";
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
  { biases, turn, put, tap }: DecodePlace & { readonly tap: LayerTap },
): np.Array {
  const [R = 1, d = 1] = x.shape;
  const { numHeads } = config, headDim = d / numHeads;
  const byRow = (x: np.Array) => x.reshape([R, numHeads, -1, headDim]); // [R, heads, S, headDim]
  const keysByRow = (x: np.Array) => x.reshape([R, numHeads, headDim, -1]).transpose([0, 1, 3, 2]); // as above
  const turned = (x: np.Array, part: number) =>
    // [R, heads, 1, headDim]
    turn === undefined
      ? x
      : np.matmul(x.reshape([R * numHeads, headDim]), turn.ref.slice(part)).reshape(x.shape);
  const [text] = layer.text;
  const memory = text === undefined || biases.text === undefined ? undefined : {
    key: keysByRow(text.memory.key.ref),
    value: byRow(text.memory.value.ref),
    bias: biases.text.ref.reshape([R, numHeads, 1, -1]),
  };
  const shape = [R, numHeads, 1, biases.self.shape[2] ?? 1];
  const bias = np.broadcastTo(biases.self.ref, [R * numHeads, ...shape.slice(2)]).reshape(shape);
  return transformerLayer(parameters, x.reshape([R, 1, d]), {
    numHeads,
    text: memory,
    tap,
    selfAttention: (query, key, value, tapWeights) => {
      const shifted = turned(key, 1).add(ownOffsetVector(config, parameters));
      const own = put(
        shifted.reshape([R * numHeads, 1, headDim]),
        value.reshape([R * numHeads, 1, headDim]),
      );
      const keys = np.concatenate([keysByRow(layer.context.key.ref), byRow(own.key)], 2);
      const values = np.concatenate([byRow(layer.context.value.ref), byRow(own.value)], 2);
      return attend(turned(query, 0), keys, values, bias, tapWeights);
    },
  }).reshape([R, d]);
}
