import { createTensor } from "../../lib/core/mod.ts";
import { assertEquals } from "@std/assert";
import { createInitializer, initLinear, linear } from "../../lib/nn/mod.ts";
import { assertAllClose } from "../_assert_all_close.ts";
import { createRandom, runOnce } from "../_run_once.ts";

Deno.test("linear() is x W + b over the last axis, for any number of axes", async () => {
  const weight = createRandom([3, 2], 1), bias = createRandom([2], 2), x = createRandom([2, 4, 3], 3);
  const expected = createTensor([2, 4, 2], new Float32Array(16));
  for (let i = 0; i < 8; i++) {
    for (let j = 0; j < 2; j++) {
      let sum = bias.data[j] ?? 0;
      for (let k = 0; k < 3; k++) sum += (x.data[i * 3 + k] ?? 0) * (weight.data[k * 2 + j] ?? 0);
      expected.data[i * 2 + j] = sum;
    }
  }
  assertAllClose(await runOnce(linear, { weight, bias }, x), expected, 1e-6);
  const withoutBias = createTensor([2, 4, 2], expected.data.map((y, i) => y - (bias.data[i % 2] ?? 0)));
  assertAllClose(await runOnce(linear, { weight }, x), withoutBias, 1e-6);
});

Deno.test("initLinear() has no bias if told so", () => {
  assertEquals(Object.keys(initLinear(createInitializer(1), 3, 2, { bias: false })), ["weight"]);
  assertEquals(initLinear(createInitializer(1), 3, 2).bias?.data, new Float32Array(2));
});
