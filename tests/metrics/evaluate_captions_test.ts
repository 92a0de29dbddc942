import { assertEquals, assertGreater, assertLess, assertRejects } from "@std/assert";
import { scheduleOrder } from "../../lib/direction/mod.ts";
import { drawCanvas, placePlan } from "../../lib/metrics/_draw_canvas.ts";
import { evaluateCaptions } from "../../lib/metrics/mod.ts";
import { initModel, TRANSFORMER_PRESETS, VQGAN_PRESETS } from "../../lib/models/mod.ts";
import { compilePatchModel } from "../../lib/steps/mod.ts";
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

Deno.test("drawCanvas() draws what generate() does, and elsewhere on the canvas something else", async () => {
  const grid = { rows: 2, columns: 2, frames: 1 }, text = "hills", seed = 5;
  const plan = scheduleOrder({ grid, order: "down-right", extent: EXTENT });
  const patchModel = await compilePatchModel(MODEL, {
    maxContext: plan.maxContext,
    batchSize: 2,
    isGuided: true,
    device: "cpu",
  });
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
  // Random weights draw all codes alike: the divergence from the uniform histogram, whose codes the windows use unevenly.
  assertGreater(figures.tokenDivergence, 0.1);
  assertLess(figures.tokenDivergence, 1);
});

Deno.test("evaluateCaptions() refuses a model that takes no text", async () => {
  await assertRejects(
    () => evaluateCaptions(initModel({ tokenizer: VQGAN_PRESETS.tiny }, 1), { device: "cpu" }),
    TypeError,
    "Cannot evaluate captions: model must have a transformer that takes text, got none",
  );
});
