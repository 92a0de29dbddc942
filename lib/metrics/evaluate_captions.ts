import { createTokenGrid, type Picture, type TokenGrid } from "../core/mod.ts";
import { drawLabelledWindow, HELD_OUT_SEED, type LabelledWindow, SCROLL_HEIGHT } from "../data/mod.ts";
import { scheduleOrder } from "../direction/mod.ts";
import { downsamplingFactor, type Model } from "../models/mod.ts";
import { compilePatchModel, createTokenizer, decode, SAMPLING, tokenize } from "../steps/mod.ts";
import { partsOfTokenizer } from "../tasks/mod.ts";
import { countTokens, tokenDivergence } from "./codebook_use.ts";
import { drawCanvas, type DrawingOptions, placePlan } from "./_draw_canvas.ts";
import {
  classifyWindows,
  colourFeatures,
  type LabelScores,
  scoreLabels,
  stackRows,
  trainWindowClassifier,
  type WindowLabels,
} from "./window_classifier.ts";

/** How to measure whether captions are obeyed. */
export interface EvaluateCaptionsOptions extends DrawingOptions {
  /** Pictures to generate. @default 200 */
  readonly numPictures?: number;
  /** True windows that the classifier learns from. @default 480 */
  readonly numTrainingWindows?: number;
}

/** What a classifier, trained on true windows, tells of three sets of pictures that should show the same. */
export interface CaptionFigures {
  /** Pictures that the model generated from the captions of held-out windows. */
  readonly generated: LabelScores;
  /** The held-out windows as the tokenizer keeps them: what the transformer can reach at best. */
  readonly reconstructed: LabelScores;
  /** The held-out windows themselves: how good the classifier is. */
  readonly original: LabelScores;
  /**
   * Jensen-Shannon divergence of the codes of the generated pictures from those of the windows, in bits. Chance alone is
   * the more of it the fewer pictures there are: compare equal numbers. Decoders that draw mist, or noise, are far off.
   */
  readonly tokenDivergence: number;
}

/** Patches along the sides of a training canvas, and pictures that are generated together. */
const CANVAS_PATCHES = 4, BATCH = 8;

/** The time that a generated and a reconstructed picture take, in true windows that are rendered. */
const PICTURE_COST = 40;

/**
 * Measures whether pictures obey their captions: a classifier that learned season and hour from true windows looks at
 * pictures of one training canvas, each generated from the caption of a held-out window, in the rows of that window.
 *
 * @throws {TypeError} If the model has no transformer, or takes no text.
 */
export async function evaluateCaptions(
  model: Model,
  options: EvaluateCaptionsOptions,
): Promise<CaptionFigures> {
  const { numPictures = 200, numTrainingWindows = 480, onProgress } = options;
  const painter = await createPainter(model, options);
  const total = numTrainingWindows + PICTURE_COST * numPictures;
  const kept: Triple[] = [];
  try {
    const { size, step } = painter;
    const classifier = await trainWindowClassifier({
      size,
      step,
      numWindows: numTrainingWindows,
      onProgress: (done) => onProgress?.(done, total),
    });
    for (let start = 0; start < numPictures; start += BATCH) {
      const indices = Array.from({ length: Math.min(BATCH, numPictures - start) }, (_, i) => start + i);
      kept.push(...await Promise.all(indices.map((index) => paintTriple(painter, index))));
      onProgress?.(numTrainingWindows + PICTURE_COST * kept.length, total);
    }
    const score = (kind: "generated" | "reconstructed" | "original") =>
      scoreLabels(
        kept.map(({ labels }) => labels),
        classifyWindows(classifier, stackRows(kept.map((triple) => triple[kind]))),
      );
    const { codebookSize } = model.config.tokenizer;
    const count = (tokensOf: (triple: Triple) => Int32Array) =>
      countTokens(Int32Array.from(kept.flatMap((triple) => [...tokensOf(triple)])), codebookSize);
    return {
      generated: score("generated"),
      reconstructed: score("reconstructed"),
      original: score("original"),
      tokenDivergence: tokenDivergence(count(({ drawn }) => drawn), count(({ seen }) => seen)),
    };
  } finally {
    await painter.dispose();
  }
}

/** What the classifier sees of three pictures of one caption, and the codes of the first two. */
interface Triple {
  readonly labels: WindowLabels;
  readonly drawn: Int32Array;
  readonly seen: Int32Array;
  readonly generated: Float32Array;
  readonly reconstructed: Float32Array;
  readonly original: Float32Array;
}

async function paintTriple(painter: Painter, index: number): Promise<Triple> {
  const { size, step } = painter;
  const window = drawLabelledWindow(index, { firstSeed: HELD_OUT_SEED, size, step });
  const drawn = await painter.draw(window, index), seen = await painter.tokenize(window.picture);
  return {
    labels: window,
    drawn: drawn.data,
    seen: seen.data,
    generated: colourFeatures(await painter.decode(drawn)),
    reconstructed: colourFeatures(await painter.decode(seen)),
    original: colourFeatures(window.picture),
  };
}

/** Makes pictures of one training canvas. */
interface Painter {
  /** Side of a canvas, in pixels. */
  readonly size: number;
  /** Side of a patch, in pixels. */
  readonly step: number;
  /** The codes of a new picture of what a caption says, in the rows of a scroll that start at `top` pixels. */
  draw(window: Pick<LabelledWindow, "caption" | "top">, seed: number): Promise<TokenGrid>;
  /** The codes of a picture. */
  tokenize(picture: Picture): Promise<TokenGrid>;
  /** The picture of codes. */
  decode(tokens: TokenGrid): Promise<Picture>;
  /** Frees what was compiled. */
  dispose(): Promise<void>;
}

async function createPainter(
  model: Model,
  { device, precision = "float32", sampling = {}, local, numSteps }: EvaluateCaptionsOptions,
): Promise<Painter> {
  const { height, step, plan } = planCanvas(model);
  const rows = Math.ceil(SCROLL_HEIGHT / step);
  const patchModel = await compilePatchModel(model, {
    maxContext: plan.maxContext,
    batchSize: BATCH,
    isGuided: (sampling.guidance ?? SAMPLING.guidance) !== 1,
    device,
    precision,
    local,
    numSteps,
  });
  const tokenizer = createTokenizer({ ...partsOfTokenizer(model), device });
  return {
    size: CANVAS_PATCHES * step,
    step,
    async draw({ caption, top }, seed) {
      const placed = placePlan(plan, { top: top / step, rows });
      const whole = await drawCanvas(patchModel, { plan: placed, text: caption, seed, sampling });
      return createTokenGrid(
        CANVAS_PATCHES * height,
        whole.shape[1] ?? 0,
        whole.data.filter((code) => code >= 0),
      );
    },
    tokenize: (picture) => tokenize(tokenizer, picture),
    decode: (tokens) => decode(tokenizer, tokens),
    async dispose() {
      await patchModel.dispose();
      await tokenizer.dispose();
    },
  };
}

/** A training canvas: its plan, and the side of a patch in tokens and in pixels. */
function planCanvas({ config: { transformer, text, tokenizer } }: Model) {
  if (transformer === undefined || text === undefined) {
    throw new TypeError("Cannot evaluate captions: model must have a transformer that takes text, got none");
  }
  const { patchTokens: { height }, extent } = transformer;
  const grid = { rows: CANVAS_PATCHES, columns: CANVAS_PATCHES, frames: 1 };
  const plan = scheduleOrder({ grid, order: "auto", extent });
  return { height, step: height * downsamplingFactor(tokenizer), plan };
}
