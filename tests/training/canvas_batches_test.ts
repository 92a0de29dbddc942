import { assert, assertAlmostEquals, assertEquals, assertLess, assertNotEquals } from "@std/assert";
import { createUniform, type PatchPosition, type Tensor } from "../../lib/core/mod.ts";
import { generationOrder } from "../../lib/direction/mod.ts";
import { createTokenizer, tokenize } from "../../lib/steps/mod.ts";
import { createBatchSampler, type TransformerRecipe } from "../../lib/training/mod.ts";
import { BLOCKS, TOKENIZER, TRANSFORMER_CONFIG, TRANSFORMER_RECIPE, VOCABULARY } from "./_fixtures.ts";

/** Sides of the canvas in patches, of a patch in tokens, of a patch in pixels. */
const SIDE = 3, PATCH = 2, PATCH_PIXELS = 16;
const OPTIONS = { config: TRANSFORMER_CONFIG, tokenizer: TOKENIZER, source: BLOCKS, device: "cpu" } as const;

function createSampler(change: Partial<TransformerRecipe> = {}) {
  return createBatchSampler({ ...TRANSFORMER_RECIPE, ...change }, OPTIONS);
}

const ORDERS = ["down-right", "down-left", "right-down", "right-up"] as const;

/** The patches of the canvas as an order makes them. */
function listPatches(order: typeof ORDERS[number]): PatchPosition[] {
  return generationOrder({ grid: { rows: SIDE, columns: SIDE, frames: 1 }, order });
}

/** The crops of a step, drawn as documented: one number for the order, then crop after crop. */
async function sampleCrops(step: number) {
  const uniform = createUniform(TRANSFORMER_RECIPE.seed + 2, step);
  uniform();
  const crops = [];
  for (let i = 0; i < TRANSFORMER_RECIPE.batchSize; i++) {
    crops.push(await BLOCKS.sampleCrop(uniform, { size: SIDE * PATCH_PIXELS, step: PATCH_PIXELS }));
  }
  return crops;
}

Deno.test("createBatchSampler() is a pure function of seed and step", async () => {
  const a = createSampler(), b = createSampler();
  const first = await a(1), second = await a(2);
  assertEquals(await b(2), second);
  assertEquals(await b(1), first);
  assertNotEquals(second.tokenIds, first.tokenIds);
  assertNotEquals((await createSampler({ seed: 4 })(1)).tokenIds, first.tokenIds);
});

Deno.test("createBatchSampler() cuts the token grid into patches, in generation order", async () => {
  const tokenizer = createTokenizer({
    config: TOKENIZER.config.tokenizer,
    parameters: TOKENIZER.parameters.tokenizer,
    device: "cpu",
  });
  const crops = await sampleCrops(5);
  for (const order of ORDERS) {
    const { tokenIds } = await createSampler({ orders: [order] })(5);
    assertEquals(tokenIds.shape, [2, SIDE * SIDE, PATCH * PATCH]);
    const expected: number[] = [];
    for (const { picture } of crops) {
      const grid = await tokenize(tokenizer, picture);
      assertEquals(grid.shape, [SIDE * PATCH, SIDE * PATCH]);
      for (const { row, column } of listPatches(order)) {
        for (const [y, x] of [[0, 0], [0, 1], [1, 0], [1, 1]] as const) {
          expected.push(grid.get(row * PATCH + y, column * PATCH + x));
        }
      }
    }
    assertEquals([...tokenIds.data], expected, order);
    assertLess(5, new Set(expected).size, "the tokens differ enough for this to tell");
  }
  await tokenizer.dispose();
});

Deno.test("createBatchSampler() tells each patch its band of the whole picture", async () => {
  for (const order of ORDERS) {
    const { bands } = await createSampler({ orders: [order] })(1);
    // Four bands of a picture of 128 pixels: two rows of patches each.
    const expected = (await sampleCrops(1)).flatMap(({ top }) =>
      listPatches(order).map(({ row }) => Math.floor((top / PATCH_PIXELS + row) / 2))
    );
    assertEquals([...bands.data], expected, order);
    assertEquals(bands.shape, [2, 9]);
  }
});

Deno.test("createBatchSampler() gives every crop its caption", async () => {
  const { words } = await createSampler({ textDropout: 0 })(5);
  const expected = (await sampleCrops(5)).flatMap((
    { caption = "" },
  ) => [VOCABULARY.indexOf(caption), 0, 0, 0]);
  assertEquals([...words.data], expected);
  assertEquals(words.shape, [2, 4]);
});

