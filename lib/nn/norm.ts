import { numpy as np } from "@jax-js/jax";
import type { Tensor } from "../core/mod.ts";
import type { Initializer } from "./initializers.ts";

const EPSILON = 1e-5;

/** Parameters of {@link layerNorm}: scale and bias, `[d]` each. */
export type LayerNormParameters<Leaf> = {
  readonly scale: Leaf;
  readonly bias: Leaf;
};

/** Starts a layer norm as the plain standardisation: scale 1, bias 0. */
export function initLayerNorm(initializer: Initializer, dim: number): LayerNormParameters<Tensor> {
  return { scale: initializer.constant([dim], 1), bias: initializer.constant([dim], 0) };
}

/** Standardises the last axis, then scales and shifts it. Borrows the parameters, consumes `x`. */
export function layerNorm(parameters: LayerNormParameters<np.Array>, x: np.Array): np.Array {
  const centred = x.ref.sub(np.mean(x, -1, { keepdims: true }));
  const variance = np.mean(centred.ref.mul(centred.ref), -1, { keepdims: true });
  const standard = centred.mul(np.reciprocal(np.sqrt(variance.add(EPSILON))));
  return standard.mul(parameters.scale.ref).add(parameters.bias.ref);
}

/** Parameters of {@link channelNorm}: a scale a channel, `[C]`. */
export type ChannelNormParameters<Leaf> = {
  readonly scale: Leaf;
};

/** Starts a channel norm with scale 1. */
export function initChannelNorm(initializer: Initializer, channels: number): ChannelNormParameters<Tensor> {
  return { scale: initializer.constant([channels], 1) };
}

/**
 * Divides each pixel's channels by their root mean square, then scales them.
 *
 * It looks at one pixel at a time, so a picture cut into tiles gives the same result as the whole one;
 * VQGAN's group norm averages over the picture and would not.
 *
 * @param x Activations `[B, C, H, W]`; consumed.
 */
export function channelNorm(parameters: ChannelNormParameters<np.Array>, x: np.Array): np.Array {
  const meanSquare = np.mean(x.ref.mul(x.ref), 1, { keepdims: true }); // [B, 1, H, W]
  const standard = x.mul(np.reciprocal(np.sqrt(meanSquare.add(EPSILON)))); // [B, C, H, W]
  return standard.mul(parameters.scale.ref.reshape([1, -1, 1, 1]));
}
