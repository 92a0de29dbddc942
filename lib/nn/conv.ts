import { lax, type numpy as np } from "@jax-js/jax";
import type { Tensor } from "../core/mod.ts";
import type { Initializer } from "./initializers.ts";

/** Parameters of {@link conv}: weight `[out, in, kernel, kernel]`, bias `[out]`. */
export type ConvParameters<Leaf> = {
  readonly weight: Leaf;
  readonly bias: Leaf;
};

/** Starts a square convolution with deviation `scale / sqrt(in * kernel^2)` and zero bias. */
export function initConv(
  initializer: Initializer,
  inChannels: number,
  outChannels: number,
  options: { readonly kernel: number; readonly scale?: number },
): ConvParameters<Tensor> {
  const { kernel, scale = 1 } = options;
  return {
    weight: initializer.normal(
      [outChannels, inChannels, kernel, kernel],
      scale / Math.sqrt(inChannels * kernel * kernel),
    ),
    bias: initializer.constant([outChannels], 0),
  };
}

/**
 * A convolution over `[B, C, H, W]`, zero-padded so that stride 1 keeps the size; an even kernel is for
 * `stride` = kernel / 2 and halves it. Borrows the parameters, consumes `x`.
 */
export function conv(parameters: ConvParameters<np.Array>, x: np.Array, stride = 1): np.Array {
  const kernel = parameters.weight.shape[2] ?? 1;
  const pad = Math.floor((kernel - 1) / 2);
  const y = lax.conv(x, parameters.weight.ref, [stride, stride], [[pad, pad], [pad, pad]]); // [B, out, H', W']
  return y.add(parameters.bias.ref.reshape([1, -1, 1, 1]));
}

/** Moves blocks of `factor` x `factor` pixels into channels: `[B, C, H, W]` to `[B, C * factor^2, H / factor, W / factor]`. */
export function spaceToDepth(x: np.Array, factor: number): np.Array {
  const [batch = 1, channels = 1, height = 1, width = 1] = x.shape;
  const [h, w] = [height / factor, width / factor];
  return x.reshape([batch, channels, h, factor, w, factor])
    .transpose([0, 1, 3, 5, 2, 4]) // [B, C, factor, factor, h, w]
    .reshape([batch, channels * factor * factor, h, w]);
}

/** The inverse of {@link spaceToDepth}. */
export function depthToSpace(x: np.Array, factor: number): np.Array {
  const [batch = 1, depth = 1, h = 1, w = 1] = x.shape;
  const channels = depth / (factor * factor);
  return x.reshape([batch, channels, factor, factor, h, w])
    .transpose([0, 1, 4, 2, 5, 3]) // [B, C, h, factor, w, factor]
    .reshape([batch, channels, h * factor, w * factor]);
}
