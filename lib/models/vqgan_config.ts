/** Shape of a {@link initVqgan tokenizer}. */
export interface VqganConfig {
  /** Side of the blocks that the first layer takes apart, in pixels. */
  readonly stem: number;
  /** Channels at each resolution, finest first; each further entry halves the resolution. */
  readonly channels: readonly number[];
  /** Residual blocks at each resolution. */
  readonly numBlocks: { readonly encoder: number; readonly decoder: number };
  /** K, the number of codes. */
  readonly codebookSize: number;
  /** Width of a code. Codes lie on the unit sphere. */
  readonly codeDim: number;
  /** A last stage of the decoder at full resolution, which leaves no trace of the blocks that `stem` makes. @default none */
  readonly refinement?: RefinementConfig | undefined;
}

/** Shape of the last stage of a tokenizer's decoder. */
export interface RefinementConfig {
  /** Channels of a pixel. */
  readonly channels: number;
  /** Convolutions between the first and the last one. */
  readonly numLayers: number;
}

/** Sizes that the project uses by name. */
export const VQGAN_PRESETS = {
  /** For tests: trains in seconds. */
  tiny: { stem: 4, channels: [16, 24], numBlocks: { encoder: 1, decoder: 1 }, codebookSize: 64, codeDim: 8 },
  /** The shipped one: f = 8 on two CPU cores. */
  small: {
    stem: 4,
    channels: [64, 128],
    numBlocks: { encoder: 2, decoder: 3 },
    codebookSize: 1024,
    codeDim: 16,
  },
} as const satisfies Record<string, VqganConfig>;

/** What codes depend on: tokenizers that differ only in their decoder have the same ones. */
export function codesConfig({ numBlocks, refinement: _, ...config }: VqganConfig): unknown {
  return { ...config, numBlocks: numBlocks.encoder };
}

/**
 * f: pixels per token along each side.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { downsamplingFactor, VQGAN_PRESETS } from "nuwa-infinity";
 * assertEquals(downsamplingFactor(VQGAN_PRESETS.small), 8);
 * ```
 */
export function downsamplingFactor(config: VqganConfig): number {
  return config.stem * 2 ** (config.channels.length - 1);
}

/**
 * How far, in tokens, a pixel or token can influence the other: the halo that tiles need so that cutting a
 * picture changes nothing. Each 3x3 convolution reaches one cell of its resolution.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { receptiveHalo, VQGAN_PRESETS } from "nuwa-infinity";
 * assertEquals(receptiveHalo(VQGAN_PRESETS.small), 12);
 * ```
 */
export function receptiveHalo(config: VqganConfig): number {
  const factor = downsamplingFactor(config);
  const reach = (blocks: number) =>
    config.channels.reduce((sum, _, level) => sum + config.stem * 2 ** level * (2 * blocks), 0);
  const stem = config.stem, deepest = factor;
  const encoder = stem + reach(config.numBlocks.encoder);
  const refinement = config.refinement === undefined ? 0 : config.refinement.numLayers + 2;
  const decoder = deepest + reach(config.numBlocks.decoder) + stem + refinement;
  return Math.ceil(Math.max(encoder, decoder) / factor) + 1;
}
