import { lax, numpy as np } from "@jax-js/jax";
import type { Tensor } from "../core/mod.ts";
import {
  channelNorm,
  type ChannelNormParameters,
  conv,
  type ConvParameters,
  createInitializer,
  depthToSpace,
  initChannelNorm,
  initConv,
  type Initializer,
  silu,
  spaceToDepth,
} from "../nn/mod.ts";
import type { VqganConfig } from "./vqgan_config.ts";

/** `x + conv(silu(conv(silu(norm(x)))))`. */
export type ResidualBlockParameters<Leaf> = {
  readonly norm: ChannelNormParameters<Leaf>;
  readonly first: ConvParameters<Leaf>;
  readonly second: ConvParameters<Leaf>;
};

/** One resolution: its residual blocks and the map to the next one (none after the last). */
export type LevelParameters<Leaf> = {
  readonly blocks: readonly ResidualBlockParameters<Leaf>[];
  readonly resample?: ConvParameters<Leaf>;
};

/** Parameters of the encoder or, mirrored, of the decoder. */
export type CoderParameters<Leaf> = {
  readonly input: ConvParameters<Leaf>;
  readonly levels: readonly LevelParameters<Leaf>[];
  readonly norm: ChannelNormParameters<Leaf>;
  readonly output: ConvParameters<Leaf>;
};

/** Parameters of the decoder's last stage, at full resolution. */
export type RefinementParameters<Leaf> = {
  /** From the features of the finest level to `channels` for every pixel. */
  readonly features: ConvParameters<Leaf>;
  /** From the pixels as the finest level has them. */
  readonly pixels: ConvParameters<Leaf>;
  readonly layers: readonly ConvParameters<Leaf>[];
  /** To what is added to the pixels. */
  readonly output: ConvParameters<Leaf>;
};

/** Parameters of the decoder. */
export type DecoderParameters<Leaf> = CoderParameters<Leaf> & {
  readonly refinement?: RefinementParameters<Leaf>;
};

/** Parameters of the tokenizer. `codebook` is `[K, codeDim]`. */
export type VqganParameters<Leaf> = {
  readonly encoder: CoderParameters<Leaf>;
  readonly codebook: Leaf;
  readonly decoder: DecoderParameters<Leaf>;
};

function initBlock(initializer: Initializer, channels: number): ResidualBlockParameters<Tensor> {
  return {
    norm: initChannelNorm(initializer, channels),
    first: initConv(initializer, channels, channels, { kernel: 3 }),
    second: initConv(initializer, channels, channels, { kernel: 3, scale: 0.1 }),
  };
}

function initCoder(
  initializer: Initializer,
  options: {
    readonly inChannels: number;
    readonly channels: readonly number[];
    readonly outChannels: number;
    readonly numBlocks: number;
    readonly direction: "down" | "up";
  },
): CoderParameters<Tensor> {
  const { inChannels, channels, outChannels, numBlocks, direction } = options;
  const [first = 1, last = 1] = [channels[0], channels.at(-1)];
  const pixelKernel = 3;
  return {
    input: initConv(initializer, inChannels, first, { kernel: pixelKernel }),
    levels: channels.map((width, level) => {
      const next = channels[level + 1];
      const blocks = Array.from({ length: numBlocks }, () => initBlock(initializer, width));
      if (next === undefined) return { blocks };
      const resample = direction === "down"
        ? initConv(initializer, width * 4, next, { kernel: 1 })
        : initConv(initializer, width, next * 4, { kernel: 1 });
      return { blocks, resample };
    }),
    norm: initChannelNorm(initializer, last),
    output: initConv(initializer, last, outChannels, { kernel: direction === "down" ? 1 : pixelKernel }),
  };
}

