import { downsamplingFactor, type Model } from "../models/mod.ts";
import { loadModel } from "../steps/mod.ts";
import { type Generated, generateSamples, type GenerationProgress } from "../tasks/mod.ts";
import { createInsideGatherer, drawTiles, listPlayerActivations } from "./inspect_pictures.ts";
import type { Figures, GenerateRequest, PictureWithFigures, Runners } from "./runners.ts";
import { splitSampling } from "./split_sampling.ts";

/** Pictures that are generated at the same time: more win no speed and take memory. */
const MAX_TOGETHER = 16;

/** Loads the weights, generates the pictures, some at a time, and counts what each took. */
export const runGeneration: Runners["generate"] = async function* (request, onProgress) {
  const { model, sha256 } = await loadModel(request.weights);
  const { seed, numSamples, inspects = false } = request;
  const tiles = inspects ? { tiles: await drawTiles(model) } : {};
  for (let first = 0; first < numSamples; first += MAX_TOGETHER) {
    const seeds = Array.from(
      { length: Math.min(MAX_TOGETHER, numSamples - first) },
      (_, i) => seed + first + i,
    );
    const started = performance.now();
    const gatherer = createInsideGatherer(model, request);
    const pictures = await generateTogether(model, { ...request, seeds }, (reports) => {
      gatherer.hear(reports);
      const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
      const total = sum(reports.map(({ numPatches }) => numPatches)), perPicture = total / seeds.length;
      onProgress(first * perPicture + sum(reports.map(({ numDone }) => numDone)), numSamples * perPicture);
    });
    const seconds = (performance.now() - started) / 1000 / pictures.length; // of what they took together, its share
    for (const [index, generated] of pictures.entries()) {
      const figures = {
        ...countWork(generated, seconds, patchSide(model)),
        ...describe(request, generated, sha256),
      };
      const insides = inspects ? { ...gatherer.insidesOf(index), ...tiles } : {};
      yield { picture: generated.picture, figures, ...describeRun(model, generated, insides) };
    }
  }
};

async function generateTogether(
  model: Model,
  request: GenerateRequest & { readonly seeds: readonly number[] },
  onRound: (reports: readonly GenerationProgress[]) => void,
): Promise<readonly Generated[]> {
  const { sampling, rest } = splitSampling(request);
  const { size, extent, seeds, steps: numSteps, seed: _, inspects = false, ...options } = rest;
  const rounds = generateSamples(model, {
    ...options,
    ...size,
    ...(extent === undefined ? {} : { extent }),
    numSteps,
    sampling,
    samples: seeds.map((seed) => ({ seed })),
    ...(inspects ? { capture: listPlayerActivations(model) } : {}),
  });
  for (;;) {
    const { done, value } = await rounds.next();
    if (done) return value;
    onRound(value);
  }
}

/** What a player needs to replay a run. */
function describeRun(
  model: Model,
  generated: Generated,
  insides: Pick<NonNullable<PictureWithFigures["run"]>, "attention" | "statistics" | "tiles">,
): Pick<PictureWithFigures, "run"> {
  const { plan, tokens, poolPeakBytes, poolPeakPatches } = generated;
  const patchTokens = model.config.transformer?.patchTokens;
  if (patchTokens === undefined) return {};
  const bytesPerPatch = poolPeakBytes / Math.max(1, poolPeakPatches);
  return { run: { plan, tokens, patchTokens, bytesPerPatch, patchPixels: patchSide(model), ...insides } };
}

/** Pixels along the side of a patch. */
export function patchSide({ config: { transformer, tokenizer } }: Model): number {
  return (transformer?.patchTokens.width ?? 0) * downsamplingFactor(tokenizer);
}

/** What a picture took. */
export function countWork(
  { plan, tokens, ...peaks }: Generated,
  seconds: number,
  patchPixels: number,
): Figures {
  return {
    seconds,
    tokens: tokens.size,
    tokens_per_second: tokens.size / seconds,
    patches: plan.steps.length,
    patch_pixels: patchPixels,
    pool_peak_patches: peaks.poolPeakPatches,
    pool_peak_bytes: peaks.poolPeakBytes,
  };
}

/** How a picture was made. */
export function describe(
  { waves }: Pick<GenerateRequest, "waves">,
  { plan, device, precision, decoder, warnings }: Generated,
  sha256: string,
): Figures {
  const local = { local: decoder.name, "local_steps": decoder.numSteps };
  return { device, precision, ...local, waves, order: plan.orderName, weights_sha256: sha256, warnings };
}
