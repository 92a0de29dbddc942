import { createTensor, type Tensor } from "../core/mod.ts";
import {
  type AttentionParameters,
  createInitializer,
  type FeedForwardParameters,
  initAttention,
  initFeedForward,
  type Initializer,
  initLayerNorm,
  initLinear,
  type LayerNormParameters,
  type LinearParameters,
} from "../nn/mod.ts";
import { numPatchTokens, type PatchTransformerConfig } from "./patch_transformer_config.ts";

/** A residual branch: norm, layer, and the learned scale `[d]` of what it adds. */
export type BranchParameters<Layer, Leaf> = {
  readonly norm: LayerNormParameters<Leaf>;
  readonly layer: Layer;
  readonly scale: Leaf;
};

/** One layer of the patch transformer. */
export type TransformerLayerParameters<Leaf> = {
  readonly self: BranchParameters<AttentionParameters<Leaf>, Leaf>;
  /**
   * What an offset adds to keys: `[numHeads, offsets, headDim]`, or `[numHeads, offsets, 1]` if scalar; none if rotary. To
   * scores, if bias: `[numHeads, offsets, 1]`.
   */
  readonly offsets?: Leaf;
  readonly text?: BranchParameters<AttentionParameters<Leaf>, Leaf>;
  readonly feedForward: BranchParameters<FeedForwardParameters<Leaf>, Leaf>;
};

/** Parameters of the patch transformer. */
export type PatchTransformerParameters<Leaf> = {
  /** `{ table: [K, d] }`, or the linear map from codes. */
  readonly tokens: { readonly table: Leaf } | LinearParameters<Leaf>;
  /** The begin token, `[d]`. */
  readonly begin: Leaf;
  /** Where a token lies in its patch: `[height, d]` and `[width, d]`, added. */
  readonly rows: Leaf;
  readonly columns: Leaf;
  /** The token above the one to come, `[K, d]`. */
  readonly above?: Leaf;
  /** The token to the left of the one to come where that is in the first column, `[K, d]`. */
  readonly left?: Leaf;
  /** What an unknown token enters as, `[d]`. */
  readonly mask?: Leaf;
  /** Row band of the canvas, `[rowBands, d]`. */
  readonly bands?: Leaf;
  readonly textProjection?: LinearParameters<Leaf>;
  readonly layers: readonly TransformerLayerParameters<Leaf>[];
  readonly norm: LayerNormParameters<Leaf>;
  /** Logits over the codebook, `[d, K]`. */
  readonly head: LinearParameters<Leaf>;
};

/** The number of offsets an extent tells apart, the patch itself included: (2 ew + 1)(2 eh + 1)(ef + 1). */
function countOffsets({ extent }: PatchTransformerConfig): number {
  return (2 * extent.width + 1) * (2 * extent.height + 1) * (extent.frames + 1);
}

/** Numbers that an offset's embedding has for each head. */
function offsetWidth({ offsetEmbedding, embedDim, numHeads }: PatchTransformerConfig): number {
  return { vector: embedDim / numHeads, scalar: 1, rotary: 0, bias: 1 }[offsetEmbedding];
}

function initBranch<Layer>(
  initializer: Initializer,
  config: PatchTransformerConfig,
  layer: Layer,
): BranchParameters<Layer, Tensor> {
  return {
    norm: initLayerNorm(initializer, config.embedDim),
    layer,
    scale: initializer.constant([config.embedDim], config.layerScale),
  };
}

function initLayer(
  initializer: Initializer,
  config: PatchTransformerConfig,
): TransformerLayerParameters<Tensor> {
  const { embedDim: d, numHeads } = config;
  const self = initBranch(initializer, config, initAttention(initializer, d));
  const offsetDim = offsetWidth(config);
  const offsets = offsetDim === 0
    ? {}
    : { offsets: initializer.normal([numHeads, countOffsets(config), offsetDim], 0.02) };
  const feedForward = initBranch(initializer, config, initFeedForward(initializer, d));
  if (config.textDim === 0) return { self, ...offsets, feedForward };
  const text = initBranch(initializer, config, initAttention(initializer, d));
  return { self, ...offsets, text, feedForward };
}

/** The transpose of a matrix. */
function turn({ shape: [rows = 1, columns = 1], data }: Tensor): Tensor<Float32Array> {
  const turned = Float32Array.from(
    { length: rows * columns },
    (_, i) => data[i % rows * columns + Math.floor(i / rows)] ?? 0,
  );
  return createTensor([columns, rows], turned);
}

