import { createTensor, createUniform, listLeaves, type Tensor, type Uniform } from "../core/mod.ts";
import type { Crop, CropSource } from "../data/mod.ts";
import { generationOrder } from "../direction/mod.ts";
import {
  buildModel,
  canvasLogits,
  canvasMask,
  canvasOffsets,
  downsamplingFactor,
  encodeText,
  initPatchTransformer,
  initTextEncoder,
  type Model,
  type ModelConfig,
  type PatchTransformerConfig,
  type PatchTransformerParameters,
  seesEarlierNeighbours,
  type TextEncoderParameters,
  textMemories,
  tokenizeText,
} from "../models/mod.ts";
import type { Device } from "../runtime/mod.ts";
import { createTokenizer, tokenize } from "../steps/mod.ts";
import { ADAMW, initOptimizer } from "./adamw.ts";
import { compileTrainingStep, valueOf } from "./compile_training_step.ts";
import { tokenCrossEntropy } from "./losses.ts";
import type { TransformerRecipe } from "./recipe_config.ts";
import type { Recipe } from "./train_loop.ts";
import type { Checkpoint } from "./training_folder.ts";

/** What the transformer's recipe trains: the rest of the model is the tokenizer. */
type TrainedParameters<Leaf> = {
  readonly text?: TextEncoderParameters<Leaf>;
  readonly transformer: PatchTransformerParameters<Leaf>;
};

/** The config of the whole model that a recipe trains on top of a tokenizer. */
export function transformerModelConfig(
  recipe: TransformerRecipe,
  tokenizer: Model,
  vocabulary: readonly string[],
): ModelConfig & { readonly transformer: PatchTransformerConfig } {
  const { text, model } = recipe;
  const { codebookSize } = tokenizer.config.tokenizer;
  return {
    tokenizer: tokenizer.config.tokenizer,
    ...(text === undefined
      ? {}
      : { text: { ...text, vocabularySize: vocabulary.length }, vocabulary: [...vocabulary] }),
    transformer: { ...model, codebookSize, textDim: text?.embedDim ?? 0 },
  };
}

function initTrained(
  config: ReturnType<typeof transformerModelConfig>,
  seed: number,
): TrainedParameters<Tensor> {
  return {
    ...(config.text === undefined ? {} : { text: initTextEncoder(config.text, seed + 1) }),
    transformer: initPatchTransformer(config.transformer, seed),
  };
}

/** The start of a run. */
export function startTransformer(
  config: ReturnType<typeof transformerModelConfig>,
  seed: number,
): Checkpoint {
  const parameters = listLeaves(initTrained(config, seed)).map(([, tensor]) => tensor);
  return { step: 0, seconds: 0, state: initOptimizer(parameters), memory: {} };
}

/** The whole model at a checkpoint: the tokenizer as it is, the rest averaged. */
export function modelAt(
  config: ReturnType<typeof transformerModelConfig>,
  tokenizer: Model,
  checkpoint: Checkpoint,
): Model {
  const paths = listLeaves(initTrained(config, 0)).map(([path]) => path);
  return buildModel(config, {
    ...Object.fromEntries(listLeaves({ tokenizer: tokenizer.parameters.tokenizer })),
    ...Object.fromEntries(checkpoint.state.average.map((tensor, index) => [paths[index] ?? "", tensor])),
  });
}

/**
 * Compiles the training of a patch transformer with its text encoder: a whole canvas a sample, in one pass.
 *
 * Source: NUWA-Infinity, arXiv:2207.09814, algorithm 1. Ours differs: the loss of all patches is taken together (the
 * paper's "accumulated" loss, with gradients through the context), one optimiser step a batch.
 */
export async function prepareTransformerTraining(
  recipe: TransformerRecipe,
  options: {
    readonly config: ReturnType<typeof transformerModelConfig>;
    readonly tokenizer: Model;
    readonly source: CropSource;
    readonly device: Device;
  },
): Promise<Recipe> {
  const { config, tokenizer, source, device } = options;
  const sample = createBatchSampler(recipe, { config, tokenizer, source, device });
  const step = await compileTrainingStep<TrainedParameters<Traced>, CanvasBatch<Traced>>(
    (parameters, batch) => {
      const text = parameters.text === undefined || config.text === undefined ? [] : textMemories(
        config.transformer,
        parameters.transformer,
        encodeText(config.text, parameters.text, batch.words),
      );
      const { tokenIds, ...inputs } = batch;
      const logits = canvasLogits(config.transformer, parameters.transformer, {
        ...inputs,
        tokenIds: tokenIds.ref,
        text,
      });
      const { loss, nats } = tokenCrossEntropy(logits, tokenIds, recipe.labelSmoothing);
      return [loss, { nats }];
    },
    {
      parameters: initTrained(config, 0),
      batch: await sample(0),
      device,
      optimizer: { ...ADAMW, weightDecay: recipe.weightDecay, clipNorm: recipe.clipNorm },
    },
  );
  return {
    step,
    schedule: recipe,
    averageDecay: recipe.averageDecay,
    sampleBatch: sample,
    afterStep: ({ watched }, checkpoint) => {
      const nats = watched.nats === undefined ? NaN : valueOf(watched.nats);
      return { checkpoint, figures: { bitsPerToken: nats / Math.LN2 } };
    },
  };
}

