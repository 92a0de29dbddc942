import { numpy as np } from "@jax-js/jax";
import { offsetVectors, ownOffset } from "./patch_transformer.ts";
import { numPatchTokens, type PatchTransformerConfig } from "./patch_transformer_config.ts";
import type {
  PatchTransformerParameters,
  TransformerLayerParameters,
} from "./patch_transformer_parameters.ts";

/** Caches selected from the pool, in C slots; a slot may be empty. */
export type ContextInputs = {
  /** One a layer: a tensor of its own each, so that they are read where they lie. */
  readonly layers: readonly LayerCaches[];
  /** int32 `[B, C]`: offset of each slot's patch as seen from the patch that asks. */
  readonly offsets: np.Array;
  /** 0, or `HIDDEN` for an empty slot: `[B, C]`. */
  readonly bias: np.Array;
};

/** Keys and values of one layer before the offset embedding, `[B, heads, C, M, headDim]` each. */
export type LayerCaches = {
  readonly key: np.Array;
  readonly value: np.Array;
};

/** Context of one layer, ready to attend to: `[B, heads, C M, headDim]` each, offsets added to the keys. */
export type LayerContext = {
  readonly key: np.Array;
  readonly value: np.Array;
};

/**
 * Adds offset embeddings to the pooled keys, layer by layer.
 *
 * Source: NUWA-Infinity, arXiv:2207.09814, section 3.4: `K = [p; c] W + e`, "pre-feeding". Consumes the inputs.
 */
export function layerContexts(
  config: PatchTransformerConfig,
  parameters: PatchTransformerParameters<np.Array>,
  inputs: ContextInputs,
): { readonly layers: LayerContext[]; readonly bias: np.Array } {
  const M = numPatchTokens(config);
  const [B = 1, C = 1] = inputs.bias.shape;
  const layers = parameters.layers.map((layer, index) => {
    const { key, value } = cachesOf(inputs, index);
    const [, heads = 1, , , headDim = 1] = key.shape;
    const shift = slotOffsets(config, layer, inputs.offsets.ref).reshape([B, heads, C, 1, headDim]);
    const lineUp = (x: np.Array) => x.reshape([B, heads, C * M, headDim]);
    return { key: lineUp(key.add(shift)), value: lineUp(value) };
  });
  const bias = np.broadcastTo(inputs.bias.reshape([B, 1, 1, C, 1]), [B, 1, 1, C, M]).reshape([
    B,
    1,
    1,
    C * M,
  ]);
  return { layers, bias };
}

/** The caches of one layer. */
export function cachesOf(inputs: ContextInputs, index: number): LayerCaches {
  const layer = inputs.layers[index];
  if (layer === undefined) {
    throw new TypeError(`Cannot read context: it must have layer ${index}, got ${inputs.layers.length}`);
  }
  return layer;
}

/** The offset embedding of each slot: from int32 `[B, C]`, consumed, to `[B, heads, C, headDim]`. */
export function slotOffsets(
  config: PatchTransformerConfig,
  layer: TransformerLayerParameters<np.Array>,
  offsets: np.Array,
): np.Array {
  return np.take(offsetVectors(config, layer), offsets, 1) // [heads, B, C, headDim]
    .transpose([1, 0, 2, 3]); // [B, heads, C, headDim]
}

/** The embedding of offset 0, which keys of the patch itself get: `[heads, 1, headDim]`. */
export function ownOffsetVector(
  config: PatchTransformerConfig,
  layer: TransformerLayerParameters<np.Array>,
): np.Array {
  const own = ownOffset(config);
  return offsetVectors(config, layer).slice([], [own, own + 1]);
}

/** The shape of {@link LayerCaches} for `batch` patches with `slots` slots. */
export function contextShape(config: PatchTransformerConfig, batch: number, slots: number): number[] {
  const { numHeads, embedDim } = config;
  return [batch, numHeads, slots, numPatchTokens(config), embedDim / numHeads];
}
