import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { createPicture, createTensor, createUniform, type Tensor } from "../../lib/core/mod.ts";
import { transformPlane } from "../../lib/metrics/_fourier.ts";
import { powerSpectrumSlope, toLuma } from "../../lib/metrics/mod.ts";

const SIDE = 256;

/** A plane whose power falls as 1 / k^exponent, with random phases. */
function synthesise(exponent: number): Tensor {
  const uniform = createUniform(3);
  const real = new Float64Array(SIDE * SIDE), imaginary = new Float64Array(SIDE * SIDE);
  real.forEach((_, i) => {
    const row = Math.floor(i / SIDE), column = i % SIDE;
    const k = Math.hypot(Math.min(row, SIDE - row), Math.min(column, SIDE - column));
    const amplitude = k === 0 ? 0 : k ** (-exponent / 2), phase = 2 * Math.PI * uniform();
    real[i] = amplitude * Math.cos(phase);
    imaginary[i] = amplitude * Math.sin(phase);
  });
  transformPlane({ real, imaginary }, SIDE);
  return createTensor([SIDE, SIDE], Float32Array.from(real));
}

Deno.test("powerSpectrumSlope() finds the exponent of synthetic planes", () => {
  // Expected 0, -1, -2; a numpy run with side 512 gave white noise 0.01, 1/f -0.97, 1/f^2 -1.96.
  const uniform = createUniform(5);
  const white = createTensor([SIDE, SIDE], Float32Array.from({ length: SIDE * SIDE }, () => uniform()));
  assertAlmostEquals(powerSpectrumSlope(white), 0, 0.06);
  assertAlmostEquals(powerSpectrumSlope(synthesise(1)), -1, 0.06);
  assertAlmostEquals(powerSpectrumSlope(synthesise(2)), -2, 0.06);
});

Deno.test("powerSpectrumSlope() takes the middle of planes of other sizes", () => {
  const uniform = createUniform(6);
  const plane = createTensor([40, 75], Float32Array.from({ length: 40 * 75 }, () => uniform()));
  const middle = createTensor(
    [32, 32],
    Float32Array.from({ length: 1024 }, (_, i) => plane.data[(4 + (i >> 5)) * 75 + 21 + (i & 31)] ?? 0),
  );
  assertEquals(powerSpectrumSlope(plane), powerSpectrumSlope(middle));
  assertThrows(
    () => powerSpectrumSlope(createTensor([16, 64], new Float32Array(1024))),
    RangeError,
    "Cannot compute power spectrum: plane must have shape [H, W] with sides >= 32, got [16, 64]",
  );
});

Deno.test("transformPlane() is the discrete Fourier transform", () => {
  const n = 8, uniform = createUniform(7);
  const input = Float64Array.from({ length: n * n }, () => uniform());
  const real = input.slice(), imaginary = new Float64Array(n * n);
  transformPlane({ real, imaginary }, n);
  for (const [v, u] of [[0, 0], [1, 0], [3, 5], [7, 2]] as const) {
    let re = 0, im = 0; // by the definition
    input.forEach((value, i) => {
      const angle = -2 * Math.PI * (v * Math.floor(i / n) + u * (i % n)) / n;
      re += value * Math.cos(angle), im += value * Math.sin(angle);
    });
    assertAlmostEquals(real[v * n + u] ?? NaN, re, 1e-10);
    assertAlmostEquals(imaginary[v * n + u] ?? NaN, im, 1e-10);
  }
});

Deno.test("toLuma() weighs red, green and blue", () => {
  const luma = toLuma(createPicture(1, 3, new Uint8Array([255, 0, 0, 0, 255, 0, 0, 0, 255])));
  assertEquals(luma.shape, [1, 3]);
  [76.245, 149.685, 29.07].forEach((expected, i) => assertAlmostEquals(luma.data[i] ?? NaN, expected, 1e-4));
});
