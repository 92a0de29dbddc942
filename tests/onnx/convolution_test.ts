import { grad, lax, numpy as np } from "@jax-js/jax";
import { assertSameAsJax, randomFloats } from "./_same_as_jax.ts";

type Pairs = [number, number][];

interface Case {
  readonly x: readonly number[];
  readonly kernel: readonly number[];
  readonly strides: number[];
  readonly padding: Pairs;
  readonly lhsDilation?: number[];
  readonly rhsDilation?: number[];
  readonly groups?: number;
}

/** One, two and three spatial axes; strides; padding that adds and cuts; dilations; groups; odd sizes. */
const CASES: readonly Case[] = [
  { x: [2, 3, 9], kernel: [4, 3, 3], strides: [1], padding: [[1, 1]] },
  { x: [2, 3, 8, 8], kernel: [4, 3, 1, 1], strides: [1, 1], padding: [[0, 0], [0, 0]] },
  { x: [2, 3, 8, 7], kernel: [4, 3, 3, 3], strides: [1, 1], padding: [[1, 1], [1, 1]] },
  { x: [2, 3, 8, 8], kernel: [5, 3, 4, 4], strides: [2, 2], padding: [[1, 1], [1, 1]] },
  { x: [1, 2, 9, 8], kernel: [3, 2, 3, 3], strides: [2, 3], padding: [[1, 0], [2, 1]] },
  { x: [1, 2, 9, 8], kernel: [3, 2, 3, 2], strides: [1, 1], padding: [[-1, 0], [0, -2]] },
  { x: [1, 2, 9, 8], kernel: [3, 2, 3, 3], strides: [1, 2], padding: [[2, 2], [2, 2]], rhsDilation: [2, 2] },
  { x: [2, 3, 4, 4], kernel: [2, 3, 3, 3], strides: [1, 1], padding: [[1, 2], [2, 1]], lhsDilation: [2, 2] },
  { x: [2, 3, 4, 4], kernel: [2, 3, 3, 3], strides: [2, 1], padding: [[1, 2], [0, 1]], lhsDilation: [3, 2] },
  { x: [2, 4, 6, 6], kernel: [6, 2, 3, 3], strides: [1, 1], padding: [[1, 1], [1, 1]], groups: 2 },
  { x: [2, 4, 6, 6], kernel: [4, 1, 3, 3], strides: [2, 2], padding: [[1, 1], [1, 1]], groups: 4 },
  { x: [1, 2, 4, 4, 4], kernel: [3, 2, 3, 3, 3], strides: [1, 2, 1], padding: [[1, 1], [1, 1], [0, 0]] },
  { x: [2, 3], kernel: [4, 3], strides: [], padding: [] },
];

Deno.test("convolutions and both their gradients lower like jax-js", async () => {
  for (const { x, kernel, strides, padding, lhsDilation, rhsDilation, groups } of CASES) {
    const options = {
      ...(lhsDilation ? { lhsDilation } : {}),
      ...(rhsDilation ? { rhsDilation } : {}),
      featureGroupCount: groups ?? 1,
    };
    const conv = (input: np.Array, weights: np.Array) => {
      return lax.convGeneralDilated(input, weights, strides, padding, options);
    };
    const f = (input: np.Array, weights: np.Array) => ({
      result: conv(input.ref, weights.ref),
      gradients: grad((both: [np.Array, np.Array]) => np.sum(np.sin(conv(...both))))([input, weights]),
    });
    await assertSameAsJax(f, [randomFloats(x), randomFloats(kernel, 2)]);
  }
});

Deno.test("transposed convolutions and their gradients lower like jax-js", async () => {
  for (const padding of ["SAME", "VALID"] as const) {
    const conv = (x: np.Array, kernel: np.Array) => lax.convTranspose(x, kernel, [2, 2], padding);
    const f = grad((both: [np.Array, np.Array]) => np.sum(np.sin(conv(...both))));
    await assertSameAsJax(f, [[randomFloats([2, 3, 5, 4]), randomFloats([4, 3, 4, 4], 2)]]);
  }
});
