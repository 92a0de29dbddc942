import { createTensor } from "../../lib/core/mod.ts";
import { createInitializer, feedForward, gelu, initFeedForward } from "../../lib/nn/mod.ts";
import { assertAllClose } from "../_assert_all_close.ts";
import { createRandom, runOnce } from "../_run_once.ts";

Deno.test("feedForward() is (x V * gelu(x G)) W: the first half of up is the value, the second the gate", async () => {
  const d = 2, wide = 8 * d;
  const parameters = initFeedForward(createInitializer(1), d);
  const x = createRandom([3, d], 2);
  const up = createTensor([3, wide], new Float32Array(3 * wide));
  for (let i = 0; i < 3 * wide; i++) {
    const row = Math.floor(i / wide), column = i % wide;
    for (let k = 0; k < d; k++) {
      up.data[i] = (up.data[i] ?? 0) +
        (x.data[row * d + k] ?? 0) * (parameters.up.weight.data[k * wide + column] ?? 0);
    }
  }
  const { data: gated } = await runOnce(gelu, up); // gelu has its own test
  const expected = createTensor([3, d], new Float32Array(3 * d));
  for (let i = 0; i < 3 * d; i++) {
    const row = Math.floor(i / d), column = i % d;
    for (let k = 0; k < 4 * d; k++) {
      expected.data[i] = (expected.data[i] ?? 0) +
        (up.data[row * wide + k] ?? 0) * (gated[row * wide + 4 * d + k] ?? 0) *
          (parameters.down.weight.data[k * d + column] ?? 0);
    }
  }
  assertAllClose(await runOnce(feedForward, parameters, x), expected, 1e-5);
});
