import { assert, assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import { createInitializer } from "../../lib/nn/mod.ts";

Deno.test("Initializer.normal() has the mean, deviation and tails of the normal distribution", () => {
  const { data } = createInitializer(1).normal([100, 1000], 2);
  const mean = data.reduce((sum, x) => sum + x, 0) / data.length;
  const variance = data.reduce((sum, x) => sum + (x - mean) ** 2, 0) / data.length;
  assertAlmostEquals(mean, 0, 4 * 2 / Math.sqrt(data.length));
  assertAlmostEquals(Math.sqrt(variance), 2, 4 * 2 / Math.sqrt(2 * data.length));
  const beyond = data.filter((x) => Math.abs(x) > 4).length / data.length; // two deviations: 4.55 %
  assertAlmostEquals(beyond, 0.0455, 0.003);
  assert(data.every(Number.isFinite));
});

Deno.test("createInitializer() repeats itself for a seed, and does not for another", () => {
  const draw = (seed: number) => createInitializer(seed).normal([8], 1).data;
  assertEquals(draw(3), draw(3));
  assertNotEquals(draw(3), draw(4));
});