Deno.test("createBatchSampler() drops the share of captions that the recipe says", async () => {
  const shares: number[] = [];
  for (const textDropout of [0, 0.25, 1]) {
    const sample = createSampler({ textDropout, batchSize: 100, canvasPatches: 1 });
    const firstWords: number[] = [];
    for (const step of [1, 2, 3, 4]) {
      const { words } = await sample(step);
      for (let i = 0; i < words.data.length; i += 4) firstWords.push(words.data[i] ?? 0);
    }
    shares.push(
      firstWords.filter((word) => word === VOCABULARY.indexOf("<none>")).length / firstWords.length,
    );
  }
  assertEquals([shares[0], shares[2]], [0, 1]);
  assertAlmostEquals(shares[1] ?? NaN, 0.25, 0.06); // three standard deviations of 400 draws
});

Deno.test("createBatchSampler() masks what the order has not made yet, or is out of reach", async () => {
  for (const order of ORDERS) {
    const { mask, offsets } = await createSampler({ orders: [order] })(1);
    const patches = listPatches(order);
    for (const [p, target] of patches.entries()) {
      for (const [k, { row, column }] of patches.entries()) {
        const down = row - target.row, across = column - target.column;
        const isNear = Math.abs(down) <= 1 && Math.abs(across) <= 1;
        const name = `${order}: patch ${k} from patch ${p}`;
        if (k !== p) assertEquals(bestOf(mask, p, k) === 0, isNear && k < p, name);
        const seen = Array.from({ length: 9 }, (_, offset) => offsets.data[(p * 9 + offset) * 9 + k]);
        const expected = Array(9).fill(0);
        if (isNear) expected[(down + 1) * 3 + across + 1] = 1;
        assertEquals(seen, expected, name);
      }
    }
  }
});

/** The largest entry of the mask between a patch and the tokens of another one. */
function bestOf(mask: Tensor, p: number, k: number): number {
  const T = PATCH * PATCH + 1, width = SIDE * SIDE * T;
  const entries = Array.from(
    { length: T * T },
    (_, i) => mask.data[(p * T + Math.floor(i / T)) * width + k * T + i % T] ?? NaN,
  );
  return Math.max(...entries);
}

Deno.test("createBatchSampler() draws all orders of the recipe", async () => {
  const sample = createSampler({ batchSize: 1 });
  const layouts = new Set<string>();
  for (let step = 1; step <= 24; step++) layouts.add((await sample(step)).offsets.data.join());
  assertEquals(layouts.size, 4);
});

Deno.test("createBatchSampler() hides tokens as mask-predict and nar will, and changes none", async () => {
  const shares = async (local: ("ar" | "p-nar" | "nar")[]) => {
    const { tokenIds, partialIds } = await createSampler({ local, batchSize: 60 })(1);
    if (partialIds === undefined) return undefined;
    const M = PATCH * PATCH;
    partialIds.data.forEach((id, i) => assert(id === -1 || id === tokenIds.data[i]));
    return Array.from(
      { length: partialIds.data.length / M },
      (_, patch) => partialIds.data.slice(patch * M, (patch + 1) * M).filter((id) => id === -1).length / M,
    );
  };
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  assertEquals(await shares(["ar"]), undefined);
  assertEquals(mean(await shares(["ar", "nar"]) ?? []), 1);
  const partial = await shares(["ar", "p-nar"]) ?? [];
  assert(partial.every((share) => share >= 1 / (PATCH * PATCH)));
  // The mean of cos(u pi / 2) is 2 / pi, its deviation 0.31: three standard deviations of so many patches.
  assertAlmostEquals(mean(partial), 2 / Math.PI, 3 * 0.31 / Math.sqrt(partial.length) + 0.02);
  const all = (await shares(["ar", "p-nar", "nar"]) ?? []).filter((share) => share === 1).length;
  assert(
    all / partial.length > 0.2 && all / partial.length < 0.55,
    `${all} of ${partial.length} wholly hidden`,
  );
});

Deno.test("createBatchSampler() parts the patches of the share of batches that the recipe says", async () => {
  const sample = createSampler({ contextDropout: 0.25, batchSize: 1 });
  const others = [...Array(SIDE * SIDE).keys()].flatMap((p) =>
    [...Array(p).keys()].map((k) => [p, k] as const)
  );
  let apart = 0;
  for (let step = 1; step <= 100; step++) {
    const { mask, edges } = await sample(step);
    const isApart = others.every(([p, k]) => bestOf(mask, p, k) < 0);
    const known = [...edges.above.data, ...edges.left.data].filter((id) => id !== -1);
    assertEquals(known.length === 0, isApart, `edges of step ${step}`);
    if (isApart) apart++;
  }
  assertAlmostEquals(apart / 100, 0.25, 0.13); // three standard deviations of 100 draws
});
