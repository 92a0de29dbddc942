import { assertAlmostEquals, assertEquals } from "@std/assert";
import { averageDecayAt, learningRateAt } from "../../lib/training/mod.ts";

const CONFIG = { learningRate: 0.01, numSteps: 100, warmupSteps: 10, decayShare: 0.2 };

Deno.test("learningRateAt() rises over the warm-up, stays, and falls at the end", () => {
  // A tenth a step up; from step 81 on, a twentieth a step down.
  const expected = [[1, 0.001], [5, 0.005], [10, 0.01], [11, 0.01], [81, 0.01], [82, 0.0095], [100, 0.0005]];
  for (const [step = 0, rate = 0] of expected) assertAlmostEquals(learningRateAt(CONFIG, step), rate, 1e-12);
  assertEquals(learningRateAt(CONFIG, 101), 0);
});

Deno.test("learningRateAt() is constant without warm-up and decay", () => {
  for (const step of [1, 50, 100]) {
    assertEquals(learningRateAt({ ...CONFIG, warmupSteps: 0, decayShare: 0 }, step), 0.01);
  }
});

Deno.test("learningRateAt() of a longer run is the same up to where the shorter one falls", () => {
  for (const step of [1, 10, 80]) {
    assertEquals(learningRateAt({ ...CONFIG, numSteps: 400 }, step), learningRateAt(CONFIG, step));
  }
});

Deno.test("learningRateAt() is never above its highest, however short the run", () => {
  const short = { ...CONFIG, numSteps: 4, decayShare: 1 };
  for (const step of [1, 2, 3, 4]) {
    // Both ramps at once: step / 10 and (5 - step) / 4.
    assertAlmostEquals(learningRateAt(short, step), 0.01 * Math.min(step / 10, (5 - step) / 4), 1e-12);
  }
});

Deno.test("averageDecayAt() starts short and reaches its limit", () => {
  assertAlmostEquals(averageDecayAt(0.999, 1), 2 / 11, 1e-12);
  assertAlmostEquals(averageDecayAt(0.999, 90), 0.91, 1e-12);
  assertEquals(averageDecayAt(0.999, 1e6), 0.999);
  assertEquals(averageDecayAt(0, 5), 0);
});
