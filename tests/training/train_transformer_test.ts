import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  modelAt,
  prepareTransformerTraining,
  startTransformer,
  transformerModelConfig,
} from "../../lib/training/mod.ts";
import { initModel } from "../../lib/models/mod.ts";
import { BLOCKS, TOKENIZER, TRANSFORMER_CONFIG, TRANSFORMER_RECIPE, VOCABULARY } from "./_fixtures.ts";

const OPTIONS = { tokenizer: TOKENIZER, source: BLOCKS, device: "cpu" } as const;

Deno.test("prepareTransformerTraining() learns a batch by heart, and works without text", async () => {
  const { text: _, ...recipe } = TRANSFORMER_RECIPE;
  const config = transformerModelConfig(recipe, TOKENIZER, VOCABULARY);
  assertEquals([config.text, config.vocabulary, config.transformer.textDim], [undefined, undefined, 0]);
  const { step, sampleBatch } = await prepareTransformerTraining(recipe, { ...OPTIONS, config });
  const batch = await sampleBatch(1);
  let state = startTransformer(config, 0).state;
  const losses: number[] = [];
  for (let number = 1; number <= 40; number++) {
    const result = await step(state, { batch, step: number, learningRate: 0.01, averageDecay: 0 });
    losses.push(result.loss);
    state = result.state;
  }
  await step.dispose();
  // A model that knows nothing pays log K = 4.16 nats.
  assert((losses[0] ?? 0) > 3.5 && (losses.at(-1) ?? 9) < 2, `${losses[0]} to ${losses.at(-1)}`);
});

Deno.test("prepareTransformerTraining() learns unknown tokens beside the causal ones, by one set of weights", async () => {
  const recipe = { ...TRANSFORMER_RECIPE, local: ["ar", "p-nar", "nar"] as const };
  const { step, sampleBatch, afterStep } = await prepareTransformerTraining(
    { ...recipe, local: [...recipe.local] },
    { ...OPTIONS, config: TRANSFORMER_CONFIG },
  );
  const batch = await sampleBatch(1), start = startTransformer(TRANSFORMER_CONFIG, 0);
  let checkpoint = start;
  const curve: Record<string, number>[] = [];
  for (let number = 1; number <= 60; number++) {
    const result = await step(checkpoint.state, { batch, step: number, learningRate: 0.01, averageDecay: 0 });
    checkpoint = { ...checkpoint, step: number, state: result.state };
    curve.push({ ...afterStep?.(result, checkpoint).figures });
  }
  await step.dispose();
  for (const name of ["bitsPerToken", "bitsPerHiddenToken"]) {
    const [first = 0, last = 9] = [curve[0]?.[name], curve.at(-1)?.[name]];
    assert(Math.abs(first - 6) < 1 && last < 3, `${name}: ${first} to ${last}`); // log2 K = 6 bits
  }
});

Deno.test("modelAt() is the tokenizer as it was with the averaged rest", () => {
  const start = startTransformer(TRANSFORMER_CONFIG, 1);
  const average = start.state.average.map(({ shape, data }) => ({ shape, data: data.map((x) => x + 1) }));
  const { config, parameters } = modelAt(TRANSFORMER_CONFIG, TOKENIZER, {
    ...start,
    state: { ...start.state, average },
  });
  assertEquals(config, TRANSFORMER_CONFIG);
  assertEquals(parameters.tokenizer, TOKENIZER.parameters.tokenizer);
  assertEquals(parameters.text?.table, average[0]);
});

Deno.test("startTransformer() starts from given weights, and refuses those of another config", () => {
  const given = modelAt(TRANSFORMER_CONFIG, TOKENIZER, startTransformer(TRANSFORMER_CONFIG, 8));
  const started = modelAt(
    TRANSFORMER_CONFIG,
    TOKENIZER,
    startTransformer(TRANSFORMER_CONFIG, 1, { from: given }),
  );
  assertEquals(started.parameters, given.parameters);
  const other = { ...given, config: { ...given.config, vocabulary: [...VOCABULARY, "mist"] } };
  assertThrows(
    () => startTransformer(TRANSFORMER_CONFIG, 1, { from: other }),
    TypeError,
    "Cannot train from these weights: their vocabulary must be",
  );
});

Deno.test("startTransformer() takes weights whose tokenizer has another decoder, and refuses other codes", () => {
  const given = modelAt(TRANSFORMER_CONFIG, TOKENIZER, startTransformer(TRANSFORMER_CONFIG, 8));
  const { numBlocks } = TOKENIZER.config.tokenizer;
  const tokenizerConfig = {
    ...TOKENIZER.config.tokenizer,
    numBlocks: { ...numBlocks, decoder: 2 },
    refinement: { channels: 2, numLayers: 1 },
  };
  const drawn = initModel({ tokenizer: tokenizerConfig }, 6);
  const { encoder, codebook } = TOKENIZER.parameters.tokenizer;
  const redecoded = {
    ...drawn,
    parameters: { tokenizer: { ...drawn.parameters.tokenizer, encoder, codebook } },
  };
  const config = transformerModelConfig(TRANSFORMER_RECIPE, redecoded, VOCABULARY);
  const start = startTransformer(config, 1, { tokenizer: redecoded, from: given });
  const model = modelAt(config, redecoded, start);
  assertEquals(model.parameters, { ...given.parameters, tokenizer: redecoded.parameters.tokenizer });
  assertThrows(
    () => startTransformer(config, 1, { tokenizer: drawn, from: given }),
    TypeError,
    "Cannot train from these weights: their tokenizer.encoder.input.weight must be the tokenizer's, got another",
  );
  const deeper = { ...tokenizerConfig, numBlocks: { ...numBlocks, encoder: 2 } };
  assertThrows(
    () => startTransformer({ ...config, tokenizer: deeper }, 1, { from: given }),
    TypeError,
    "Cannot train from these weights: their tokenizer must be",
  );
});
