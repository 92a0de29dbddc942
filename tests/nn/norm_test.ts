import { createTensor, type Tensor } from "../../lib/core/mod.ts";
import { channelNorm, createInitializer, initChannelNorm, layerNorm } from "../../lib/nn/mod.ts";
import { assertAllClose } from "../_assert_all_close.ts";
import { createRandom, runOnce } from "../_run_once.ts";

Deno.test("layerNorm() standardises the last axis, then scales and shifts", async () => {
  const x = createRandom([2, 3, 5], 1), scale = createRandom([5], 2), bias = createRandom([5], 3);
  const expected = createTensor([2, 3, 5], new Float32Array(30));
  for (let row = 0; row < 6; row++) {
    const values = [...x.data.subarray(row * 5, row * 5 + 5)];
    const mean = values.reduce((sum, value) => sum + value, 0) / 5;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 5;
    for (const [i, value] of values.entries()) {
      expected.data[row * 5 + i] = (value - mean) / Math.sqrt(variance + 1e-5) * (scale.data[i] ?? 0) +
        (bias.data[i] ?? 0);
    }
  }
  assertAllClose(await runOnce(layerNorm, { scale, bias }, x), expected, 1e-6);
});

Deno.test("channelNorm() divides each pixel by the root mean square of its channels", async () => {
  const [B, C, pixels] = [2, 4, 6];
  const x = createRandom([B, C, 2, 3], 1), scale = createRandom([C], 2);
  const expected = createTensor([B, C, 2, 3], new Float32Array(B * C * pixels));
  for (let b = 0; b < B; b++) {
    for (let i = 0; i < pixels; i++) {
      const at = (c: number) => (b * C + c) * pixels + i;
      let square = 0;
      for (let c = 0; c < C; c++) square += (x.data[at(c)] ?? 0) ** 2 / C;
      for (let c = 0; c < C; c++) {
        expected.data[at(c)] = (x.data[at(c)] ?? 0) / Math.sqrt(square + 1e-5) * (scale.data[c] ?? 0);
      }
    }
  }
  assertAllClose(await runOnce(channelNorm, { scale }, x), expected, 1e-6);
});

Deno.test("channelNorm() and layerNorm() stay finite where nothing varies", async () => {
  const zeros: Tensor = createTensor([1, 2, 1, 1], new Float32Array(2));
  assertAllClose(await runOnce(channelNorm, initChannelNorm(createInitializer(1), 2), zeros), zeros, 0);
  const ones = createTensor([2], Float32Array.of(1, 1));
  const same = createTensor([2], Float32Array.of(7, 7));
  assertAllClose(await runOnce(layerNorm, { scale: ones, bias: ones }, same), ones, 0);
});
