import { numpy as np } from "@jax-js/jax";
import { offsetBiases, shiftKeys } from "./offset_embedding.ts";
import { numPatchTokens, type PatchTransformerConfig } from "./patch_transformer_config.ts";
import type { PatchTransformerParameters } from "./patch_transformer_parameters.ts";

/** Caches selected from the pool, in C slots; a slot may be empty. */
export type ContextInputs = {
  /** One a layer: a tensor of its own each, so that they are read where they lie. */
  readonly layers: readonly LayerCaches[];
  /** int32 `[B, C]`: offset of each slot's patch as seen from the patch that asks. */
  readonly offsets: np.Array;
  /** 0, or `HIDDEN` for an empty slot: `[B, C]`. */
  readonly bias: np.Array;
};

/** Keys and values of one layer before they are shifted by their offset, `[B, heads, C, M, headDim]` each. */
export type LayerCaches = {
  readonly key: np.Array;
  readonly value: np.Array;
};

/** Context of one layer, ready to attend to: `[B, heads, C M, headDim]` each, keys shifted by their offset. */
export type LayerContext = {
  readonly key: np.Array;
  readonly value: np.Array;
  /** Added to the scores, `[B, heads, 1, C M]`; nothing where offsets are told before attention. */
  readonly bias?: np.Array;
};

/**
 * Shifts the pooled keys by their offsets, layer by layer.
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
    const lineUp = (x: np.Array) => x.reshape([B, heads, C * M, headDim]);
    const biases = offsetBiases(config, layer); // [heads, offsets]
    return {
      key: lineUp(shiftKeys(config, layer, key, inputs.offsets.ref)),
      value: lineUp(value),
      ...(biases === undefined ? {} : { bias: spreadBiases(biases, inputs.offsets.ref, M) }),
    };
  });
  const bias = np.broadcastTo(inputs.bias.reshape([B, 1, 1, C, 1]), [B, 1, 1, C, M]).reshape([
    B,
    1,
    1,
    C * M,
  ]);
  return { layers, bias };
}

/** The biases `[heads, offsets]` of slots with these offsets, int32 `[B, C]`: `[B, heads, 1, C M]`. Consumes both. */
function spreadBiases(biases: np.Array, offsets: np.Array, M: number): np.Array {
  const [B = 1, C = 1] = offsets.shape, [heads = 1] = biases.shape;
  const ofSlots = np.take(biases, offsets, 1).transpose([1, 0, 2]).reshape([B, heads, C, 1]);
  return np.broadcastTo(ofSlots, [B, heads, C, M]).reshape([B, heads, 1, C * M]);
}

/** The caches of one layer. */
export function cachesOf(inputs: ContextInputs, index: number): LayerCaches {
  const layer = inputs.layers[index];
  if (layer === undefined) {
    throw new TypeError(`Cannot read context: it must have layer ${index}, got ${inputs.layers.length}`);
  }
  return layer;
}

/** The shape of {@link LayerCaches} for `batch` patches with `slots` slots. */
export function contextShape(config: PatchTransformerConfig, batch: number, slots: number): number[] {
  const { numHeads, embedDim } = config;
  return [batch, numHeads, slots, numPatchTokens(config), embedDim / numHeads];
}
