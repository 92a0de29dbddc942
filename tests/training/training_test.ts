import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { listLeaves } from "../../lib/core/mod.ts";
import {
  createBatchSampler,
  loadCheckpoint,
  prepareTransformerTraining,
  readLosses,
  saveCheckpoint,
  startTraining,
  startTransformer,
  type Training,
  trainLoop,
  type TrainStepsOptions,
} from "../../lib/training/mod.ts";
import { withFolder } from "../media/_fixtures.ts";
import {
  BLOCKS,
  contentOf,
  TOKENIZER,
  TRANSFORMER_CONFIG,
  TRANSFORMER_RECIPE,
  VOCABULARY,
  withoutSeconds,
} from "./_fixtures.ts";

const RECIPE = { ...TRANSFORMER_RECIPE, numSteps: 8 };
const OPTIONS = {
  tokenizer: TOKENIZER,
  source: BLOCKS,
  captions: ["hills", "hills", "hills", "river", "river", "night"], // often first: the words of VOCABULARY
  device: "cpu",
} as const;

async function advance(training: Training, options?: TrainStepsOptions): Promise<number[]> {
  const steps: number[] = [];
  for await (const { step } of training.advance(options)) steps.push(step);
  return steps;
}

Deno.test("startTraining() trains as trainLoop() does; stopped, left or saved, it goes on as if it had not been", async () => {
  const source = BLOCKS, device = "cpu";
  const recipe = await prepareTransformerTraining(RECIPE, {
    config: TRANSFORMER_CONFIG,
    tokenizer: TOKENIZER,
    source,
    device,
  });
  await withFolder(async (folder) => {
    const start = startTransformer(TRANSFORMER_CONFIG, RECIPE.seed, { tokenizer: TOKENIZER });
    const end = await trainLoop(recipe, start, { folder, fingerprint: "a" });
    await recipe.step.dispose();
    const losses = withoutSeconds(await readLosses(folder));

    const training = await startTraining(RECIPE, OPTIONS);
    assertEquals(training.config.vocabulary, VOCABULARY);
    assertEquals([training.numSteps, training.checkpoint.step], [8, 0]);
    const stop = new AbortController();
    for await (const { step } of training.advance({ signal: stop.signal })) step === 2 && stop.abort();
    assertEquals(await advance(training, { until: 4 }), [3, 4]);
    for await (const _ of training.advance()) break; // the step that was taken stays
    assertEquals(training.checkpoint.step, 5);
    await saveCheckpoint(folder, training.checkpoint, "b");
    const checkpoint = await loadCheckpoint(folder, "b");
    assertEquals(await advance(training), [6, 7, 8]);
    assertEquals(withoutSeconds(training.records), losses);
    assertEquals(contentOf(training.checkpoint), contentOf(end));
    assertEquals(await advance(training), [], "there is no ninth step");
    await training.dispose();

    await using again = await startTraining(RECIPE, { ...OPTIONS, checkpoint });
    assertEquals(await advance(again), [6, 7, 8]);
    assertEquals(contentOf(again.checkpoint), contentOf(end));
    assertEquals(again.records.length, 3);
  });
});

Deno.test("startTraining() gives the model as it is: averaged parameters under the tokenizer", async () => {
  await using training = await startTraining(RECIPE, OPTIONS);
  const drawn = training.model();
  await advance(training, { until: 2 });
  const { parameters, config } = training.model();
  assertEquals(config, TRANSFORMER_CONFIG);
  assertEquals(parameters.tokenizer, TOKENIZER.parameters.tokenizer);
  const { tokenizer: _, ...trained } = parameters;
  const leaves = listLeaves(trained).map(([, tensor]) => tensor);
  assertEquals(leaves.map(({ data }) => data), training.checkpoint.state.average.map(({ data }) => data));
  assertNotEquals(parameters.transformer?.begin, drawn.parameters.transformer?.begin);
});

Deno.test("startTraining() asks for what the recipe needs: words for texts, weights to go on from", async () => {
  const { captions, ...rest } = OPTIONS;
  await assertRejects(
    () => startTraining(RECIPE, rest),
    RangeError,
    "Cannot start training: captions must be given for a recipe with text, got none",
  );
  await assertRejects(
    () => startTraining({ ...RECIPE, from: "finished" }, OPTIONS),
    RangeError,
    "Cannot start training: from must be given for a recipe with from, got none",
  );
  await using first = await startTraining(RECIPE, { ...rest, captions });
  await advance(first, { until: 2 });
  const from = first.model();
  await using second = await startTraining({ ...RECIPE, from: "finished" }, { ...OPTIONS, from });
  assertEquals(second.model().parameters.transformer, from.parameters.transformer);
});

Deno.test("startTraining() takes batches of one's own, and two loops at once take each step once", async () => {
  const seen: number[] = [];
  const sampler = createBatchSampler(RECIPE, {
    config: TRANSFORMER_CONFIG,
    tokenizer: TOKENIZER,
    source: BLOCKS,
    device: "cpu",
  });
  await using training = await startTraining(RECIPE, {
    ...OPTIONS,
    source: (step) => {
      seen.push(step);
      return sampler(step);
    },
  });
  const [a, b] = await Promise.all([advance(training, { until: 4 }), advance(training, { until: 4 })]);
  assertEquals([...a, ...b].sort(), [1, 2, 3, 4]);
  assertEquals(training.records.map(({ step }) => step), [1, 2, 3, 4]);
  assertEquals(new Set(seen), new Set([0, 1, 2, 3, 4])); // 0 is the example to compile for
});
