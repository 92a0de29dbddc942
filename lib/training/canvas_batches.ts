import { createTensor, createUniform, type PatchPosition, type Tensor, type Uniform } from "../core/mod.ts";
import type { Crop, CropSource } from "../data/mod.ts";
import { generationOrder } from "../direction/mod.ts";
import {
  canvasEdges,
  canvasMask,
  canvasOffsets,
  canvasPositions,
  downsamplingFactor,
  type Model,
  type ModelConfig,
  numPatchTokens,
  type PatchEdges,
  type PatchTransformerConfig,
  tokenizeText,
} from "../models/mod.ts";
import type { Device } from "../runtime/mod.ts";
import { createTokenizer, tokenize } from "../steps/mod.ts";
import type { TransformerRecipe } from "./recipe_config.ts";

/** One batch of canvases, under one generation order; the patches lie in that order. */
export type CanvasBatch<Leaf> = {
  /** int32 `[B, P, M]` */
  readonly tokenIds: Leaf;
  /** The same with -1 for tokens to predict from the others: only where `p-nar` or `nar` is learned. */
  readonly partialIds?: Leaf;
  /** int32 `[B, P, width]` and `[B, P, height]`, see `canvasEdges`. */
  readonly edges: PatchEdges<Leaf>;
  /** int32 `[B, P]` */
  readonly bands: Leaf;
  /** int32 `[B, S]` */
  readonly words: Leaf;
  /** `[P (M + 1), P (M + 1)]`, see `canvasMask`. */
  readonly mask: Leaf;
  /** `[P, offsets, P]`, see `canvasOffsets`. */
  readonly offsets: Leaf;
  /** Row, column and frame of each patch, `[P, 3]`. */
  readonly positions: Leaf;
};

/** What batches are made from. */
export interface BatchSamplerOptions {
  /** The model that the batches are for: its patches, extent, row bands and vocabulary. */
  readonly config: ModelConfig & { readonly transformer: PatchTransformerConfig };
  /** Turns crops into tokens; its other parts are not used. */
  readonly tokenizer: Model;
  /** Where the crops come from; one is a whole canvas. */
  readonly source: CropSource;
  /** Where the tokenizer runs. */
  readonly device: Device;
}

/** The batch of a step, as a pure function of the recipe's seed and the step. */
export function createBatchSampler(
  recipe:
    & Pick<TransformerRecipe, "seed" | "batchSize" | "canvasPatches" | "orders" | "textDropout">
    & Partial<Pick<TransformerRecipe, "local">>,
  options: BatchSamplerOptions,
): (step: number) => Promise<CanvasBatch<Tensor>> {
  const { config: { transformer, ...config }, source, device } = options;
  const { canvasPatches: side, batchSize, orders } = recipe;
  const { config: { tokenizer: tokenizerConfig }, parameters } = options.tokenizer;
  const tokenizer = createTokenizer({ config: tokenizerConfig, parameters: parameters.tokenizer, device });
  const patchPixels = transformer.patchTokens.height * downsamplingFactor(tokenizerConfig);
  const layouts = orders.map((order) => {
    const positions = generationOrder({ grid: { rows: side, columns: side, frames: 1 }, order });
    return {
      positions,
      mask: canvasMask(transformer, positions),
      offsets: canvasOffsets(transformer, positions),
      places: canvasPositions(positions),
    };
  });
  return async (step) => {
    const uniform = createUniform(recipe.seed + 2, step);
    const layout = layouts[Math.floor(uniform() * layouts.length)];
    if (layout === undefined) throw new RangeError("Cannot sample batch: orders must name one, got none");
    const { positions, places, mask, offsets } = layout;
    const crops: Crop[] = [];
    for (let i = 0; i < batchSize; i++) {
      crops.push(await source.sampleCrop(uniform, { size: side * patchPixels, step: patchPixels }));
    }
    const canvases: Int32Array[][] = [];
    for (const { picture } of crops) {
      const tokens = await tokenize(tokenizer, picture);
      canvases.push(cutPatches(tokens.data, side * transformer.patchTokens.width, positions, transformer));
    }
    const edges = canvases.map((patches) => canvasEdges(transformer, positions, patches));
    const stack = (length: number, rows: readonly Int32Array[]) =>
      createTensor([batchSize, positions.length, length], Int32Array.from(rows.flatMap((row) => [...row])));
    const bands = crops.flatMap((crop) => cropBands(crop, positions, patchPixels, transformer.rowBands));
    const words = crops.flatMap((
      { caption },
    ) => [...cropWords(config, uniform, recipe.textDropout, caption)]);
    const hide = createHiding(recipe.local ?? [], uniform);
    return {
      tokenIds: stack(numPatchTokens(transformer), canvases.flat()),
      ...(hide === undefined
        ? {}
        : { partialIds: stack(numPatchTokens(transformer), canvases.flat().map(hide)) }),
      edges: {
        above: stack(transformer.patchTokens.width, edges.map(({ above }) => above)),
        left: stack(transformer.patchTokens.height, edges.map(({ left }) => left)),
      },
      bands: createTensor([batchSize, positions.length], Int32Array.from(bands)),
      words: createTensor([batchSize, words.length / batchSize], Int32Array.from(words)),
      mask,
      offsets,
      positions: places,
    };
  };
}

