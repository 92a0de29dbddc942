import { assertThrows } from "@std/assert";
import { numpy as np } from "@jax-js/jax";
import { createTensor } from "../../lib/core/mod.ts";
import { rotate, rotationAt } from "../../lib/nn/mod.ts";
import { assertAllClose } from "../_assert_all_close.ts";
import { createRandom, runOnce } from "../_run_once.ts";

/** Positions [N, A] as a tensor. */
function positionsOf(rows: readonly (readonly number[])[]) {
  return createTensor([rows.length, rows[0]?.length ?? 0], Float32Array.from(rows.flat()));
}

Deno.test("rotate() turns pairs of channels by the formula", async () => {
  const x = createRandom([2, 8]), positions = [[3, -2], [0.5, 7]];
  const turned = await runOnce(
    (x: np.Array, at: np.Array) => rotate(x, rotationAt(at, 8)),
    x,
    positionsOf(positions),
  );
  // RoFormer, equation 34, as complex numbers: pair j of axis j % 2 turns by position * 100 ** -(floor(j / 2) / 2).
  const expected = new Float32Array(16);
  positions.forEach((position, row) => {
    for (let pair = 0; pair < 4; pair++) {
      const angle = (position[pair % 2] ?? 0) * 100 ** (-Math.floor(pair / 2) / 2);
      const re = x.data[row * 8 + pair] ?? 0, im = x.data[row * 8 + pair + 4] ?? 0;
      expected[row * 8 + pair] = re * Math.cos(angle) - im * Math.sin(angle);
      expected[row * 8 + pair + 4] = re * Math.sin(angle) + im * Math.cos(angle);
    }
  });
  assertAllClose(turned, createTensor([2, 8], expected), 1e-6);
});

Deno.test("rotate() makes products depend on distances alone, and keeps lengths", async () => {
  const query = createRandom([1, 6], 1), key = createRandom([1, 6], 2);
  const product = (q: np.Array, k: np.Array, atQuery: np.Array, atKey: np.Array) =>
    np.matmul(rotate(q, rotationAt(atQuery, 6)), rotate(k, rotationAt(atKey, 6)).transpose([1, 0]));
  const near = await runOnce(product, query, key, positionsOf([[1, 2, 0]]), positionsOf([[4, 1, 1]]));
  const far = await runOnce(product, query, key, positionsOf([[31, -18, 5]]), positionsOf([[34, -19, 6]]));
  assertAllClose(far, near, 1e-5);
  const same = await runOnce(product, query, query, positionsOf([[9, 9, 9]]), positionsOf([[9, 9, 9]]));
  const square = query.data.reduce((sum, value) => sum + value * value, 0);
  assertAllClose(same, createTensor([1, 1], Float32Array.of(square)), 1e-5);
});

Deno.test("rotationAt() refuses an odd number of channels", () => {
  const positions = np.zeros([1, 2]);
  assertThrows(
    () => rotationAt(positions, 5),
    RangeError,
    "Cannot rotate by position: headDim must be even, got 5",
  );
  positions.dispose();
});
