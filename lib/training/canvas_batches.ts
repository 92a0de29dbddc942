import { createTensor, createUniform, type Tensor, type TokenGrid, type Uniform } from "../core/mod.ts";
import type { Crop, CropSource } from "../data/mod.ts";
import {
  downsamplingFactor,
  type Model,
  type ModelConfig,
  type PatchEdges,
  type PatchTransformerConfig,
  tokenizeText,
} from "../models/mod.ts";
import type { Device } from "../runtime/mod.ts";
import { createTokenizer, tokenize } from "../steps/mod.ts";
import { createAssembler } from "./_assemble_batch.ts";
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

/** The batch of a step: a pure function of its number, the first being 1. */
export type BatchSampler = (step: number) => Promise<CanvasBatch<Tensor>>;

/** The part of a recipe that decides the batches. */
export type BatchRecipe =
  & Pick<TransformerRecipe, "seed" | "batchSize" | "canvasPatches" | "orders" | "textDropout">
  & Partial<Pick<TransformerRecipe, "local" | "contextDropout">>;

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

/** The batch of a step, as a pure function of the recipe's seed and the step; `dispose` frees the compiled tokenizer. */
export function createBatchSampler(
  recipe: BatchRecipe,
  options: BatchSamplerOptions,
): BatchSampler & { dispose(): Promise<void> } {
  const { config: { transformer, ...config }, source, device } = options;
  const { canvasPatches: side, batchSize } = recipe;
  const { config: { tokenizer: tokenizerConfig }, parameters } = options.tokenizer;
  const tokenizer = createTokenizer({ config: tokenizerConfig, parameters: parameters.tokenizer, device });
  const patchPixels = transformer.patchTokens.height * downsamplingFactor(tokenizerConfig);
  const assemble = createAssembler(recipe, transformer);
  const sample: BatchSampler = async (step) => {
    const uniform = createUniform(recipe.seed + 2, step);
    const layout = assemble.drawLayout(uniform);
    const crops: Crop[] = [];
    for (let i = 0; i < batchSize; i++) {
      crops.push(await source.sampleCrop(uniform, { size: side * patchPixels, step: patchPixels }));
    }
    const canvases: TokenGrid[] = [];
    for (const { picture } of crops) canvases.push(await tokenize(tokenizer, picture));
    const words = crops.flatMap((
      { caption },
    ) => [...cropWords(config, uniform, recipe.textDropout, caption)]);
    return assemble.batch(layout, {
      canvases: canvases.map(({ data }) => data),
      bands: crops.map(({ top, fullHeight }) => (row) => (top + (row + 0.5) * patchPixels) / fullHeight),
      words: createTensor([batchSize, words.length / batchSize], Int32Array.from(words)),
      uniform,
    });
  };
  return Object.assign(sample, { dispose: () => tokenizer.dispose() });
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