/** The tokens `[M]` of each patch, out of a row-major grid that is `stride` tokens wide. */
function cutPatches(
  tokens: Int32Array,
  stride: number,
  positions: readonly PatchPosition[],
  { patchTokens: { height, width } }: PatchTransformerConfig,
): Int32Array[] {
  return positions.map(({ row, column }) =>
    Int32Array.from({ length: height * width }, (_, index) => {
      const y = row * height + Math.floor(index / width), x = column * width + index % width;
      return tokens[y * stride + x] ?? -1;
    })
  );
}

/** Share of patches that `nar` gets to learn from, all tokens unknown, where `p-nar` is learned too. */
const NAR_SHARE = 0.25;

/**
 * Hides tokens of a patch: as many as some step of mask-predict would, or all.
 *
 * Source: Chang et al. 2022, MaskGIT, arXiv:2202.04200, section 3.3: the share is `cos(u pi / 2)` for a uniform u.
 */
function createHiding(local: TransformerRecipe["local"], uniform: Uniform) {
  const isPartial = local.includes("p-nar"), isWhole = local.includes("nar");
  if (!isPartial && !isWhole) return undefined;
  const narShare = isPartial ? isWhole ? NAR_SHARE : 0 : 1;
  return (tokens: Int32Array): Int32Array => {
    const isAll = uniform() < narShare, share = Math.cos(uniform() * Math.PI / 2);
    const numHidden = isAll ? tokens.length : Math.max(1, Math.round(share * tokens.length));
    const ranks = Array.from(tokens, (_, token) => ({ token, rank: uniform() }));
    const hidden = ranks.sort((a, b) => a.rank - b.rank).slice(0, numHidden);
    const partial = Int32Array.from(tokens);
    for (const { token } of hidden) partial[token] = -1;
    return partial;
  };
}

/** The row band of each patch of a crop, by where its middle lies in the whole picture. */
function cropBands(
  crop: Crop,
  positions: readonly PatchPosition[],
  patchPixels: number,
  numBands: number,
): number[] {
  return positions.map(({ row }) => {
    const middle = crop.top + (row + 0.5) * patchPixels;
    return Math.min(Math.floor(middle / crop.fullHeight * numBands), Math.max(numBands - 1, 0));
  });
}

/** Word ids of a caption, dropped now and then; one padded place for a model without text. */
function cropWords(
  { text, vocabulary = [] }: Pick<ModelConfig, "text" | "vocabulary">,
  uniform: Uniform,
  dropout: number,
  caption: string | undefined,
): Int32Array {
  const isDropped = uniform() < dropout;
  if (text === undefined) return new Int32Array(1);
  return tokenizeText({ words: vocabulary }, text.maxLength, isDropped ? undefined : caption).ids;
}
