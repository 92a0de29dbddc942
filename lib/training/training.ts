import type { CropSource } from "../data/mod.ts";
import { buildVocabulary, type Model } from "../models/mod.ts";
import type { Device } from "../runtime/mod.ts";
import type { BatchSampler } from "./canvas_batches.ts";
import type { TransformerRecipe } from "./recipe_config.ts";
import { trainSteps, type TrainStepsOptions } from "./train_loop.ts";
import {
  modelAt,
  prepareTransformerTraining,
  startTransformer,
  transformerModelConfig,
} from "./train_transformer.ts";
import type { Checkpoint, LossRecord } from "./training_folder.ts";

/**
 * A training that can be stopped, continued and looked at: the steps of `trainLoop`, held in memory. Stopped at any step
 * and continued, it has the same losses as one that never stopped.
 */
export interface Training extends AsyncDisposable {
  /** The config of the whole model. */
  readonly config: ReturnType<typeof transformerModelConfig>;
  /** Steps of the whole schedule. */
  readonly numSteps: number;
  /** Where it stands; `saveCheckpoint` keeps it for another day. */
  readonly checkpoint: Checkpoint;
  /** The curve since this training was started, a record a step. */
  readonly records: readonly LossRecord[];
  /** Takes steps, and yields after each one. Safe to leave at any time. */
  advance(options?: TrainStepsOptions): AsyncGenerator<LossRecord, void, void>;
  /** The whole model as it is now, tokenizer included: its parameters are the averaged ones. */
  model(): Model;
  /** Frees what was compiled; no more steps can be taken. */
  dispose(): Promise<void>;
}

/** What {@link startTraining} needs besides the recipe. */
export interface StartTrainingOptions {
  /** Turns pictures into codes, and stays as it is; its other parts are not used. */
  readonly tokenizer: Model;
  /** Where pictures come from: the handscroll world, or a folder. Or batches of one's own, e.g. `createTokenSampler`. */
  readonly source: CropSource | BatchSampler;
  /** Texts with every word that captions use; for recipes with `text`. @default none */
  readonly captions?: readonly string[];
  /** Finished weights to go on from: those that a recipe with `from` names. @default parameters drawn by the recipe's seed */
  readonly from?: Model | undefined;
  /** Goes on from here, e.g. from `loadCheckpoint`. @default the start of a training */
  readonly checkpoint?: Checkpoint | undefined;
  /** @default "auto" */
  readonly device?: Device;
}

/**
 * Starts the training of a patch transformer: compiles a step, and takes none before it is advanced. Nothing is read from
 * the paths that the recipe names: what is there is given by the options.
 *
 * @throws {RangeError} If the recipe has `text` and there are no captions, or has `from` and there are no such weights.
 *
 * @example Usage
 * ```ts ignore
 * const { model: tokenizer } = await loadModel("weights/handscroll");
 * const source = createHandscrollSource({ count: 16, firstSeed: 1 });
 * await using training = await startTraining(recipe, { tokenizer, source });
 * for await (const { step, bitsPerToken } of training.advance({ until: 100 })) console.log(step, bitsPerToken);
 * const model = training.model();
 * ```
 */
export async function startTraining(
  recipe: TransformerRecipe,
  options: StartTrainingOptions,
): Promise<Training> {
  const { tokenizer, source, captions = [], from, device = "auto" } = options;
  assertGiven(recipe, options);
  const words = recipe.text === undefined ? [] : buildVocabulary(captions).words;
  const config = transformerModelConfig(recipe, tokenizer, words);
  let checkpoint = options.checkpoint ?? startTransformer(config, recipe.seed, { tokenizer, from });
  const prepared = await prepareTransformerTraining(recipe, { ...options, config, source, device });
  const records: LossRecord[] = [];
  return {
    config,
    numSteps: recipe.numSteps,
    records,
    get checkpoint() {
      return checkpoint;
    },
    async *advance(options) {
      for await (const done of trainSteps(prepared, checkpoint, options)) {
        if (done.checkpoint.step !== checkpoint.step + 1) return; // advanced by someone else meanwhile
        checkpoint = done.checkpoint;
        records.push(done.record);
        yield done.record;
      }
    },
    model: () => modelAt(config, tokenizer, checkpoint),
    dispose: prepared.dispose,
    [Symbol.asyncDispose]: prepared.dispose,
  };
}

/** A recipe alone does not bring its words and weights. */
function assertGiven(
  { text, from }: TransformerRecipe,
  { captions = [], checkpoint, ...options }: StartTrainingOptions,
): void {
  const refuse = (name: string, what: string) =>
    new RangeError(`Cannot start training: ${name} must be given for a recipe with ${what}, got none`);
  if (text !== undefined && captions.length === 0) throw refuse("captions", "text");
  if (from !== undefined && options.from === undefined && checkpoint === undefined) {
    throw refuse("from", "from");
  }
}
