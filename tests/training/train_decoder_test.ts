import {
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLess,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { createTensor, listLeaves } from "../../lib/core/mod.ts";
import { initModel, TRANSFORMER_PRESETS, VQGAN_PRESETS } from "../../lib/models/mod.ts";
import {
  type Checkpoint,
  decoderAt,
  parseDecoderRecipe,
  prepareDecoderTraining,
  refinedModel,
  startDecoder,
} from "../../lib/training/mod.ts";
import { BLOCKS } from "./_fixtures.ts";

const JSON_RECIPE = {
  seed: 3,
  from: "weights",
  batchSize: 2,
  cropSize: 32,
  numSteps: 12,
  learningRate: 0.003,
  warmupSteps: 1,
  averageDecay: 0,
  discriminator: { channels: [8, 8] },
};
const RECIPE = parseDecoderRecipe(JSON_RECIPE, "recipe");
const MODEL = initModel({
  tokenizer: VQGAN_PRESETS.tiny,
  transformer: { ...TRANSFORMER_PRESETS.tiny, textDim: 0 },
}, 5);

/** Trains some steps on the same batch; returns what the steps watched. */
async function train(recipe: typeof RECIPE, numSteps: number, model = MODEL) {
  const { step, sampleBatch } = await prepareDecoderTraining(recipe, {
    model,
    source: BLOCKS,
    device: "cpu",
  });
  let checkpoint: Checkpoint = startDecoder(recipe, model);
  const watched: Record<string, number>[] = [];
  try {
    const batch = await sampleBatch(1);
    for (let i = 1; i <= numSteps; i++) {
      const result = await step(checkpoint.state, {
        batch,
        step: i,
        learningRate: recipe.learningRate,
        averageDecay: 0,
      });
      checkpoint = { ...checkpoint, step: i, state: result.state };
      watched.push(
        Object.fromEntries(Object.entries(result.watched).map(([name, { data }]) => [name, data[0] ?? NaN])),
      );
    }
  } finally {
    await step.dispose();
  }
  return { model: decoderAt(recipe, model, checkpoint), watched };
}

Deno.test("prepareDecoderTraining() changes the decoder and nothing else of the model", async () => {
  const { model } = await train(RECIPE, 2);
  const before = new Map(listLeaves(MODEL.parameters));
  for (const [path, { data }] of listLeaves(model.parameters)) {
    const isDecoder = path.startsWith("tokenizer.decoder.");
    (isDecoder ? assertNotEquals : assertEquals)(data, before.get(path)?.data, path);
  }
});

const REFINE = parseDecoderRecipe({
  ...JSON_RECIPE,
  refinement: { channels: 4, numLayers: 1 },
  learns: "refinement",
  blend: 1,
  loss: { seams: 10 },
}, "recipe");

Deno.test("refinedModel() gives the decoder a last stage that changes nothing yet, and keeps one that is there", () => {
  const { config, parameters } = refinedModel(REFINE, MODEL);
  assertEquals(config, {
    ...MODEL.config,
    tokenizer: { ...MODEL.config.tokenizer, refinement: REFINE.refinement },
  });
  const { refinement, ...decoder } = parameters.tokenizer.decoder;
  assertEquals({ ...parameters, tokenizer: { ...parameters.tokenizer, decoder } }, MODEL.parameters);
  assertEquals(refinement?.output.weight.data.every((weight) => weight === 0 || Object.is(weight, -0)), true);
  assertEquals(refinedModel({ ...REFINE, seed: 9 }, { config, parameters }).parameters, parameters);
  assertEquals(refinedModel(RECIPE, { config, parameters }).parameters, parameters);
  assertEquals(refinedModel(RECIPE, MODEL), MODEL);
});

Deno.test("refinedModel() refuses weights with another last stage, and none at all where it is to learn", () => {
  const { refinement: _, ...none } = REFINE;
  assertThrows(
    () => refinedModel(none, MODEL),
    TypeError,
    "Cannot train decoder: refinement must be given, for the weights have none, got nothing",
  );
  const other = { ...REFINE, refinement: { channels: 8, numLayers: 1 } };
  assertThrows(
    () => refinedModel(other, refinedModel(REFINE, MODEL)),
    TypeError,
    'Cannot train decoder: refinement of the weights must be {"channels":8,"numLayers":1}, got {"channels":4,"numLayers":1}',
  );
});

Deno.test("prepareDecoderTraining() of the last stage alone changes it and nothing else, and seams vanish", async () => {
  const start = refinedModel(REFINE, MODEL);
  const { model, watched } = await train(REFINE, 12, start);
  const before = new Map(listLeaves(start.parameters));
  for (const [path, { data }] of listLeaves(model.parameters)) {
    const learns = path.startsWith("tokenizer.decoder.refinement.");
    (learns ? assertNotEquals : assertEquals)(data, before.get(path)?.data, path);
  }
  assertLess(watched.at(-1)?.seams ?? NaN, watched[0]?.seams ?? NaN);
});

Deno.test("prepareDecoderTraining() of a decoder with a last stage changes both, the codes not", async () => {
  const both = { ...REFINE, learns: "decoder" } as const, start = refinedModel(both, MODEL);
  const { model } = await train(both, 2, start);
  const before = new Map(listLeaves(start.parameters));
  for (const [path, { data }] of listLeaves(model.parameters)) {
    const learns = path.startsWith("tokenizer.decoder.");
    (learns ? assertNotEquals : assertEquals)(data, before.get(path)?.data, path);
  }
});

Deno.test("prepareDecoderTraining() brings painted pixels nearer, and teaches the discriminator", async () => {
  const { watched } = await train(RECIPE, 12);
  const [first, last] = [watched[0], watched.at(-1)];
  assertLess(last?.squaredError ?? NaN, first?.squaredError ?? NaN);
  assertLess(last?.hinge ?? NaN, first?.hinge ?? NaN);
  assertGreater(first?.matching ?? NaN, 0);
});

Deno.test("prepareDecoderTraining() keeps the players apart: a discriminator alone leaves the decoder still", async () => {
  const alone = parseDecoderRecipe({
    ...JSON_RECIPE,
    weightDecay: 0,
    loss: { squared: 0, absolute: 0, edge: 0, colour: 0 },
    adversarial: { fooling: 0, features: 0 },
  }, "recipe");
  const { model } = await train(alone, 2);
  assertEquals(model.parameters.tokenizer.decoder, MODEL.parameters.tokenizer.decoder);
});

Deno.test("parseDecoderRecipe() names the field that is wrong", () => {
  assertThrows(() => parseDecoderRecipe({ ...JSON_RECIPE, from: 3 }, "d.json"), SyntaxError, "d.json: from:");
});

Deno.test("prepareDecoderTraining() refuses crops that tokens do not tile", async () => {
  const error = await assertRejects(() => train({ ...RECIPE, cropSize: 36 }, 1), RangeError);
  assertEquals(
    error.message,
    "Cannot train decoder: cropSize must be a multiple of 8 and two of them at least, got 36",
  );
});

Deno.test("decoderAt() lies as far between before and after as the recipe says", () => {
  const start = startDecoder(RECIPE, MODEL);
  const average = start.state.average.map(({ shape, data }) => createTensor(shape, data.map((x) => x + 1)));
  const learned = { ...start, state: { ...start.state, average } };
  for (const blend of [0, 0.25, 1]) {
    const { parameters } = decoderAt({ ...RECIPE, blend }, MODEL, learned);
    const before = listLeaves(MODEL.parameters.tokenizer.decoder);
    for (const [index, [path, { data }]] of listLeaves(parameters.tokenizer.decoder).entries()) {
      data.forEach((value, i) =>
        assertAlmostEquals(value, (before[index]?.[1].data[i] ?? NaN) + blend, 1e-6, path)
      );
    }
    assertEquals(parameters.tokenizer.encoder, MODEL.parameters.tokenizer.encoder);
  }
});
