import { assertAlmostEquals, assertEquals, assertGreater, assertRejects } from "@std/assert";
import { drawLabelledWindow, HELD_OUT_SEED, SCROLL_HEIGHT } from "../../lib/data/mod.ts";
import { type Plan, scheduleOrder } from "../../lib/direction/mod.ts";
import { drawCanvas, placePlan } from "../../lib/metrics/_draw_canvas.ts";
import { countTokens, evaluateCaptions, tokenDivergence } from "../../lib/metrics/mod.ts";
import { initModel, TRANSFORMER_PRESETS, VQGAN_PRESETS } from "../../lib/models/mod.ts";
import { compilePatchModel, createTokenizer, tokenize } from "../../lib/steps/mod.ts";
import { generate } from "../../lib/tasks/mod.ts";
import { VOCABULARY } from "../training/_fixtures.ts";

const TEXT = { vocabularySize: VOCABULARY.length, maxLength: 4, embedDim: 16, numLayers: 1, numHeads: 2 };
const EXTENT = { width: 1, height: 1, frames: 0 };

/** Random weights that know their row band, 4 to a canvas. */
const MODEL = initModel({
  tokenizer: VQGAN_PRESETS.tiny,
  text: TEXT,
  vocabulary: VOCABULARY,
  transformer: { ...TRANSFORMER_PRESETS.tiny, extent: EXTENT, rowBands: 4 },
}, 1);

const compileFor = ({ maxContext }: Plan, batchSize: number) =>
  compilePatchModel(MODEL, { maxContext, batchSize, isGuided: true, device: "cpu" });

Deno.test("drawCanvas() draws what generate() does, and elsewhere on the canvas something else", async () => {
  const grid = { rows: 2, columns: 2, frames: 1 }, text = "hills", seed = 5;
  const plan = scheduleOrder({ grid, order: "down-right", extent: EXTENT });
  const patchModel = await compileFor(plan, 2);
  const draw = (place: { readonly top: number; readonly rows: number }) =>
    drawCanvas(patchModel, { plan: placePlan(plan, place), text, seed });
  const { patchTokens: { height, width } } = patchModel.config;
  const own = await draw({ top: 0, rows: 2 });
  const size = { width: 2 * width * 8, height: 2 * height * 8 }; // the tiny tokenizer's f is 8
  const steps = generate(MODEL, { ...size, text, seed, order: "down-right", device: "cpu" });
  let step = await steps.next();
  while (!step.done) step = await steps.next();
  assertEquals([...own.data], [...step.value.tokens.data]);
  const placed = await draw({ top: 1, rows: 4 });
  assertEquals(placed.shape, [4 * height, 2 * width]);
  const rows = 2 * width * height; // tokens of a row of patches
  assertEquals(placed.data.every((id, i) => (id === -1) === (i < rows || i >= 3 * rows)), true);
  assertEquals([...placed.data.subarray(rows, 3 * rows)].join() === [...own.data].join(), false);
  await patchModel.dispose();
});

Deno.test("evaluateCaptions(): the classifier knows true windows; random weights obey nothing", async () => {
  const reports: string[] = [];
  const figures = await evaluateCaptions(MODEL, {
    device: "cpu",
    numPictures: 24,
    numTrainingWindows: 96,
    onProgress: (done, total) => reports.push(`${done}/${total}`),
  });
  const { generated, reconstructed, original } = figures;
  assertEquals([reports.length, reports.at(-1)], [96 + 3, "1056/1056"]);
  // 24 windows are of 6 scrolls: 4 of spring, summer, autumn and winter each by day, then spring and summer at dusk.
  for (const scores of [generated, reconstructed, original]) {
    assertEquals(scores.seasonConfusion.map((row) => row.reduce((sum, count) => sum + count, 0)), [
      8,
      8,
      4,
      4,
    ]);
    assertEquals(scores.hourConfusion.map((row) => row.reduce((sum, count) => sum + count, 0)), [16, 8, 0]);
  }
  assertGreater(original.hourAccuracy, 0.9);
  assertGreater(original.seasonAccuracy, 0.5); // chance: 1 / 4; a window is 64 pixels wide
  assertGreater(original.bothAccuracy, generated.bothAccuracy + 0.2);
  assertAlmostEquals(figures.tokenDivergence, await divergenceByHand(24), 1e-12);
});

/** The divergence of codes that are counted here, picture by picture. */
async function divergenceByHand(numPictures: number): Promise<number> {
  const grid = { rows: 4, columns: 4, frames: 1 };
  const plan = scheduleOrder({ grid, order: "auto", extent: EXTENT });
  const patchModel = await compileFor(plan, 8);
  const step = patchModel.config.patchTokens.height * 8, size = 4 * step; // the tiny tokenizer's f is 8
  const tokenizer = createTokenizer({
    config: MODEL.config.tokenizer,
    parameters: MODEL.parameters.tokenizer,
    device: "cpu",
  });
  const drawn: number[] = [], seen: number[] = [];
  for (let index = 0; index < numPictures; index++) {
    const { picture, caption, top } = drawLabelledWindow(index, { firstSeed: HELD_OUT_SEED, size, step });
    const place = { top: top / step, rows: Math.ceil(SCROLL_HEIGHT / step) };
    const whole = await drawCanvas(patchModel, { plan: placePlan(plan, place), text: caption, seed: index });
    drawn.push(...whole.data.filter((code) => code >= 0));
    seen.push(...(await tokenize(tokenizer, picture)).data);
  }
  await Promise.all([patchModel.dispose(), tokenizer.dispose()]);
  const K = MODEL.config.tokenizer.codebookSize;
  return tokenDivergence(countTokens(Int32Array.from(drawn), K), countTokens(Int32Array.from(seen), K));
}

Deno.test("evaluateCaptions() refuses a model that takes no text", async () => {
  await assertRejects(
    () => evaluateCaptions(initModel({ tokenizer: VQGAN_PRESETS.tiny }, 1), { device: "cpu" }),
    TypeError,
    "Cannot evaluate captions: model must have a transformer that takes text, got none",
  );
});
