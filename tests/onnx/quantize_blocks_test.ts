import { assert, assertEquals, assertThrows } from "@std/assert";
import { createTensor } from "../../lib/core/mod.ts";
import { dequantizeBlocks, quantizeBlocks } from "../../lib/onnx/mod.ts";
import { randomFloats } from "./_same_as_jax.ts";

Deno.test("quantizeBlocks() packs the codes of a column, low ones first", () => {
  // By hand. The first column's scale is -8 / -8 = 1, the second's 4 / -8.
  const matrix = createTensor([4, 2], Float32Array.of(-8, 4, 7, 0, 3.4, -4, 0, 0.3));
  const { codes, scales } = quantizeBlocks(matrix, { bits: 4, blockSize: 4 });
  assertEquals([...scales], [1, -0.5]);
  assertEquals([...codes], [0 | 15 << 4, 11 | 8 << 4, 0 | 8 << 4, 15 | 7 << 4]);
  const wide = quantizeBlocks(createTensor([2, 1], Float32Array.of(127, -128)), { bits: 8, blockSize: 4 });
  assertEquals([...wide.codes], [255, 0, 128, 128], "the block is padded with zeros");
});

for (const bits of [4, 8] as const) {
  Deno.test(`quantizeBlocks() to ${bits} bits rounds to the nearest code`, () => {
    const K = 40, N = 7, blockSize = 16, half = 2 ** (bits - 1);
    const matrix = randomFloats([K, N], bits);
    const quantized = quantizeBlocks(matrix, { bits, blockSize });
    const rounded = dequantizeBlocks(quantized);
    assertEquals(rounded.shape, [K, N]);
    matrix.data.forEach((weight, place) => {
      const block = place % N * Math.ceil(K / blockSize) + Math.floor(place / N / blockSize);
      const scale = quantized.scales[block] ?? NaN;
      const values = Array.from({ length: 2 * half }, (_, code) => scale * (code - half));
      const least = Math.min(...values.map((value) => Math.abs(value - weight)));
      const error = Math.abs((rounded.data[place] ?? NaN) - weight);
      assert(error <= least + 1e-7, `weight ${place}: error ${error}, least ${least}`);
      assert(error <= Math.abs(scale), `weight ${place}: error ${error}, scale ${scale}`);
    });
  });
}

Deno.test("quantizeBlocks() keeps zeros, and the largest of each block", () => {
  const matrix = randomFloats([32, 3], 1);
  matrix.data.fill(0, 0, 16 * 3);
  matrix.data[16 * 3] = 2;
  const rounded = dequantizeBlocks(quantizeBlocks(matrix, { bits: 4, blockSize: 16 }));
  assertEquals([...rounded.data.slice(0, 16 * 3)], Array(48).fill(0));
  assertEquals(rounded.data[16 * 3], 2);
});

Deno.test("quantizeBlocks() refuses what is no matrix", () => {
  assertThrows(
    () => quantizeBlocks(randomFloats([2, 3, 4]), { bits: 8, blockSize: 16 }),
    TypeError,
    "Cannot quantize matrix: shape must be [K, N], got [2, 3, 4]",
  );
});
