import { numpy as np } from "@jax-js/jax";
import type { Tensor } from "../core/mod.ts";
import {
  conv,
  type ConvParameters,
  createInitializer,
  initConv,
  leakyRelu,
  spaceToDepth,
} from "../nn/mod.ts";

/** Parameters of {@link discriminate}: convolutions from fine to coarse, and the head. */
export type DiscriminatorParameters<Leaf> = {
  readonly levels: readonly ConvParameters<Leaf>[];
  readonly head: ConvParameters<Leaf>;
};

/** Starting values of a patch discriminator with these channels a level; each level halves the resolution. */
export function initDiscriminator(
  channels: readonly number[],
  seed: number,
): DiscriminatorParameters<Tensor> {
  const initializer = createInitializer(seed);
  return {
    levels: channels.map((width, level) =>
      initConv(initializer, 4 * (level === 0 ? 1 : channels[level - 1] ?? 1), width, {
        kernel: 3,
        scale: Math.SQRT2,
      })
    ),
    head: initConv(initializer, channels.at(-1) ?? 3, 1, { kernel: 3 }),
  };
}

/**
 * Judges every patch of pictures: high where it looks real. Sees brightness alone, so that what it asks for is strokes
 * and not specks of colour.
 *
 * Source: Isola et al. 2017, PatchGAN, arXiv:1611.07004, section 3.2.2, as in VQGAN. Ours differs: blocks of pixels go
 * into channels where that has strides, and there are no batch norms.
 *
 * @param pixels `[B, 3, H, W]` in [-1, 1]; consumed.
 * @returns Logits `[B, 1, h, w]`, and the activations of every level.
 */
export function discriminate(
  parameters: DiscriminatorParameters<np.Array>,
  pixels: np.Array,
): { logits: np.Array; features: np.Array[] } {
  const features: np.Array[] = [];
  let x = brightness(pixels); // [B, 1, H, W]
  for (const level of parameters.levels) {
    x = leakyRelu(conv(level, spaceToDepth(x, 2)));
    features.push(x.ref);
  }
  return { logits: conv(parameters.head, x), features };
}

/** The mean of the channels: weights that differ would pull them apart. `[B, 3, H, W]`, consumed, to `[B, 1, H, W]`. */
function brightness(pixels: np.Array): np.Array {
  return np.mean(pixels, 1, { keepdims: true });
}
