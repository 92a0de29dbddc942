import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { emptyPool } from "../../lib/context_pool/mod.ts";
import { scheduleOrder } from "../../lib/direction/mod.ts";
import {
  initModel,
  type Model,
  numPatchTokens,
  TRANSFORMER_PRESETS,
  VQGAN_PRESETS,
} from "../../lib/models/mod.ts";
import {
  compilePatchModel,
  encodePrompt,
  fillPatch,
  LOCAL_DECODERS,
  type LocalDecoderName,
  type PatchModel,
  type PatchModelOptions,
  type Sampling,
  updateContextPool,
} from "../../lib/steps/mod.ts";

const { tiny } = TRANSFORMER_PRESETS;
const VOCABULARY = ["<pad>", "<none>", "<unknown>", "night", "river"];
const CONFIG = {
  tokenizer: VQGAN_PRESETS.tiny,
  vocabulary: VOCABULARY,
  text: { vocabularySize: 5, maxLength: 3, embedDim: 16, numLayers: 1, numHeads: 2 },
  transformer: { ...tiny, codebookSize: VQGAN_PRESETS.tiny.codebookSize, layerScale: 1 },
};
const M = numPatchTokens(CONFIG.transformer);
const GRID = { rows: 2, columns: 3, frames: 1 };
const PLAN = scheduleOrder({ grid: GRID, order: "down-right", extent: tiny.extent });

async function withPatchModel(
  options: Partial<PatchModelOptions>,
  use: (patchModel: PatchModel) => Promise<void>,
): Promise<void> {
  const patchModel = await compilePatchModel(initModel(CONFIG, 7), {
    maxContext: PLAN.maxContext,
    isGuided: true,
    batchSize: 2,
    device: "cpu",
    ...options,
  });
  try {
    await use(patchModel);
  } finally {
    await patchModel.dispose();
  }
}

/** Fills the canvas in rounds of steps; the tokens of every step. */
async function fillCanvas(
  patchModel: PatchModel,
  rounds: readonly (readonly number[])[],
  seed = 5,
  sampling: Partial<Sampling> = {},
) {
  const prompt = await encodePrompt(patchModel, "night river");
  const tokens: number[][] = [];
  let pool = emptyPool();
  for (const stepIndices of rounds) {
    const filled = await fillPatch(patchModel, { plan: PLAN, stepIndices, pool, prompt, seed, sampling });
    pool = await updateContextPool(patchModel, pool, filled, { plan: PLAN, prompt });
    for (const patch of filled) tokens[patch.stepIndex] = [...patch.tokens];
  }
  return tokens;
}

const ONE_BY_ONE = PLAN.steps.map((_, index) => [index]);

/** What every local decoder promises. */
for (const local of LOCAL_DECODERS) {
  Deno.test(`local decoder ${local}: same seed same tokens, in waves or one by one; another seed, others`, async () => {
    await withPatchModel({ local }, async (patchModel) => {
      const { decoder } = patchModel;
      const expected = { "ar": [M, 1], "p-nar": [4, 8], "nar": [1, 2] }[local];
      assertEquals([decoder.name, decoder.numSteps, decoder.numDraws], [local, ...expected]);
      const tokens = await fillCanvas(patchModel, ONE_BY_ONE);
      assertEquals(tokens.length, PLAN.steps.length);
      for (const patch of tokens) {
        assertEquals(patch.length, M);
        assert(patch.every((token) => token >= 0 && token < CONFIG.transformer.codebookSize));
      }
      assertEquals(await fillCanvas(patchModel, PLAN.waves), tokens);
      assertNotEquals(await fillCanvas(patchModel, PLAN.waves, 6), tokens);
    });
  });
}

Deno.test("local decoders: p-nar in one step is nar, and more steps draw otherwise", async () => {
  const drawn: Record<string, number[][]> = {};
  const settings: [string, Partial<PatchModelOptions>][] = [
    ["nar", { local: "nar" }],
    ["1", { local: "p-nar", numSteps: 1 }],
    ["3", { local: "p-nar", numSteps: 3 }],
  ];
  for (const [name, options] of settings) {
    await withPatchModel(options, async (patchModel) => {
      drawn[name] = await fillCanvas(patchModel, PLAN.waves);
    });
  }
  assertEquals(drawn["1"], drawn.nar);
  assertNotEquals(drawn["3"], drawn.nar);
});

Deno.test("the choice temperature is p-nar's alone: it changes what p-nar draws, and nothing that ar and nar do", async () => {
  for (const local of LOCAL_DECODERS) {
    await withPatchModel({ local }, async (patchModel) => {
      const sure = await fillCanvas(patchModel, PLAN.waves, 5, { choiceTemperature: 0 });
      const usual = await fillCanvas(patchModel, PLAN.waves, 5);
      assertEquals(sure.join() === usual.join(), local !== "p-nar");
    });
  }
});

Deno.test("fillPatch() refuses sampling that makes no sense", async () => {
  const cases: [Partial<Sampling>, string][] = [
    [{ temperature: -1 }, "temperature must be a number >= 0, got -1"],
    [{ topK: 1.5 }, "topK must be an integer >= 0, got 1.5"],
    [{ topP: 0 }, "topP must be in (0, 1], got 0"],
    [{ guidance: NaN }, "guidance must be a finite number, got NaN"],
    [{ choiceTemperature: -1 }, "choiceTemperature must be a number >= 0, got -1"],
  ];
  await withPatchModel({}, async (patchModel) => {
    for (const [sampling, what] of cases) {
      await assertRejects(
        () => fillCanvas(patchModel, PLAN.waves, 5, sampling),
        RangeError,
        `Cannot fill patch: ${what}`,
      );
    }
  });
});

Deno.test("compilePatchModel() refuses local decoders that make no sense, or that the model has not learned", async () => {
  const model = initModel(CONFIG, 7);
  const compile = (options: Partial<PatchModelOptions>, of: Model = model) => () =>
    compilePatchModel(of, { maxContext: 1, device: "cpu", ...options });
  await assertRejects(
    // A caller without types may say anything.
    compile({ local: "fast" as LocalDecoderName }),
    RangeError,
    "Cannot fill patches: local must be one of ar, p-nar, nar, got fast",
  );
  await assertRejects(
    compile({ local: "nar", numSteps: 2 }),
    RangeError,
    "Cannot fill patches: numSteps is for local decoder p-nar alone, got it for nar",
  );
  await assertRejects(
    compile({ local: "p-nar", numSteps: M + 1 }),
    RangeError,
    `Cannot schedule mask-predict: numSteps must be an integer from 1 to ${M}, got ${M + 1}`,
  );
  const causal = initModel({ ...CONFIG, transformer: { ...CONFIG.transformer, maskEmbedding: false } }, 7);
  await assertRejects(
    compile({ local: "nar" }, causal),
    TypeError,
    "Cannot fill patches with nar: the model must have a mask embedding; this one knows ar alone",
  );
});