/** One batch of canvases, under one generation order. */
export type CanvasBatch<Leaf> = {
  /** int32 `[B, P, M]` */
  readonly tokenIds: Leaf;
  /** int32 `[B, P]` */
  readonly bands: Leaf;
  /** int32 `[B, S]` */
  readonly words: Leaf;
  readonly mask: Leaf;
  readonly offsets: Leaf;
};

/** The batch of a step, as a pure function of the recipe's seed and the step. */
export function createBatchSampler(
  recipe: Pick<TransformerRecipe, "seed" | "batchSize" | "canvasPatches" | "orders" | "textDropout">,
  options: Parameters<typeof prepareTransformerTraining>[1],
): (step: number) => Promise<CanvasBatch<Tensor>> {
  const { config, source, device } = options;
  const { canvasPatches: side, batchSize, orders } = recipe;
  const grid = { rows: side, columns: side, frames: 1 };
  const tokenizer = createTokenizer({ ...tokenizerOf(options.tokenizer), device });
  const patchPixels = config.transformer.patchTokens.height * downsamplingFactor(config.tokenizer);
  const masks = new Map(orders.map((order) => {
    const rank: number[] = [];
    generationOrder({ grid, order }).forEach(({ row, column }, place) => rank[row * side + column] = place);
    return [
      order,
      canvasMask(grid, config.transformer, seesEarlierNeighbours(grid, config.transformer, rank)),
    ] as const;
  }));
  const offsets = canvasOffsets(grid, config.transformer);
  return async (step) => {
    const uniform = createUniform(recipe.seed + 2, step);
    const order = orders[Math.floor(uniform() * orders.length)];
    const mask = order === undefined ? undefined : masks.get(order);
    if (mask === undefined) {
      throw new RangeError(`Cannot sample batch: orders must not be empty, got ${orders}`);
    }
    const crops: Crop[] = [];
    for (let i = 0; i < batchSize; i++) {
      crops.push(await source.sampleCrop(uniform, { size: side * patchPixels, step: patchPixels }));
    }
    const tokenIds: Int32Array[] = [];
    for (const { picture } of crops) {
      const tokens = await tokenize(tokenizer, picture);
      tokenIds.push(cutPatches(tokens.data, side, config.transformer.patchTokens));
    }
    const bands = crops.flatMap((crop) => cropBands(crop, side, patchPixels, config.transformer.rowBands));
    const words = crops.flatMap((
      { caption },
    ) => [...cropWords(config, uniform, recipe.textDropout, caption)]);
    const [P, M] = [
      side * side,
      config.transformer.patchTokens.height * config.transformer.patchTokens.width,
    ];
    return {
      tokenIds: createTensor([batchSize, P, M], Int32Array.from(tokenIds.flatMap((ids) => [...ids]))),
      bands: createTensor([batchSize, P], Int32Array.from(bands)),
      words: createTensor([batchSize, words.length / batchSize], Int32Array.from(words)),
      mask,
      offsets,
    };
  };
}

function tokenizerOf(model: Model) {
  return { config: model.config.tokenizer, parameters: model.parameters.tokenizer };
}

/** Row-major tokens `[side * height, side * width]` to patch after patch, `[P, M]`. */
function cutPatches(
  tokens: Int32Array,
  side: number,
  { height, width }: { readonly height: number; readonly width: number },
): Int32Array {
  const stride = side * width;
  return Int32Array.from({ length: tokens.length }, (_, index) => {
    const within = index % (height * width), patch = Math.floor(index / (height * width));
    const row = Math.floor(patch / side) * height + Math.floor(within / width);
    return tokens[row * stride + (patch % side) * width + within % width] ?? -1;
  });
}

/** The row band of each patch of a crop, by where its middle lies in the whole picture. */
function cropBands(crop: Crop, side: number, patchPixels: number, numBands: number): number[] {
  return Array.from({ length: side * side }, (_, patch) => {
    const middle = crop.top + (Math.floor(patch / side) + 0.5) * patchPixels;
    return Math.min(Math.floor(middle / crop.fullHeight * numBands), Math.max(numBands - 1, 0));
  });
}

/** Word ids of a caption, dropped now and then; one padded place for a model without text. */
function cropWords(
  config: ModelConfig,
  uniform: Uniform,
  dropout: number,
  caption: string | undefined,
): Int32Array {
  const isDropped = uniform() < dropout;
  if (config.text === undefined) return new Int32Array(1);
  const words = { words: config.vocabulary ?? [] };
  return tokenizeText(words, config.text.maxLength, isDropped ? undefined : caption).ids;
}

type Traced = Parameters<typeof tokenCrossEntropy>[0];
