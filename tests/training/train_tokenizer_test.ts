import { assertEquals, assertGreater } from "@std/assert";
import { createTensor, createUniform, listLeaves, picturesToPixels, sizeOf } from "../../lib/core/mod.ts";
import {
  type Checkpoint,
  initOptimizer,
  prepareTokenizerTraining,
  startTokenizer,
  type StepResult,
  tokenizerAt,
} from "../../lib/training/mod.ts";
import { BLOCKS, TOKENIZER_RECIPE } from "./_fixtures.ts";

const K = TOKENIZER_RECIPE.model.codebookSize, D = TOKENIZER_RECIPE.model.codeDim;

Deno.test("prepareTokenizerTraining() samples the same batch for the same step", async () => {
  const { step, sampleBatch } = await prepareTokenizerTraining(TOKENIZER_RECIPE, {
    source: BLOCKS,
    device: "cpu",
  });
  await step.dispose();
  const uniform = createUniform(TOKENIZER_RECIPE.seed + 1, 7);
  const crops = [
    (await BLOCKS.sampleCrop(uniform, { size: 16 })).picture,
    (await BLOCKS.sampleCrop(uniform, { size: 16 })).picture,
  ];
  assertEquals(await sampleBatch(7), { pixels: picturesToPixels(crops) });
});

Deno.test("prepareTokenizerTraining() learns to reconstruct, and revives codes that are not used", async () => {
  const recipe = await prepareTokenizerTraining(TOKENIZER_RECIPE, { source: BLOCKS, device: "cpu" });
  let checkpoint = startTokenizer(TOKENIZER_RECIPE);
  const psnrs: number[] = [], revived: number[] = [];
  for (let step = 1; step <= 30; step++) {
    const batch = await recipe.sampleBatch(1); // always the same
    const result = await recipe.step(checkpoint.state, { batch, step, learningRate: 0.01, averageDecay: 0 });
    const after = recipe.afterStep?.(result, { ...checkpoint, step, state: result.state });
    if (after === undefined) throw new TypeError("Cannot go on: the recipe must have afterStep");
    checkpoint = after.checkpoint;
    psnrs.push(after.figures.psnr ?? NaN);
    revived.push(after.figures.codesRevived ?? NaN);
  }
  await recipe.step.dispose();
  assertGreater(psnrs.at(-1) ?? 0, (psnrs[0] ?? 99) + 4);
  // Two crops of 2 x 2 tokens use at most 8 of 64 codes: the others are due in steps 1, 11, 21.
  revived.forEach((count, i) => assertEquals(count >= 56, i % 10 === 0, `step ${i + 1}: ${count} revived`));
  assertEquals(checkpoint.memory.lastUsed?.shape, [K]);
});

Deno.test("afterStep of a tokenizer notes used codes and moves the others onto latents", async () => {
  const { step, afterStep } = await prepareTokenizerTraining(TOKENIZER_RECIPE, {
    source: BLOCKS,
    device: "cpu",
  });
  await step.dispose();
  const start = startTokenizer(TOKENIZER_RECIPE);
  const result: StepResult = {
    state: start.state,
    loss: 1,
    gradientNorm: 1,
    watched: {
      tokenIds: createTensor([1, 1, 2], Int32Array.of(3, 5)),
      latents: createTensor([1, D, 1, 2], new Float32Array(2 * D).fill(0.25)),
      squaredError: createTensor([], Float32Array.of(0.04)),
    },
  };
  const checkpoint: Checkpoint = { ...start, step: 1 };
  const after = afterStep?.(result, checkpoint);
  // 10 log10(2^2 / 0.04) = 20 dB.
  assertEquals(Math.round(1e4 * (after?.figures.psnr ?? 0)), 200_000);
  assertEquals([after?.figures.codesInBatch, after?.figures.codesRevived], [2, K - 2]);
  assertEquals([...after?.checkpoint.memory.lastUsed?.data ?? []], Array(K).fill(1));
  const codebook = listLeaves(tokenizerAt(TOKENIZER_RECIPE, after?.checkpoint ?? start).parameters)
    .find(([path]) => path === "tokenizer.codebook")?.[1];
  const before = listLeaves(tokenizerAt(TOKENIZER_RECIPE, start).parameters)
    .find(([path]) => path === "tokenizer.codebook")?.[1];
  for (let code = 0; code < K; code++) {
    const row = codebook?.data.slice(code * D, (code + 1) * D);
    const kept = before?.data.slice(code * D, (code + 1) * D);
    assertEquals(row, code === 3 || code === 5 ? kept : new Float32Array(D).fill(0.25), `code ${code}`);
  }
});

Deno.test("startTokenizer() has moments of zero and every code due for revival", () => {
  const { step, state, memory } = startTokenizer(TOKENIZER_RECIPE);
  assertEquals(step, 0);
  assertEquals(state, initOptimizer(state.parameters));
  assertEquals(sizeOf(memory.lastUsed?.shape ?? []), K);
  assertEquals(new Set(memory.lastUsed?.data), new Set([-TOKENIZER_RECIPE.reviveAfter]));
});
