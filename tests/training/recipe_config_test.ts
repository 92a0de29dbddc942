import { assertEquals, assertThrows } from "@std/assert";
import { fixedPart, parseTokenizerRecipe, parseTransformerRecipe } from "../../lib/training/mod.ts";
import { TOKENIZER_JSON, TRANSFORMER_JSON } from "./_fixtures.ts";

Deno.test("parseTokenizerRecipe() fills in defaults and keeps the rest", () => {
  const recipe = parseTokenizerRecipe(TOKENIZER_JSON, "a.json");
  assertEquals(recipe, {
    ...TOKENIZER_JSON,
    averageDecay: 0.999,
    weightDecay: 0.01,
    clipNorm: 1,
    decayShare: 0.3,
    checkpointSeconds: 120,
    numScrolls: 96,
    loss: { squared: 4, absolute: 1, edge: 1, colour: 0, commitment: 0.25 },
  });
  assertEquals(parseTokenizerRecipe({ ...TOKENIZER_JSON, loss: { edge: 0 } }, "a.json").loss.edge, 0);
});

Deno.test("parseTransformerRecipe() fills in defaults and lets text be left out", () => {
  const { text: _, ...json } = TRANSFORMER_JSON;
  const recipe = parseTransformerRecipe(json, "b.json");
  assertEquals("text" in recipe, false);
  assertEquals([recipe.textDropout, recipe.labelSmoothing, recipe.orders.length], [0.1, 0, 4]);
});

Deno.test("recipes are refused with the file and the first wrong field", () => {
  const tokenizer = (json: unknown) => parseTokenizerRecipe(json, "a.json");
  const transformer = (json: unknown) => parseTransformerRecipe(json, "a.json");
  const { batchSize: _, ...noBatch } = TOKENIZER_JSON;
  const { model } = TRANSFORMER_JSON;
  const cases: [parse: (json: unknown) => unknown, json: unknown, message: string][] = [
    [tokenizer, null, "file: Invalid input: expected object, received null"],
    [tokenizer, noBatch, "batchSize: Invalid input: expected number, received undefined"],
    [
      tokenizer,
      { ...TOKENIZER_JSON, batchSize: "2" },
      "batchSize: Invalid input: expected number, received string",
    ],
    [
      tokenizer,
      { ...TOKENIZER_JSON, numSteps: 1.5 },
      "numSteps: Invalid input: expected int, received number",
    ],
    [tokenizer, { ...TOKENIZER_JSON, learningRate: 0 }, "learningRate: Too small: expected number to be >0"],
    [tokenizer, { ...TOKENIZER_JSON, numStep: 1 }, 'file: Unrecognized key: "numStep"'],
    [tokenizer, { ...TOKENIZER_JSON, loss: { edges: 1 } }, 'loss: Unrecognized key: "edges"'],
    [
      tokenizer,
      { ...TOKENIZER_JSON, model: {} },
      "model.stem: Invalid input: expected number, received undefined",
    ],
    [
      tokenizer,
      { ...TOKENIZER_JSON, cropSize: 20 },
      "cropSize: must be a multiple of the pixels of a token, stem * 2 ** (channels - 1)",
    ],
    [tokenizer, TRANSFORMER_JSON, "model.stem: Invalid input: expected number, received undefined"],
    [transformer, { ...TRANSFORMER_JSON, orders: [] }, "orders: Too small: expected array to have >=1 items"],
    [transformer, { ...TRANSFORMER_JSON, textDropout: 2 }, "textDropout: Too big: expected number to be <=1"],
    [
      transformer,
      { ...TRANSFORMER_JSON, model: { ...model, patchTokens: { height: 2, width: 3 } } },
      "model.patchTokens: height and width must be equal, for crops are square",
    ],
    [
      transformer,
      { ...TRANSFORMER_JSON, model: { ...model, tokenEmbedding: { codeDim: 8 } } },
      'model.tokenEmbedding: Invalid input: expected "learned"',
    ],
  ];
  for (const [parse, json, message] of cases) {
    const error = assertThrows(() => parse(json), SyntaxError);
    assertEquals(error.message, `Cannot read recipe at a.json: ${message}`);
  }
});

Deno.test("fixedPart() leaves out the schedule alone", () => {
  const recipe = parseTokenizerRecipe(TOKENIZER_JSON, "a.json");
  const prolonged = {
    ...recipe,
    numSteps: 99,
    learningRate: 1,
    warmupSteps: 0,
    decayShare: 0,
    checkpointSeconds: 1,
  };
  assertEquals(fixedPart(prolonged), fixedPart(recipe));
  assertEquals(Object.keys(fixedPart(recipe)).sort(), [
    ...["averageDecay", "batchSize", "clipNorm", "cropSize", "loss", "model", "numScrolls", "reviveAfter"],
    ...["seed", "weightDecay"],
  ]);
});
