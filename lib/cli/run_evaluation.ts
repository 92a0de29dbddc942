import { createHandscrollSource, HELD_OUT_SEED } from "../data/mod.ts";
import { evaluate } from "../metrics/mod.ts";
import { loadModel } from "../steps/mod.ts";
import type { Runners } from "./runners.ts";

/** Scrolls that no training sees; the windows are drawn from them. */
const NUM_SCROLLS = 24;

/** Loads the weights and measures them on held-out scrolls. */
export const runEvaluation: Runners["evaluate"] = async ({ weights, ...options }, onProgress) => {
  const { model, sha256 } = await loadModel(weights);
  const source = createHandscrollSource({ count: NUM_SCROLLS, firstSeed: HELD_OUT_SEED });
  const started = performance.now();
  const figures = await evaluate(model, { ...options, source, onProgress });
  const seconds = (performance.now() - started) / 1000;
  return { weights, ...figures, seconds, weights_sha256: sha256 };
};
