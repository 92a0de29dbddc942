import { numpy as np } from "@jax-js/jax";
import { listLeaves, type Tensor } from "../core/mod.ts";
import type { CropSource } from "../data/mod.ts";
import {
  bothCanvasLogits,
  buildModel,
  canvasLogits,
  codesConfig,
  encodeText,
  initPatchTransformer,
  initTextEncoder,
  type Model,
  type ModelConfig,
  type PatchTransformerConfig,
  type PatchTransformerParameters,
  type TextEncoderParameters,
  textMemories,
} from "../models/mod.ts";
import type { Device } from "../runtime/mod.ts";
import { ADAMW, initOptimizer } from "./adamw.ts";
import { type BatchSampler, type CanvasBatch, createBatchSampler } from "./canvas_batches.ts";
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
  codes?: Tensor,
): TrainedParameters<Tensor> {
  return {
    ...(config.text === undefined ? {} : { text: initTextEncoder(config.text, seed + 1) }),
    transformer: initPatchTransformer(config.transformer, seed, codes),
  };
}

/**
 * The start of a run: parameters drawn, or those of finished weights.
 *
 * @param options.tokenizer Tokens of similar codes start alike.
 * @param options.from Weights of the same config to go on from; the decoder of their tokenizer may be another one.
 * @throws {TypeError} If the weights are of another config, or of other codes.
 */
export function startTransformer(
  config: ReturnType<typeof transformerModelConfig>,
  seed: number,
  { tokenizer, from }: { readonly tokenizer?: Model; readonly from?: Model | undefined } = {},
): Checkpoint {
  const drawn = initTrained(config, seed, tokenizer?.parameters.tokenizer.codebook);
  if (from !== undefined) assertSameConfig(config, from.config);
  if (from !== undefined && tokenizer !== undefined) assertSameCodes(tokenizer, from);
  const given = new Map<string, Tensor>(from === undefined ? [] : listLeaves(from.parameters));
  const parameters = listLeaves(drawn).map(([path, tensor]) => given.get(path) ?? tensor);
  return { step: 0, seconds: 0, state: initOptimizer(parameters), memory: {} };
}

/** Weights of another config are no start. */
function assertSameConfig(config: ModelConfig, from: ModelConfig): void {
  const compare = (part: string, ...values: readonly unknown[]) => {
    const [need, got] = values.map((value) => JSON.stringify(sorted(value)));
    if (need === got) return;
    throw new TypeError(`Cannot train from these weights: their ${part} must be ${need}, got ${got}`);
  };
  compare("tokenizer", codesConfig(config.tokenizer), codesConfig(from.tokenizer));
  for (const part of ["text", "vocabulary", "transformer"] as const) compare(part, config[part], from[part]);
}

/** Weights that learned what other codes mean are no start. */
function assertSameCodes(tokenizer: Model, from: Model): void {
  const codes = ({ parameters }: Model) => {
    const { encoder, codebook } = parameters.tokenizer;
    return listLeaves({ encoder, codebook });
  };
  const theirs = new Map(codes(from));
  for (const [path, { data }] of codes(tokenizer)) {
    const other = theirs.get(path)?.data;
    if (data.every((value, i) => value === other?.[i])) continue;
    throw new TypeError(
      `Cannot train from these weights: their tokenizer.${path} must be the tokenizer's, got another`,
    );
  }
}

/** The same value with the fields of every record in alphabetical order. */
function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.fromEntries(
    Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([k, v]) => [k, sorted(v)]),
  );
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
    /** Pictures; or batches of one's own, all of the shapes of that of step 0. */
    readonly source: CropSource | BatchSampler;
    readonly device: Device;
  },
): Promise<Recipe & { dispose(): Promise<void> }> {
  const { config, tokenizer, source, device } = options;
  const sample: BatchSampler & { dispose?(): Promise<void> } = typeof source === "function"
    ? source
    : createBatchSampler(recipe, { config, tokenizer, source, device });
  const step = await compileTrainingStep<TrainedParameters<Traced>, CanvasBatch<Traced>>(
    (parameters, batch) => {
      const text = parameters.text === undefined || config.text === undefined ? [] : textMemories(
        config.transformer,
        parameters.transformer,
        encodeText(config.text, parameters.text, batch.words),
      );
      const { tokenIds, partialIds, ...rest } = batch;
      const inputs = { ...rest, tokenIds: tokenIds.ref, text };
      if (partialIds === undefined) {
        const logits = canvasLogits(config.transformer, parameters.transformer, inputs);
        const { loss, nats } = tokenCrossEntropy(logits, tokenIds, recipe.labelSmoothing);
        return [loss, { bitsPerToken: nats }];
      }
      const isHidden = np.less(partialIds.ref, 0);
      const logits = bothCanvasLogits(config.transformer, parameters.transformer, inputs, partialIds);
      const causal = tokenCrossEntropy(logits.causal, tokenIds.ref, recipe.labelSmoothing);
      const partial = tokenCrossEntropy(logits.partial, tokenIds, recipe.labelSmoothing, isHidden);
      return [causal.loss.add(partial.loss), { bitsPerToken: causal.nats, bitsPerHiddenToken: partial.nats }];
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
      const figures = Object.entries(watched).map(([name, nats]) => [name, valueOf(nats) / Math.LN2]);
      return { checkpoint, figures: Object.fromEntries(figures) };
    },
    dispose: async () => {
      await Promise.all([step.dispose(), sample.dispose?.()]);
    },
  };
}

type Traced = Parameters<typeof tokenCrossEntropy>[0];
