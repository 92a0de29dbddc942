import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { listLeaves } from "../../lib/core/mod.ts";
import { plan } from "../../lib/tasks/mod.ts";
import { createModel, generateAtOnce, OPTIONS } from "./_fixtures.ts";

const model = createModel();

Deno.test("plan() says beforehand what generate() finds: patches, tokens, the pool's peak", async () => {
  for (const waves of [true, false]) {
    const expected = plan(model, { ...OPTIONS, width: 160, waves });
    const found = await generateAtOnce(model, { ...OPTIONS, width: 160, waves });
    assertEquals(expected.numPatches, found.plan.steps.length);
    assertEquals(expected.numTokens, found.tokens.size);
    assertEquals(expected.poolPeakPatches, found.poolPeakPatches);
    assertEquals(expected.poolPeakBytes, found.poolPeakBytes);
    assertEquals(expected.plan, found.plan);
  }
});

Deno.test("plan() halves its seconds on a machine twice as fast, and doubles them with guidance", () => {
  const slow = plan(model, { ...OPTIONS, gigaflops: 10 }), fast = plan(model, { ...OPTIONS, gigaflops: 20 });
  assertAlmostEquals(slow.seconds, 2 * fast.seconds);
  assertAlmostEquals(slow.seconds, slow.flops / 10e9);
  const single = plan(model, { ...OPTIONS, sampling: { guidance: 1 }, gigaflops: 10 });
  assertAlmostEquals(slow.seconds, 2 * single.seconds);
});

Deno.test("plan() counts bytes of parameters and picture, and costs nothing at absurd sizes", () => {
  const { parameterBytes, pictureBytes } = plan(model, OPTIONS);
  assertEquals(pictureBytes, 62 * 48 * 3);
  const leaves = listLeaves(model.parameters);
  assertEquals(parameterBytes, leaves.reduce((sum, [, { data }]) => sum + data.byteLength, 0));
  assertEquals(plan(model, { width: 16384, height: 512 }).numPatches, 1024 * 32);
  assertThrows(
    () => plan(model, { width: 1e9, height: 512 }),
    RangeError,
    "Cannot generate picture: size must be at most 268435456 pixels, got 1000000000x512",
  );
});