/** Starts a last stage that leaves the pixels as they are. */
function initRefinement(
  initializer: Initializer,
  { stem, channels: [width = 1], refinement }: VqganConfig,
): { refinement?: RefinementParameters<Tensor> } {
  if (refinement === undefined) return {};
  const { channels, numLayers } = refinement;
  return {
    refinement: {
      features: initConv(initializer, width, channels * stem ** 2, { kernel: 1 }),
      pixels: initConv(initializer, 3, channels, { kernel: 3 }),
      layers: Array.from(
        { length: numLayers },
        () => initConv(initializer, channels, channels, { kernel: 3 }),
      ),
      output: initConv(initializer, channels, 3, { kernel: 3, scale: 0 }),
    },
  };
}

/** Starting values of a tokenizer. */
export function initVqgan(config: VqganConfig, seed: number | undefined): VqganParameters<Tensor> {
  const initializer = createInitializer(seed);
  const pixels = 3 * config.stem ** 2;
  const { channels, numBlocks, codeDim } = config;
  return {
    encoder: initCoder(initializer, {
      inChannels: pixels,
      channels,
      outChannels: codeDim,
      numBlocks: numBlocks.encoder,
      direction: "down",
    }),
    codebook: initializer.normal([config.codebookSize, codeDim], 1 / Math.sqrt(codeDim)),
    decoder: {
      ...initCoder(initializer, {
        inChannels: codeDim,
        channels: channels.toReversed(),
        outChannels: pixels,
        numBlocks: numBlocks.decoder,
        direction: "up",
      }),
      ...initRefinement(initializer, config),
    },
  };
}

function residualBlock(parameters: ResidualBlockParameters<np.Array>, x: np.Array): np.Array {
  const inner = conv(parameters.first, silu(channelNorm(parameters.norm, x.ref)));
  return x.add(conv(parameters.second, silu(inner)));
}

/** The features that the output is made of. Consumes `input`. */
function applyLevels(
  parameters: CoderParameters<np.Array>,
  input: np.Array,
  direction: "down" | "up",
): np.Array {
  let x = conv(parameters.input, input);
  for (const { blocks, resample } of parameters.levels) {
    for (const block of blocks) x = residualBlock(block, x);
    if (resample === undefined) continue;
    x = direction === "down" ? conv(resample, spaceToDepth(x, 2)) : depthToSpace(conv(resample, x), 2);
  }
  return silu(channelNorm(parameters.norm, x));
}

/** Scales vectors along `axis` to length 1. Consumes `x`. */
function normalize(x: np.Array, axis: number): np.Array {
  const square = np.sum(x.ref.mul(x.ref), axis, { keepdims: true });
  return x.mul(np.reciprocal(np.sqrt(square.add(1e-6))));
}

/**
 * Encodes pixels to latents on the unit sphere.
 *
 * Source: Esser et al. 2021, VQGAN, arXiv:2012.09841, section 3.1. Ours differs: per-pixel norms and no
 * attention, so that tiles agree with the whole; codes of unit length (Yu et al. 2022, arXiv:2110.04627, section 3.2).
 *
 * @param pixels `[B, 3, H, W]` in [-1, 1]; H and W multiples of f. Consumed.
 * @returns Latents `[B, codeDim, h, w]`.
 */
export function encodePixels(
  config: VqganConfig,
  parameters: VqganParameters<np.Array>,
  pixels: np.Array,
): np.Array {
  const features = applyLevels(parameters.encoder, spaceToDepth(pixels, config.stem), "down");
  return normalize(conv(parameters.encoder.output, features), 1);
}

/** The index of the code nearest to each latent. Consumes `latents` `[B, codeDim, h, w]`; returns int32 `[B, h, w]`. */
export function nearestCodes(
  parameters: Pick<VqganParameters<np.Array>, "codebook">,
  latents: np.Array,
): np.Array {
  const codes = normalize(parameters.codebook.ref, 1); // [K, codeDim]
  const similarity = np.matmul(latents.transpose([0, 2, 3, 1]), codes.transpose([1, 0])); // [B, h, w, K]
  return np.argmax(similarity, -1);
}

