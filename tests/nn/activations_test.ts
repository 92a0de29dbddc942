import { grad, numpy as np } from "@jax-js/jax";
import { createTensor } from "../../lib/core/mod.ts";
import { gelu, silu } from "../../lib/nn/mod.ts";
import { assertAllClose } from "../_assert_all_close.ts";
import { runOnce } from "../_run_once.ts";

const vector = (...values: number[]) => createTensor([values.length], Float32Array.from(values));

Deno.test("gelu() is x Phi(x)", async () => {
  // Phi from tables of the normal distribution to ten places, e.g. Phi(1) = 0.8413447461.
  const expected = vector(
    -0.0455002639,
    -0.1586552539,
    -0.1542687694,
    0,
    0.3457312306,
    0.8413447461,
    2.9959503060,
  );
  assertAllClose(await runOnce(gelu, vector(-2, -1, -0.5, 0, 0.5, 1, 3)), expected, 1e-6);
});

Deno.test("silu() is x / (1 + exp(-x))", async () => {
  const inputs = [-20, -2, -0.5, 0, 1, 3, 50];
  const expected = vector(...inputs.map((x) => x / (1 + Math.exp(-x))));
  assertAllClose(await runOnce(silu, vector(...inputs)), expected, 1e-6);
});

Deno.test("silu() and gelu() have finite values and gradients far out", async () => {
  for (const f of [silu, gelu]) {
    const slope = grad((x: np.Array) => np.sum(f(x)));
    const both = (x: np.Array) => ({ value: f(x.ref), slope: slope(x) });
    const { value, slope: slopes } = await runOnce(both, vector(-1e4, -89, 89, 1e4));
    assertAllClose(value, vector(0, 0, 89, 1e4), 1e-6);
    assertAllClose(slopes, vector(0, 0, 1, 1), 1e-6);
  }
});
