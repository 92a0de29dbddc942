import { createUniform, type Picture } from "../core/mod.ts";
import { describeWindow, HELD_OUT_SEED, renderWindow, SCROLL_HEIGHT, type World } from "../data/mod.ts";
import { downsamplingFactor, type Model } from "../models/mod.ts";
import type { Device } from "../runtime/mod.ts";
import { createTokenizer, decode, tokenize } from "../steps/mod.ts";
import { generate, type Generated, partsOfTokenizer } from "../tasks/mod.ts";
import type { DrawingOptions } from "./_draw_canvas.ts";
import { measureStrip, spreadStrips, type StripFigures, type StripSpread } from "./strip_figures.ts";

/** How to measure a wide picture. */
export interface EvaluateWideOptions extends DrawingOptions {
  /** How many times as wide as a training canvas the picture is. @default 8 */
  readonly times?: number;
  /** True windows of the same size to compare with, 2 at least. @default 16 */
  readonly numWindows?: number;
}

/** A generated picture beside the true world: windows of its size, season and hour, from held-out scrolls. */
export interface WideFigures {
  /** uint8 `[H, W, 3]` */
  readonly picture: Picture;
  /** The caption that it was generated from: the world's own words for a held-out window. */
  readonly text: string;
  /** Of the picture. */
  readonly generated: StripFigures;
  /** Of the true windows. */
  readonly original: StripSpread;
  /** Of the true windows as the tokenizer keeps them. */
  readonly reconstructed: StripSpread;
  /** True windows. */
  readonly windows: number;
}

/** Patches along the sides of a training canvas. */
const CANVAS_PATCHES = 4;

/**
 * Generates a picture 8 times as wide as a training canvas and as high as the scroll, and measures its seams and drift
 * against those of the true world.
 *
 * @throws {TypeError} If the model has no transformer.
 */
export async function evaluateWide(model: Model, options: EvaluateWideOptions): Promise<WideFigures> {
  const { device, precision = "float32", times = 8, numWindows = 16, sampling = {}, onProgress } = options;
  const { transformer, tokenizer: tokenizerConfig } = model.config;
  if (transformer === undefined) {
    throw new TypeError("Cannot evaluate wide picture: model must have a transformer, got a tokenizer alone");
  }
  const patchSize = transformer.patchTokens.height * downsamplingFactor(tokenizerConfig);
  const size = { width: times * CANVAS_PATCHES * patchSize, height: SCROLL_HEIGHT };
  const { caption: text, season, hour } = describeWindow(
    { seed: HELD_OUT_SEED },
    { x: startOf(HELD_OUT_SEED), width: 2 * SCROLL_HEIGHT },
  );
  const numPatches = size.width * size.height / patchSize ** 2, total = numPatches + numWindows * WINDOW_COST;
  const { local, numSteps } = options;
  const steps = generate(model, { ...size, text, sampling, device, precision, local, numSteps });
  const { picture } = await drain(steps, (done) => onProgress?.(done, total));
  const windows = await measureWindows(model, {
    worlds: Array.from({ length: numWindows }, (_, i) => ({ seed: HELD_OUT_SEED + i, season, hour })),
    width: size.width,
    patchSize,
    device,
    onProgress: (done) => onProgress?.(numPatches + done * WINDOW_COST, total),
  });
  return {
    picture,
    text,
    generated: measureStrip(picture, patchSize),
    original: spreadStrips(windows.map(({ original }) => original)),
    reconstructed: spreadStrips(windows.map(({ reconstructed }) => reconstructed)),
    windows: numWindows,
  };
}

/** Measures a window of each world, as it is and as the tokenizer keeps it. */
async function measureWindows(
  model: Model,
  { worlds, width, patchSize, device, onProgress }: {
    readonly worlds: readonly World[];
    readonly width: number;
    readonly patchSize: number;
    readonly device: Device;
    readonly onProgress: (done: number) => void;
  },
): Promise<{ readonly original: StripFigures; readonly reconstructed: StripFigures }[]> {
  const tokenizer = createTokenizer({ ...partsOfTokenizer(model), device });
  try {
    const measured = [];
    for (const world of worlds) {
      const window = renderWindow(world, { x: startOf(world.seed), width });
      const kept = await decode(tokenizer, await tokenize(tokenizer, window));
      measured.push({
        original: measureStrip(window, patchSize),
        reconstructed: measureStrip(kept, patchSize),
      });
      onProgress(measured.length);
    }
    return measured;
  } finally {
    await tokenizer.dispose();
  }
}

/** The time that a window takes, rendered and reconstructed, in patches. */
const WINDOW_COST = 40;

/** Where along its scroll a window starts: anywhere, so that nothing is special about x = 0. */
function startOf(seed: number): number {
  return Math.floor(createUniform(seed, 10)() * 1e6);
}

async function drain(
  steps: ReturnType<typeof generate>,
  onProgress: (done: number) => void,
): Promise<Generated> {
  for (;;) {
    const step = await steps.next();
    if (step.done) return step.value;
    onProgress(step.value.numDone);
  }
}
