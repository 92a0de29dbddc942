import type { Model } from "../models/mod.ts";
import { chooseBatchSize } from "../steps/mod.ts";
import { finishPicture, paintPicture } from "./_paint_picture.ts";
import { createEngine, disposeEngine } from "./_run_engine.ts";
import type { Generated, GenerateOptions, GenerationProgress } from "./generate.ts";
import { plan as planRun } from "./plan.ts";

/** What tells one picture from the others that are generated with it. */
export interface Sample {
  /** Any safe integer >= 0. */
  readonly seed: number;
  /** What the picture is to show. @default the text of all */
  readonly text?: string;
}

/** {@link GenerateOptions} of all pictures, and what each has of its own. */
export interface GenerateSamplesOptions extends Omit<GenerateOptions, "seed"> {
  /** One a picture; 1 at least. Memory grows with their number: 16 are enough to fill the runs. */
  readonly samples: readonly Sample[];
}

/**
 * Generates several pictures at the same time, in runs that they share: with 16, about twice as many patches a second
 * as with one. Each picture is the one that {@link generate} makes of its seed and text, byte for byte.
 *
 * @returns An async generator that yields where every picture stands, round by round, and returns the pictures.
 * @throws {RangeError} As {@link generate}; or if there is no sample.
 *
 * @example Usage
 * ```ts ignore
 * const { model } = await nuwa.loadModel("weights/handscroll");
 * const samples = [1, 2, 3, 4].map((seed) => ({ seed }));
 * const steps = nuwa.generateSamples(model, { samples, text: "a pagoda at dusk", width: 512, height: 256 });
 * ```
 */
export async function* generateSamples(
  model: Model,
  { samples, ...options }: GenerateSamplesOptions,
): AsyncGenerator<readonly GenerationProgress[], Generated[], void> {
  const [first] = samples;
  if (first === undefined) {
    throw new RangeError("Cannot generate pictures: samples must be one or more, got none");
  }
  const dryRun = planRun(model, { ...options, seed: first.seed });
  const batchSize = chooseBatchSize(dryRun.plan, samples.length);
  const engine = await createEngine(model, { ...dryRun, batchSize }, options);
  try {
    const painters = samples.map((sample) => paintPicture(engine, { ...options, ...sample }));
    const canvases = yield* takeTurns(painters);
    const pictures: Generated[] = [];
    for (const canvas of canvases) pictures.push(await finishPicture(engine, canvas, options));
    return pictures;
  } finally {
    await disposeEngine(engine);
  }
}

/** Runs generators side by side, a step of all at a time, until the last is done. */
async function* takeTurns<Report, Result>(
  generators: readonly AsyncGenerator<Report, Result, void>[],
): AsyncGenerator<readonly Report[], Result[], void> {
  const reports = new Map<number, Report>(), results = new Map<number, Result>();
  while (results.size < generators.length) {
    const steps = await allSettled(generators.map((generator) => generator.next()));
    steps.forEach((step, index) => {
      if (!step.done) reports.set(index, step.value);
      else if (!results.has(index)) results.set(index, step.value);
    });
    if (results.size < generators.length) yield inOrder(reports);
  }
  return inOrder(results);
}

/** Waits for all, whatever happens, so that nothing is at work any more when one has failed. */
async function allSettled<Value>(promises: readonly Promise<Value>[]): Promise<Value[]> {
  await Promise.allSettled(promises);
  return await Promise.all(promises);
}

function inOrder<Value>(values: ReadonlyMap<number, Value>): Value[] {
  return [...values].toSorted(([one], [other]) => one - other).map(([, value]) => value);
}
