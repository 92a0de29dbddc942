import type { Tensor, Tree } from "../core/mod.ts";
import type { StepResult, TrainingStep } from "./compile_training_step.ts";
import { averageDecayAt, learningRateAt, type ScheduleConfig } from "./schedule.ts";
import {
  appendLosses,
  type Checkpoint,
  type LossRecord,
  saveCheckpoint,
  trimLosses,
} from "./training_folder.ts";

/** What a recipe brings to {@link trainLoop}. */
export interface Recipe {
  /** The compiled step; the loop does not free it. */
  readonly step: TrainingStep;
  /** Learning rate of each step, and how many there are. */
  readonly schedule: ScheduleConfig;
  /** Decay that the average of the parameters approaches. */
  readonly averageDecay: number;
  /** The batch of a step: a pure function of its number. */
  sampleBatch(step: number): Promise<Tree<Tensor>>;
  /** Looks at a step, changes state or memory after it, and names figures for the curve. */
  afterStep?(result: StepResult, checkpoint: Checkpoint): {
    readonly checkpoint: Checkpoint;
    readonly figures: Readonly<Record<string, number>>;
  };
  /** Called with every checkpoint that is saved: exports weights, samples. */
  onCheckpoint?(checkpoint: Checkpoint): Promise<void>;
}

/** Where and how long to train. */
export interface TrainOptions {
  /** The folder of the run: holds its checkpoint and its loss curve. */
  readonly folder: string;
  /** Identifies config and data; `loadCheckpoint` refuses a checkpoint with another one. */
  readonly fingerprint: string;
  /** Stops (with a checkpoint) after this time. @default as long as the schedule says */
  readonly maxMinutes?: number;
  /** Seconds between checkpoints. @default 120 */
  readonly checkpointSeconds?: number;
  /** Stops (with a checkpoint) when aborted. */
  readonly signal?: AbortSignal;
  /** Called after every step. */
  readonly onProgress?: (progress: TrainingProgress) => void;
}

/** A report after a step. */
export interface TrainingProgress {
  /** The step's line of the loss curve. */
  readonly record: LossRecord;
  /** Steps of the whole schedule. */
  readonly numSteps: number;
  /** Estimate, until the schedule or the time limit ends the run. */
  readonly secondsLeft: number;
}

/** How far {@link trainSteps} goes. */
export interface TrainStepsOptions {
  /** Stops after so many steps of the whole schedule. @default all */
  readonly until?: number;
  /** Stops after the step in work when it is aborted. */
  readonly signal?: AbortSignal;
}

/** Where training stands after a step. */
export interface TrainedStep {
  /** Everything that the next step depends on. */
  readonly checkpoint: Checkpoint;
  /** The step's line of the loss curve. */
  readonly record: LossRecord;
}

/**
 * Trains step by step from a checkpoint, and yields after each one. Nothing is written; safe to leave at any time, and
 * to go on from the last checkpoint that was yielded.
 *
 * @throws {RangeError} If loss or gradients are not finite.
 *
 * @example Usage
 * ```ts ignore
 * for await (const { checkpoint, record } of trainSteps(recipe, start, { until: 100 })) console.log(record.loss);
 * ```
 */
export async function* trainSteps(
  recipe: Recipe,
  start: Checkpoint,
  { until = recipe.schedule.numSteps, signal }: TrainStepsOptions = {},
): AsyncGenerator<TrainedStep, void, void> {
  const startedAt = performance.now(), last = Math.min(until, recipe.schedule.numSteps);
  let checkpoint = start;
  while (checkpoint.step < last && signal?.aborted !== true) {
    const seconds = start.seconds + (performance.now() - startedAt) / 1000;
    const { next, record } = await takeStep(recipe, checkpoint, seconds);
    checkpoint = next;
    yield { checkpoint, record };
    await new Promise((resolve) => setTimeout(resolve)); // lets signals and timers in
  }
}

/**
 * Trains from a checkpoint until the schedule ends, time runs out or the signal aborts. A run that was stopped, or
 * killed, and goes on from its checkpoint has the same losses as one that never stopped.
 *
 * @returns The last checkpoint, which has also been saved.
 */
export async function trainLoop(
  recipe: Recipe,
  start: Checkpoint,
  options: TrainOptions,
): Promise<Checkpoint> {
  const { folder, fingerprint, maxMinutes = Infinity, checkpointSeconds = 120, signal, onProgress } = options;
  const { numSteps } = recipe.schedule;
  const startedAt = performance.now();
  let checkpoint = start, savedAt = startedAt;
  let pending: LossRecord[] = [];
  const save = async () => {
    await appendLosses(folder, pending);
    pending = [];
    await saveCheckpoint(folder, checkpoint, fingerprint);
    await recipe.onCheckpoint?.(checkpoint);
    savedAt = performance.now();
  };
  await trimLosses(folder, start.step);
  for await (const done of trainSteps(recipe, start, signal === undefined ? {} : { signal })) {
    checkpoint = done.checkpoint;
    pending.push(done.record);
    const now = performance.now(), secondsRun = (now - startedAt) / 1000;
    const perStep = secondsRun / (checkpoint.step - start.step);
    const secondsLeft = Math.min((numSteps - checkpoint.step) * perStep, maxMinutes * 60 - secondsRun);
    onProgress?.({ record: done.record, numSteps, secondsLeft });
    if (secondsLeft <= 0) break;
    if (now - savedAt > checkpointSeconds * 1000) await save();
  }
  await save();
  return checkpoint;
}

async function takeStep(recipe: Recipe, checkpoint: Checkpoint, seconds: number) {
  const step = checkpoint.step + 1;
  const learningRate = learningRateAt(recipe.schedule, step);
  const result = await recipe.step(checkpoint.state, {
    batch: await recipe.sampleBatch(step),
    step,
    learningRate,
    averageDecay: averageDecayAt(recipe.averageDecay, step),
  });
  for (const [name, value] of [["loss", result.loss], ["gradients", result.gradientNorm]] as const) {
    if (Number.isFinite(value)) continue;
    throw new RangeError(
      `Cannot go on training: ${name} must be finite, got ${value} at step ${step}; lower learningRate and --resume`,
    );
  }
  const plain = { ...checkpoint, step, seconds, state: result.state };
  const { checkpoint: next, figures } = recipe.afterStep?.(result, plain) ??
    { checkpoint: plain, figures: {} };
  const { loss, gradientNorm } = result;
  return { next, record: { ...figures, step, seconds, loss, learningRate, gradientNorm } };
}
