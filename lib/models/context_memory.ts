import { numpy as np } from "@jax-js/jax";
import { offsetVectors, ownOffset } from "./patch_transformer.ts";
import { numPatchTokens, type PatchTransformerConfig } from "./patch_transformer_config.ts";
import type {
  PatchTransformerParameters,
  TransformerLayerParameters,
} from "./patch_transformer_parameters.ts";

/** Caches selected from the pool, in C slots; a slot may be empty. */
export type ContextInputs = {
  /** Keys and values before the offset embedding, `[B, L, 2, C, heads, M, headDim]`. */
  readonly caches: np.Array;
  /** int32 `[B, C]`: offset of each slot's patch as seen from the patch that asks. */
  readonly offsets: np.Array;
  /** 0, or `HIDDEN` for an empty slot: `[B, C]`. */
  readonly bias: np.Array;
};

/** Context of one layer, ready to attend to: `[B, heads, C M, headDim]` each, offsets added to the keys. */
export type LayerContext = {
  readonly key: np.Array;
  readonly value: np.Array;
};

/**
 * Adds offset embeddings to the pooled keys and lines the slots up, layer by layer.
 *
 * Source: NUWA-Infinity, arXiv:2207.09814, section 3.4: `K = [p; c] W + e`, "pre-feeding". Consumes the inputs.
 */
export function layerContexts(
  config: PatchTransformerConfig,
  parameters: PatchTransformerParameters<np.Array>,
  inputs: ContextInputs,
): { readonly layers: LayerContext[]; readonly bias: np.Array } {
  const [B = 1, , , C = 1, heads = 1, M = 1, headDim = 1] = inputs.caches.shape;
  const layers = parameters.layers.map((layer, index) => {
    const cache = inputs.caches.ref.slice([], index); // [B, 2, C, heads, M, headDim]
    const shift = np.take(offsetVectors(config, layer), inputs.offsets.ref, 1) // [heads, B, C, headDim]
      .transpose([1, 2, 0, 3]).reshape([B, C, heads, 1, headDim]);
    const lineUp = (x: np.Array) => x.transpose([0, 2, 1, 3, 4]).reshape([B, heads, C * M, headDim]);
    return { key: lineUp(cache.ref.slice([], 0).add(shift)), value: lineUp(cache.slice([], 1)) };
  });
  const bias = np.broadcastTo(inputs.bias.reshape([B, 1, 1, C, 1]), [B, 1, 1, C, M]).reshape([
    B,
    1,
    1,
    C * M,
  ]);
  return { layers, bias };
}

/** Adds the embedding of offset 0 to the keys of the patch itself. Consumes `key` `[B, heads, T, headDim]`. */
export function addOwnOffset(
  config: PatchTransformerConfig,
  layer: TransformerLayerParameters<np.Array>,
  key: np.Array,
): np.Array {
  const own = ownOffset(config);
  return key.add(offsetVectors(config, layer).slice([], [own, own + 1])); // [heads, 1, headDim] broadcasts
}

/** The shape of {@link ContextInputs} caches for `batch` patches with `slots` slots. */
export function contextShape(config: PatchTransformerConfig, batch: number, slots: number): number[] {
  const { numLayers, numHeads, embedDim } = config;
  return [batch, numLayers, 2, slots, numHeads, numPatchTokens(config), embedDim / numHeads];
}