/** The codes of token ids. Consumes `tokenIds` `[B, h, w]`; returns `[B, codeDim, h, w]`. */
export function lookUpCodes(
  parameters: Pick<VqganParameters<np.Array>, "codebook">,
  tokenIds: np.Array,
): np.Array {
  const codes = normalize(parameters.codebook.ref, 1); // [K, codeDim]
  return np.take(codes, tokenIds, 0).transpose([0, 3, 1, 2]);
}

/**
 * Decodes latents to pixels.
 *
 * Source: Esser et al. 2021, VQGAN, arXiv:2012.09841, section 3.1. Ours differs: blocks of `stem` x `stem` pixels are
 * painted at once, and where the config has a refinement, a few convolutions at full resolution join them.
 *
 * @param latents `[B, codeDim, h, w]`; consumed.
 * @returns Pixels `[B, 3, H, W]`, nominally in [-1, 1].
 */
export function decodeLatents(
  { stem }: VqganConfig,
  { decoder }: Pick<VqganParameters<np.Array>, "decoder">,
  latents: np.Array,
): np.Array {
  const features = applyLevels(decoder, latents, "up");
  const { output, refinement } = decoder;
  if (refinement === undefined) return depthToSpace(conv(output, features), stem);
  const pixels = depthToSpace(conv(output, features.ref), stem); // [B, 3, H, W]
  let x = depthToSpace(conv(refinement.features, features), stem).add(conv(refinement.pixels, pixels.ref)); // [B, c, H, W]
  for (const layer of refinement.layers) x = conv(layer, silu(x));
  return pixels.add(conv(refinement.output, silu(x)));
}

/** The tokens of pixels `[B, 3, H, W]` (consumed), int32 `[B, h, w]`. */
export function tokenizePixels(
  config: VqganConfig,
  parameters: VqganParameters<np.Array>,
  pixels: np.Array,
): np.Array {
  return nearestCodes(parameters, encodePixels(config, parameters, pixels));
}

/** The pixels `[B, 3, H, W]` of tokens, int32 `[B, h, w]` (consumed). Token -1, unknown, decodes as a latent of zeros. */
export function decodeTokens(
  config: VqganConfig,
  parameters: Pick<VqganParameters<np.Array>, "codebook" | "decoder">,
  tokenIds: np.Array,
): np.Array {
  const [B = 1, h = 1, w = 1] = tokenIds.shape;
  const isKnown = np.greaterEqual(tokenIds.ref, 0).astype(np.float32).reshape([B, 1, h, w]);
  const codes = lookUpCodes(parameters, np.maximum(tokenIds, 0)); // [B, codeDim, h, w]
  return decodeLatents(config, parameters, codes.mul(isKnown));
}

/** What {@link reconstruct} returns: everything that the training loss needs. */
export type Reconstruction = {
  /** `[B, 3, H, W]` */
  readonly pixels: np.Array;
  /** Latents before the codebook, `[B, codeDim, h, w]`. */
  readonly latents: np.Array;
  /** Codes chosen, `[B, codeDim, h, w]`; gradients reach the codebook through them. */
  readonly codes: np.Array;
  /** int32 `[B, h, w]` */
  readonly tokenIds: np.Array;
};

/** Encodes, quantizes with the straight-through estimator, and decodes. Consumes `pixels`. */
export function reconstruct(
  config: VqganConfig,
  parameters: VqganParameters<np.Array>,
  pixels: np.Array,
): Reconstruction {
  const latents = encodePixels(config, parameters, pixels);
  const tokenIds = nearestCodes(parameters, lax.stopGradient(latents.ref));
  const codes = lookUpCodes(parameters, tokenIds.ref);
  const straightThrough = latents.ref.add(lax.stopGradient(codes.ref.sub(latents.ref)));
  return { pixels: decodeLatents(config, parameters, straightThrough), latents, codes, tokenIds };
}
