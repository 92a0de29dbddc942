import { createHandscrollSource, HELD_OUT_SEED } from "../data/mod.ts";
import {
  type CaptionFigures,
  evaluate,
  evaluateCaptions,
  evaluateWide,
  type WideFigures,
} from "../metrics/mod.ts";
import { loadModel } from "../steps/mod.ts";
import { joinProgress } from "./join_progress.ts";
import type { Figures, Runners } from "./runners.ts";
import { splitSampling } from "./split_sampling.ts";

/** Scrolls that no training sees; the windows are drawn from them. */
const NUM_SCROLLS = 24;

/** About how long each part takes, in the units of the first. */
const SHARES = { codes: 80, classifier: 20, picture: 2, wide: 120 };

/** Loads the weights and measures them on held-out scrolls, and what they generate where that is asked for. */
export const runEvaluation: Runners["evaluate"] = async (request, onProgress) => {
  const { sampling, rest: { weights, device, precision, captions, wide, local, steps } } = splitSampling(
    request,
  );
  const { model, sha256 } = await loadModel(weights);
  const source = createHandscrollSource({ count: NUM_SCROLLS, firstSeed: HELD_OUT_SEED });
  const [tellCodes, tellCaptions, tellWide] = joinProgress([
    SHARES.codes,
    captions === 0 ? 0 : SHARES.classifier + SHARES.picture * captions,
    wide ? SHARES.wide : 0,
  ], onProgress);
  const options = (tell: typeof tellCodes) => ({
    device,
    precision,
    ...(tell === undefined ? {} : { onProgress: tell }),
  });
  const decoder = { local, numSteps: steps };
  const started = performance.now();
  const ofCodes = await evaluate(model, { ...options(tellCodes), source });
  const ofCaptions = captions === 0 ? undefined : await evaluateCaptions(model, {
    ...options(tellCaptions),
    ...decoder,
    numPictures: captions,
    sampling,
  });
  const ofWide = wide ? await evaluateWide(model, { ...options(tellWide), ...decoder, sampling }) : undefined;
  const seconds = (performance.now() - started) / 1000;
  return {
    figures: {
      weights,
      ...ofCodes,
      ...(ofCaptions === undefined ? {} : { captions, ...nameCaptionFigures(ofCaptions) }),
      ...(ofWide === undefined ? {} : nameWideFigures(ofWide)),
      seconds,
      weights_sha256: sha256,
    },
    ...(ofWide === undefined ? {} : { picture: ofWide.picture }),
  };
};

function nameCaptionFigures(
  { generated, reconstructed, original, tokenDivergence }: CaptionFigures,
): Figures {
  return {
    ...prefix("captions", { ...generated, tokenDivergence }),
    ...prefix("reconstructed", reconstructed),
    ...prefix("original", original),
  };
}

function nameWideFigures({ text, generated, reconstructed, original, windows }: WideFigures): Figures {
  return {
    wide_text: text,
    wide_windows: windows,
    ...prefix("wide", generated),
    ...prefix("reconstructed_mean", reconstructed.mean),
    ...prefix("reconstructed_deviation", reconstructed.deviation),
    ...prefix("original_mean", original.mean),
    ...prefix("original_deviation", original.deviation),
  };
}

/** Puts a word before the name of each figure. */
function prefix(word: string, figures: object): Figures {
  return Object.fromEntries(
    Object.entries(figures).map((
      [name, value],
    ) => [`${word}${name.slice(0, 1).toUpperCase()}${name.slice(1)}`, value]),
  );
}
