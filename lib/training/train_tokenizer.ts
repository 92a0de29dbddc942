import { createTensor, createUniform, listLeaves, picturesToPixels, type Tensor } from "../core/mod.ts";
import type { CropSource } from "../data/mod.ts";
import { buildModel, initVqgan, type Model, reconstruct, type VqganParameters } from "../models/mod.ts";
import type { Device } from "../runtime/mod.ts";
import { ADAMW, initOptimizer } from "./adamw.ts";
import { compileTrainingStep, type StepResult, valueOf } from "./compile_training_step.ts";
import { tokenizerLoss } from "./losses.ts";
import type { TokenizerRecipe } from "./recipe_config.ts";
import { reviveCodes } from "./revive_codes.ts";
import type { Recipe } from "./train_loop.ts";
import type { Checkpoint } from "./training_folder.ts";

/** Every so many steps, dead codes are looked for. */
const REVIVE_EVERY = 10;

/** The start of a run: parameters drawn, every code due for revival onto the first batch's latents. */
export function startTokenizer(recipe: TokenizerRecipe): Checkpoint {
  const parameters = listLeaves(initVqgan(recipe.model, recipe.seed)).map(([, tensor]) => tensor);
  const lastUsed = new Int32Array(recipe.model.codebookSize).fill(-recipe.reviveAfter);
  return {
    step: 0,
    seconds: 0,
    state: initOptimizer(parameters),
    memory: { lastUsed: createTensor([lastUsed.length], lastUsed) },
  };
}

/** The tokenizer at a checkpoint: its averaged parameters. */
export function tokenizerAt(recipe: TokenizerRecipe, checkpoint: Checkpoint): Model {
  const config = { tokenizer: recipe.model };
  const paths = listLeaves({ tokenizer: initVqgan(recipe.model, 0) }).map(([path]) => path);
  const entries = checkpoint.state.average.map((tensor, index) => [paths[index] ?? "", tensor] as const);
  return buildModel(config, Object.fromEntries(entries));
}

/**
 * Compiles the training of a tokenizer.
 *
 * Source: Esser et al. 2021, VQGAN, arXiv:2012.09841, section 3.1, without the adversarial term.
 */
export async function prepareTokenizerTraining(
  recipe: TokenizerRecipe,
  options: { readonly source: CropSource; readonly device: Device },
): Promise<Recipe> {
  const { cropSize: size, batchSize, model: config, seed } = recipe;
  const parameters = initVqgan(config, seed);
  const codebookIndex = listLeaves(parameters).findIndex(([path]) => path === "codebook");
  const example = {
    pixels: createTensor([batchSize, 3, size, size], new Float32Array(batchSize * 3 * size * size)),
  };
  const step = await compileTrainingStep<VqganParameters<Traced>, Record<"pixels", Traced>>(
    (parameters, batch) => {
      const { tokenIds, ...rest } = reconstruct(config, parameters, batch.pixels.ref);
      const latents = rest.latents.ref;
      const { loss, squaredError } = tokenizerLoss(rest, batch.pixels, recipe.loss);
      return [loss, { squaredError, tokenIds, latents }];
    },
    {
      parameters,
      batch: example,
      device: options.device,
      optimizer: { ...ADAMW, weightDecay: recipe.weightDecay, clipNorm: recipe.clipNorm },
    },
  );
  return {
    step,
    schedule: recipe,
    averageDecay: recipe.averageDecay,
    async sampleBatch(number) {
      const uniform = createUniform(seed + 1, number);
      const crops = [];
      for (let i = 0; i < batchSize; i++) {
        crops.push((await options.source.sampleCrop(uniform, { size })).picture);
      }
      return { pixels: picturesToPixels(crops) };
    },
    afterStep: (result, checkpoint) => watchCodes(recipe, codebookIndex, result, checkpoint),
  };
}

/** Notes which codes were used, revives dead ones, and names the figures of the curve. */
function watchCodes(
  recipe: TokenizerRecipe,
  codebookIndex: number,
  result: StepResult,
  checkpoint: Checkpoint,
) {
  const { tokenIds, latents, squaredError } = result.watched;
  const before = checkpoint.memory.lastUsed;
  if (tokenIds === undefined || latents === undefined || squaredError === undefined || before === undefined) {
    throw new TypeError("Cannot watch codes: the step must return tokenIds, latents and squaredError");
  }
  const { step } = checkpoint;
  const lastUsed = createTensor(before.shape, Int32Array.from(before.data));
  for (const id of tokenIds.data) lastUsed.data[id] = step;
  const { state, numRevived } = step % REVIVE_EVERY === 1
    ? reviveCodes(checkpoint.state, {
      codebookIndex,
      lastUsed,
      latents,
      step,
      after: recipe.reviveAfter,
      seed: recipe.seed,
    })
    : { state: checkpoint.state, numRevived: 0 };
  if (numRevived > 0) restart(lastUsed, step, recipe.reviveAfter);
  return {
    checkpoint: { ...checkpoint, state, memory: { lastUsed } },
    figures: {
      psnr: 10 * Math.log10(4 / valueOf(squaredError)), // pixels span [-1, 1]
      codesInBatch: new Set(tokenIds.data).size,
      codesRevived: numRevived,
    },
  };
}

/** Gives revived codes their full time again. */
function restart(lastUsed: Tensor, step: number, after: number): void {
  for (let code = 0; code < lastUsed.data.length; code++) {
    if (step - (lastUsed.data[code] ?? 0) >= after) lastUsed.data[code] = step;
  }
}

type Traced = Parameters<typeof tokenizerLoss>[1];
