import type { numpy as np } from "@jax-js/jax";
import { assertEquals } from "@std/assert";
import { createTensor, type Tensor } from "../../lib/core/mod.ts";
import { conv, depthToSpace, spaceToDepth } from "../../lib/nn/mod.ts";
import { assertAllClose } from "../_assert_all_close.ts";
import { createRandom, runOnce } from "../_run_once.ts";

/** Convolution as it is defined, padded with zeros by `(kernel - 1) / 2`, rounded down. */
function convolve(weight: Tensor, bias: Tensor, x: Tensor, stride: number): Tensor<Float32Array> {
  const [B = 0, I = 0, H = 0, W = 0] = x.shape;
  const [O = 0, , k = 0] = weight.shape;
  const pad = Math.floor((k - 1) / 2);
  const [h, w] = [H, W].map((side) => Math.floor((side + 2 * pad - k) / stride) + 1);
  const out: number[] = [];
  const pixel = (b: number, i: number, y: number, x0: number) =>
    y < 0 || x0 < 0 || y >= H || x0 >= W ? 0 : x.data[((b * I + i) * H + y) * W + x0] ?? 0;
  for (let n = 0; n < B * O * (h ?? 0) * (w ?? 0); n++) {
    const column = n % (w ?? 0), row = Math.floor(n / (w ?? 0)) % (h ?? 0);
    const o = Math.floor(n / (w ?? 0) / (h ?? 0)) % O, b = Math.floor(n / (w ?? 0) / (h ?? 0) / O);
    let sum = bias.data[o] ?? 0;
    for (let j = 0; j < I * k * k; j++) {
      const i = Math.floor(j / k / k), dy = Math.floor(j / k) % k, dx = j % k;
      sum += (weight.data[o * I * k * k + j] ?? 0) *
        pixel(b, i, row * stride + dy - pad, column * stride + dx - pad);
    }
    out.push(sum);
  }
  return createTensor([B, O, h ?? 0, w ?? 0], Float32Array.from(out));
}

Deno.test("conv() agrees with the definition", async () => {
  for (
    const [kernel, stride, side] of [[3, 1, [4, 8]], [1, 1, [4, 8]], [4, 2, [2, 4]], [3, 2, [2, 4]]] as const
  ) {
    const weight = createRandom([3, 2, kernel, kernel], 1), bias = createRandom([3], 2);
    const x = createRandom([2, 2, 4, 8], 3);
    const y = await runOnce(
      (parameters: { weight: np.Array; bias: np.Array }, x: np.Array) => conv(parameters, x, stride),
      { weight, bias },
      x,
    );
    assertEquals(y.shape, [2, 3, ...side]);
    assertAllClose(y, convolve(weight, bias, x, stride), 1e-6);
  }
});

Deno.test("spaceToDepth() moves blocks into channels, row by row", async () => {
  const x = createTensor([1, 1, 2, 4], Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7));
  const y = await runOnce((x: np.Array) => spaceToDepth(x, 2), x);
  assertEquals(y.shape, [1, 4, 1, 2]);
  assertEquals([...y.data], [0, 2, 1, 3, 4, 6, 5, 7]);
});

Deno.test("depthToSpace() is the inverse of spaceToDepth()", async () => {
  const x = createRandom([2, 3, 6, 9]);
  assertEquals(await runOnce((x: np.Array) => depthToSpace(spaceToDepth(x, 3), 3), x), x);
});
