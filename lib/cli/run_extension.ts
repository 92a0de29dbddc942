import { loadModel } from "../steps/mod.ts";
import { extendPicture, planExtension } from "../tasks/mod.ts";
import { joinProgress } from "./join_progress.ts";
import { countWork, describe, patchSide } from "./run_generation.ts";
import type { Runners } from "./runners.ts";
import { splitSampling } from "./split_sampling.ts";

/** What drawing and pooling a patch takes, in the time that pooling a known one takes: 254 and 28 ms on a CPU core. */
const DRAWING = 9;

/** What tokenizing a patch takes, likewise. */
const TOKENIZING = 1 / 7;

/** Loads the weights, extends the picture, and counts what that took. */
export const runExtension: Runners["extend"] = async (request, onProgress) => {
  const { sampling, rest: { weights, order, extent, steps, ...rest } } = splitSampling(request);
  const { model, sha256 } = await loadModel(weights);
  const options = {
    ...rest,
    ...(order === undefined ? {} : { order }),
    ...(extent === undefined ? {} : { extent }),
    ...(steps === undefined ? {} : { numSteps: steps }),
    sampling,
  };
  const { numKnown, numPatches, numTokens } = planExtension(model, options);
  const work = (numDone: number) => numDone + (DRAWING - 1) * Math.max(0, numDone - numKnown);
  const [onTokenize = onProgress, onPatches = onProgress] = joinProgress(
    [Math.ceil(TOKENIZING * numKnown), work(numPatches)],
    onProgress,
  );
  const started = performance.now();
  const rounds = extendPicture(model, { ...options, onTokenize });
  for (;;) {
    const { done, value } = await rounds.next();
    if (!done) {
      onPatches(work(value.numDone), work(numPatches));
      continue;
    }
    const seconds = (performance.now() - started) / 1000;
    return {
      picture: value.picture,
      figures: {
        kept: value.kept,
        ...countWork(value, seconds, patchSide(model)),
        known_patches: numKnown,
        tokens: numTokens,
        tokens_per_second: numTokens / seconds,
        ...describe(request, value, sha256),
      },
    };
  }
};
