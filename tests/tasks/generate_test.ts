import { assertEquals, assertGreater, assertNotEquals, assertRejects } from "@std/assert";
import {
  generate,
  type Generated,
  type GenerateOptions,
  type GenerationProgress,
} from "../../lib/tasks/mod.ts";
import { chooseBatchSize } from "../../lib/steps/mod.ts";
import { VQGAN_PRESETS } from "../../lib/models/mod.ts";
import { createModel } from "./_fixtures.ts";

async function run(
  options: Partial<GenerateOptions>,
): Promise<Generated & { reports: GenerationProgress[] }> {
  const reports: GenerationProgress[] = [];
  const steps = generate(createModel(), {
    width: 96,
    height: 64,
    seed: 5,
    device: "cpu",
    text: "snow river",
    ...options,
  });
  for (;;) {
    const next = await steps.next();
    if (next.done) return { ...next.value, reports };
    reports.push(next.value);
  }
}

Deno.test("generate() gives the same pixels in waves and one by one", async () => {
  const [waves, single] = [await run({ height: 128 }), await run({ height: 128, waves: false })];
  assertGreater(chooseBatchSize(waves.plan), 1); // so that patches do have company
  assertEquals(waves.picture.data, single.picture.data);
  assertEquals(waves.tokens.data, single.tokens.data);
  assertGreater(single.reports.length, waves.reports.length);
});

Deno.test("generate() gives another picture for another seed, text and guidance", async () => {
  const { tokens } = await run({});
  for (const other of [{ seed: 6 }, { text: "night" }, { sampling: { guidance: 1 } }]) {
    assertNotEquals((await run(other)).tokens.data, tokens.data);
  }
});

Deno.test("generate() fills every token, and crops sizes that are not multiples of the patch", async () => {
  const { picture, tokens } = await run({ width: 50, height: 33 });
  assertEquals(picture.shape, [33, 50, 3]);
  assertEquals(tokens.shape, [6, 8]); // 3 x 4 patches of 2 x 2 tokens
  assertEquals([...tokens.data].filter((id) => id < 0 || id >= VQGAN_PRESETS.tiny.codebookSize), []);
});

Deno.test("generate() tells the device that it used, not the one asked for", async () => {
  const { device } = await run({ device: "auto", width: 32, height: 32 });
  assertEquals(["cpu", "cuda"].includes(device), true);
});

Deno.test("generate() keeps the pool at the plan's peak", async () => {
  const { plan, poolPeakPatches, poolPeakBytes } = await run({ waves: false, width: 160 });
  assertEquals(poolPeakPatches, plan.peak);
  const cache = 2 * 2 * 2 * 4 * 32 * 4; // streams, layers, keys and values, tokens, width, bytes
  assertEquals(poolPeakBytes, plan.peak * (cache + 4 * 4)); // and the tokens themselves
});

Deno.test("generate() takes a smaller extent than the model's, and refuses a larger one", async () => {
  const { plan } = await run({ extent: { width: 1, height: 1, frames: 0 } });
  assertEquals(plan.maxContext, 4);
  await assertRejects(
    () => run({ extent: { width: 3, height: 1, frames: 0 } }),
    RangeError,
    "extent.width must be 0 to 2, as the weights have learned, got 3",
  );
});

Deno.test("generate() refuses sizes that make no sense", async () => {
  await assertRejects(() => run({ width: 0 }), RangeError, "width must be a positive integer, got 0");
  await assertRejects(() => run({ width: 1e9, height: 1e9 }), RangeError, "size must be at most");
});

Deno.test("generate() warns of words that the model does not know", async () => {
  assertEquals(
    (await run({ text: "snow zebra" })).warnings.at(-1),
    "words that the model does not know: zebra",
  );
});