/** Codes under a random map, of mean square 1: `[K, d]`. */
function projectCodes(initializer: Initializer, codes: Tensor, d: number): Tensor<Float32Array> {
  const [K = 1, D = 1] = codes.shape;
  const map = initializer.normal([D, d], 1).data;
  const data = new Float32Array(K * d);
  for (let code = 0; code < K; code++) {
    const vector = [...codes.data.slice(code * D, (code + 1) * D)];
    const length = Math.hypot(...vector) || 1;
    for (let i = 0; i < d; i++) {
      data[code * d + i] = vector.reduce((sum, value, j) => sum + value / length * (map[j * d + i] ?? 0), 0);
    }
  }
  return createTensor([K, d], data);
}

/**
 * Starting values of a patch transformer.
 *
 * @param codes The tokenizer's codebook `[K, codeDim]`: tokens of similar codes start alike. Without it all differ.
 * @throws {RangeError} If the heads do not divide the width.
 */
export function initPatchTransformer(
  config: PatchTransformerConfig,
  seed: number | undefined,
  codes?: Tensor,
): PatchTransformerParameters<Tensor> {
  const { embedDim: d, codebookSize, patchTokens, rowBands, textDim, tokenEmbedding } = config;
  if (d % config.numHeads !== 0) {
    throw new RangeError(
      `Cannot initialise the patch transformer: embedDim must be a multiple of numHeads ${config.numHeads}, got ${d}`,
    );
  }
  const initializer = createInitializer(seed);
  const table = codes === undefined
    ? initializer.normal([codebookSize, d], 1)
    : projectCodes(initializer, codes, d);
  const scaled = (scale: number) => createTensor(table.shape, table.data.map((value) => value * scale));
  return {
    tokens: tokenEmbedding === "learned"
      ? { table: scaled(0.5) }
      : initLinear(initializer, tokenEmbedding.codeDim, d),
    begin: initializer.normal([d], 0.5),
    rows: initializer.normal([patchTokens.height, d], 0.3),
    columns: initializer.normal([patchTokens.width, d], 0.3),
    ...(config.neighbourEmbedding
      ? {
        above: initializer.constant([codebookSize, d], 0),
        left: initializer.constant([codebookSize, d], 0),
      }
      : {}),
    ...(config.maskEmbedding ? { mask: initializer.normal([d], 0.5) } : {}),
    ...(rowBands > 0 ? { bands: initializer.normal([rowBands, d], 0.3) } : {}),
    ...(textDim > 0 ? { textProjection: initLinear(initializer, textDim, d) } : {}),
    layers: Array.from({ length: config.numLayers }, () => initLayer(initializer, config)),
    norm: initLayerNorm(initializer, d),
    head: codes === undefined
      ? initLinear(initializer, d, codebookSize, { scale: 0.5 })
      : { weight: turn(scaled(0.5 / Math.sqrt(d))), bias: initializer.constant([codebookSize], 0) },
  };
}

/**
 * The number of parameters, by the formula alone: nothing is allocated.
 *
 * Source: PAPER 1.4: 20 d^2 a layer (16 d^2 without text) + the head + embeddings, norms, biases and scales.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { countTransformerParameters, TRANSFORMER_PRESETS } from "nuwa-infinity";
 * assertEquals(countTransformerParameters(TRANSFORMER_PRESETS.base), 202_211_776);
 * ```
 */
export function countTransformerParameters(config: PatchTransformerConfig): number {
  const { embedDim: d, numLayers, numHeads, codebookSize: K, textDim, tokenEmbedding } = config;
  const attention = 4 * d * d + d;
  const feedForward = 12 * d * d + 9 * d;
  const branches = textDim > 0 ? 3 : 2;
  const layer = attention * (branches - 1) + feedForward + branches * 3 * d +
    numHeads * countOffsets(config) * offsetWidth(config);
  const tokens = tokenEmbedding === "learned" ? K * d : tokenEmbedding.codeDim * d + d;
  const neighbours = config.neighbourEmbedding ? 2 * K * d : 0;
  const mask = config.maskEmbedding ? d : 0;
  const places = d * (1 + config.patchTokens.height + config.patchTokens.width + config.rowBands);
  const text = textDim > 0 ? textDim * d + d : 0;
  return numLayers * layer + tokens + neighbours + mask + places + text + 2 * d + d * K + K;
}

/** Bytes that the cache of one patch takes in the pool: keys and values of M tokens in every layer, float32. */
export function patchCacheBytes(config: PatchTransformerConfig): number {
  return 2 * config.numLayers * numPatchTokens(config) * config.embedDim * 4;
}
