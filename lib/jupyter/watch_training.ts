import type { Picture } from "../core/mod.ts";
import { type CurvePoint, drawCurves } from "./draw_curves.ts";
import { drawPicture } from "./draw_picture.ts";
import { follow, type FollowOptions, type FollowState } from "./follow.ts";
import { createView, escapeHtml, formatSeconds, type View } from "./view.ts";

/** A training that can be watched: a `Training`. */
export interface WatchableTraining {
  /** Steps of the whole schedule. */
  readonly numSteps: number;
  /** Where it stands. */
  readonly checkpoint: { readonly step: number };
  /** The curve so far. */
  readonly records: readonly CurvePoint[];
  /** Takes steps until there are so many, or the signal is aborted. */
  advance(options: { readonly signal: AbortSignal; readonly until: number }): AsyncIterable<unknown>;
}

/** What a training made at one of its steps; `plotSamples` draws them, too. */
export interface TrainingSample {
  /** Steps taken until then. */
  readonly step: number;
  /** One or more. */
  readonly pictures: readonly Picture[];
}

/** How a training is watched. */
export interface WatchTrainingOptions extends FollowOptions {
  /** Stops after so many steps of the whole training. @default all */
  readonly until?: number;
  /** Lets the training as it is make a picture. @default none is made */
  readonly sample?: () => Promise<Picture>;
  /** Steps between two samples; there is one before the first step and one in the end. @default a quarter of all */
  readonly sampleEvery?: number;
  /** What it made earlier. @default nothing */
  readonly samples?: readonly TrainingSample[];
}

/** Curves that are shown, the first three of those that there are. */
const NAMES: Readonly<Record<string, string>> = {
  bitsPerToken: "bits per token",
  psnr: "PSNR, dB",
  gradientNorm: "gradient norm",
  learningRate: "learning rate",
};

/**
 * Continues a training and shows it in one output: curves, time left, and what it makes on the way.
 *
 * The Stop button ends it after the step in work. The training keeps what it has learned, and watching it again goes on.
 *
 * @returns All samples, earlier ones included.
 *
 * @example Usage
 * ```ts ignore
 * const training = await startTraining(recipe, { tokenizer, source });
 * await watchTraining(training);
 * const model = training.model();
 * ```
 */
export async function watchTraining(
  training: WatchableTraining,
  options: WatchTrainingOptions = {},
): Promise<TrainingSample[]> {
  const { until = training.numSteps, sample, samples: before = [], ...rest } = options;
  const { sampleEvery = Math.ceil(training.numSteps / 4) } = options;
  const samples = [...before];
  const clock = { started: performance.now(), resting: 0, step: training.checkpoint.step };
  const takeSample = async () => {
    const { step } = training.checkpoint, began = performance.now();
    if (sample === undefined || samples.at(-1)?.step === step) return;
    samples.push({ step, pictures: [await sample()] });
    clock.resting += performance.now() - began;
  };
  const work = async function* (signal: AbortSignal) {
    if (training.checkpoint.step === 0) await takeSample();
    yield; // draws what there is
    for await (const _ of training.advance({ signal, until })) {
      yield;
      if (training.checkpoint.step % sampleEvery === 0) await takeSample();
    }
    if (!signal.aborted) await takeSample();
    yield;
  };
  await follow(
    work,
    async (_, { status, reason }) =>
      await drawTraining(training, samples, describeProgress(training, until, clock, { status, reason })),
    rest,
  );
  return samples;
}

/** Milliseconds, but `step`: when watching began, how long samples took since, and the steps that there were. */
interface Clock {
  readonly started: number;
  readonly resting: number;
  readonly step: number;
}

function describeProgress(
  { checkpoint: { step }, numSteps, records }: WatchableTraining,
  until: number,
  clock: Clock,
  { status, reason }: FollowState,
): string {
  const bits = records.slice(-20).flatMap(({ bitsPerToken }) => bitsPerToken ?? []);
  const mean = bits.reduce((sum, value) => sum + value, 0) / bits.length;
  const facts = [
    `step ${step} of ${numSteps}`,
    ...(bits.length === 0 ? [] : [`${mean.toFixed(2)} bits a token (the last ${bits.length} steps)`]),
  ];
  const numDone = step - clock.step, seconds = (performance.now() - clock.started - clock.resting) / 1000;
  if (status === "going" && numDone > 0) {
    facts.push(`${(numDone / seconds).toPrecision(2)} steps a second`);
    facts.push(`${formatSeconds((Math.min(until, numSteps) - step) * seconds / numDone)} left`);
  }
  if (status === "stopped") facts.push("stopped: watch it again to go on");
  if (status === "failed") facts.push(`failed: ${reason}`);
  return facts.join(" · ");
}

async function drawTraining(
  { checkpoint: { step }, numSteps, records }: WatchableTraining,
  samples: readonly TrainingSample[],
  facts: string,
): Promise<View> {
  const percent = (step / numSteps * 100).toFixed(1);
  const bar = `<div style="height:6px;background:#8884;border-radius:3px;margin:.3em 0;max-width:960px">` +
    `<div style="height:6px;width:${percent}%;background:#3b7dd8;border-radius:3px"></div></div>`;
  const curves = records.length < 2 ? createView("", "") : drawCurves(nameCurves(records));
  const pictures = await Promise.all(
    samples.flatMap(({ step, pictures }) =>
      pictures.map((picture) =>
        drawPicture(picture, { caption: `step ${step}`, maxSide: 184, maxBytes: 20_000, format: "jpeg" })
      )
    ),
  );
  const row = pictures.map(({ html }) => `<div style="width:184px">${html}</div>`).join("");
  return createView(
    [facts, curves.text].filter((part) => part !== "").join("\n"),
    `<div><div>${escapeHtml(facts)}</div>${bar}${curves.html}` +
      `<div style="display:flex;flex-wrap:wrap;gap:12px;max-width:1000px">${row}</div></div>`,
  );
}

/** The records with the curves that are shown, under the names that people read. */
function nameCurves(records: readonly CurvePoint[]): CurvePoint[] {
  const known = Object.keys(NAMES).filter((name) => records.some((record) => name in record));
  const names = known.length > 2 ? known.slice(0, 3) : ["loss", ...known];
  return records.map((record) => ({
    ...Object.fromEntries(names.map((name) => [NAMES[name] ?? name, record[name] ?? NaN])),
    step: record.step,
  }));
}
