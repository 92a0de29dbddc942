import { assertAlmostEquals, assertEquals, assertGreater, assertLess, assertRejects } from "@std/assert";
import type { CropSource } from "../../lib/data/mod.ts";
import { evaluate } from "../../lib/metrics/mod.ts";
import { initModel, type Model, TRANSFORMER_PRESETS, VQGAN_PRESETS } from "../../lib/models/mod.ts";
import { BLOCKS, VOCABULARY } from "../training/_fixtures.ts";

const TEXT = { vocabularySize: VOCABULARY.length, maxLength: 4, embedDim: 16, numLayers: 1, numHeads: 2 };

/** A model of random weights with a codebook of 64. */
function createModel(reach: number): Model {
  return initModel({
    tokenizer: VQGAN_PRESETS.tiny,
    text: TEXT,
    vocabulary: VOCABULARY,
    transformer: { ...TRANSFORMER_PRESETS.tiny, extent: { width: reach, height: reach, frames: 0 } },
  }, 1);
}

/** The figures on a few crops; without `seconds` or anything else that depends on the clock. */
async function measure(
  model: Model,
  source: CropSource = BLOCKS,
  onProgress?: (done: number, total: number) => void,
) {
  return await evaluate(model, {
    source,
    device: "cpu",
    numWindows: 2,
    numBatches: 4,
    ...(onProgress === undefined ? {} : { onProgress }),
  });
}

Deno.test("evaluate() of an untrained model: a guess among all codes, and figures in their ranges", async () => {
  const model = createModel(1);
  const reports: string[] = [];
  const figures = await measure(model, BLOCKS, (done, total) => reports.push(`${done}/${total}`));
  assertEquals(reports, ["1/6", "2/6", "3/6", "4/6", "5/6", "6/6"]);
  assertEquals(Object.keys(figures), [
    ...["psnr", "ssim", "codebookUse", "deadCodes", "windows", "device"],
    ...["bitsPerToken", "bitsUnigram", "bitsEmptyPool", "bitsWrongCaption", "precision", "tokens"],
  ]);
  const { bitsPerToken: own = NaN, bitsUnigram: unigram = NaN, bitsWrongCaption: wrong = NaN } = figures;
  const { bitsEmptyPool: empty = NaN } = figures;
  for (const bits of [own, empty, wrong]) assertAlmostEquals(bits, Math.log2(64), 1.5);
  assertGreater(own, unigram);
  assertLess(unigram, 6 + 1e-9);
  assertGreater(figures.psnr, 0);
  assertLess(Math.abs(figures.ssim), 1);
  assertGreater(figures.codebookUse, 1 / 64 - 1e-9);
  assertLess(figures.codebookUse, 1 + 1e-9);
  assertLess(figures.deadCodes, 64);
  // 4 batches of 4 canvases of 4 x 4 patches of 2 x 2 tokens.
  assertEquals([figures.windows, figures.tokens], [2, 1024]);
  assertEquals(await measure(model), figures, "from a fixed seed");
});

Deno.test("evaluate() sees the context pool and the caption where the model does", async () => {
  const { bitsPerToken: own, bitsEmptyPool: empty, bitsWrongCaption: wrong } = await measure(
    createModel(1),
  );
  assertGreater(Math.abs((own ?? 0) - (empty ?? 0)), 1e-4);
  assertGreater(Math.abs((own ?? 0) - (wrong ?? 0)), 1e-6);
});

Deno.test("evaluate(): without extent the pool is empty anyway, with one caption none is wrong", async () => {
  const monotonous: CropSource = {
    sampleCrop: async (uniform, options) => ({
      ...await BLOCKS.sampleCrop(uniform, options),
      caption: "hills",
    }),
  };
  const { bitsPerToken: own = NaN, bitsEmptyPool: empty, bitsWrongCaption: wrong } = await measure(
    createModel(0),
    monotonous,
  );
  assertAlmostEquals(empty ?? NaN, own, 1e-6);
  assertEquals(wrong, own);
});

Deno.test("evaluate() of a tokenizer alone has no figures of likelihood", async () => {
  const figures = await measure(initModel({ tokenizer: VQGAN_PRESETS.tiny }, 1));
  assertEquals(Object.keys(figures), ["psnr", "ssim", "codebookUse", "deadCodes", "windows", "device"]);
});

Deno.test("evaluate() passes on what is wrong with the source", async () => {
  const broken: CropSource = { sampleCrop: () => Promise.reject(new RangeError("no crop")) };
  await assertRejects(() => measure(createModel(1), broken), RangeError, "no crop");
});
