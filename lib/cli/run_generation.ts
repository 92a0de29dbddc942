import { downsamplingFactor } from "../models/mod.ts";
import { loadModel } from "../steps/mod.ts";
import { generate, type Generated } from "../tasks/mod.ts";
import type { Figures, GenerateRequest, OnProgress, Runners } from "./runners.ts";

/** Loads the weights, generates one picture and counts what it took. */
export const runGeneration: Runners["generate"] = async (request, onProgress) => {
  const { model, sha256 } = await loadModel(request.weights);
  const { size, temperature, topK, topP, guidance, extent, ...options } = request;
  const started = performance.now();
  const steps = generate(model, {
    ...options,
    ...size,
    ...(extent === undefined ? {} : { extent }),
    sampling: { temperature, topK, topP, guidance },
  });
  const generated = await drain(steps, onProgress);
  const seconds = (performance.now() - started) / 1000;
  const side = (model.config.transformer?.patchTokens.width ?? 0) *
    downsamplingFactor(model.config.tokenizer);
  const { picture } = generated;
  return {
    picture,
    figures: { ...countWork(generated, seconds, side), ...describe(request, generated, sha256) },
  };
};

async function drain(steps: ReturnType<typeof generate>, onProgress: OnProgress): Promise<Generated> {
  for (;;) {
    const step = await steps.next();
    if (step.done) return step.value;
    onProgress(step.value.numDone, step.value.numPatches);
  }
}

function countWork({ plan, tokens, ...peaks }: Generated, seconds: number, patchSide: number): Figures {
  return {
    seconds,
    tokens: tokens.size,
    tokens_per_second: tokens.size / seconds,
    patches: plan.steps.length,
    patch_pixels: patchSide,
    pool_peak_patches: peaks.poolPeakPatches,
    pool_peak_bytes: peaks.poolPeakBytes,
  };
}

function describe(
  { waves }: GenerateRequest,
  { plan, device, precision, warnings }: Generated,
  sha256: string,
): Figures {
  return { device, precision, waves, order: plan.orderName, weights_sha256: sha256, warnings };
}
