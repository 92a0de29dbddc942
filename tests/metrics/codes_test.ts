import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { createTokenGrid, createUniform } from "../../lib/core/mod.ts";
import {
  codebookPerplexity,
  codebookUse,
  countDeadCodes,
  countTokens,
  repetition,
  tokenDivergence,
  unigramEntropy,
} from "../../lib/metrics/mod.ts";

Deno.test("codebookPerplexity() of three histograms", () => {
  // Computed with numpy 2.4 and scipy 1.17.
  assertAlmostEquals(codebookPerplexity([1, 1, 1, 1, 1, 1, 1, 1]), 8, 1e-12);
  assertAlmostEquals(codebookPerplexity([4, 2, 1, 1]), 3.363585661014858, 1e-12);
  assertAlmostEquals(codebookPerplexity([97, 1, 1, 1]), 1.1825824177485913, 1e-12);
});

Deno.test("unigramEntropy() is in bits, and 0 for a single code", () => {
  assertAlmostEquals(unigramEntropy([4, 2, 1, 1]), 1.75, 1e-12);
  assertEquals(unigramEntropy([0, 7, 0]), 0);
  assertThrows(
    () => unigramEntropy([0, 0]),
    RangeError,
    "Cannot compute entropy: counts must have a positive sum, got 0",
  );
});

Deno.test("codebookUse() is perplexity over size; countDeadCodes() counts zeros", () => {
  assertAlmostEquals(codebookUse([3, 3, 0, 0]), 0.5, 1e-12);
  assertEquals(countDeadCodes([3, 3, 0, 0, 1]), 2);
});

Deno.test("countTokens() counts lists and canvases, unknown tokens left out", () => {
  assertEquals(countTokens(new Int32Array([2, 0, 2, -1]), 4), new Float64Array([1, 0, 2, 0]));
  const canvas = createTokenGrid(2, 3, new Int32Array([1, 1, -1, 0, 1, 2]));
  assertEquals(countTokens(canvas, 3), new Float64Array([1, 3, 1]));
  const message = "Cannot count tokens: token must be below codebook size 4, got 4";
  assertThrows(() => countTokens(new Int32Array([4]), 4), RangeError, message);
});

Deno.test("tokenDivergence() is 0 for proportional histograms, 1 bit for disjoint ones, symmetric between", () => {
  assertAlmostEquals(tokenDivergence([1, 2, 3], [2, 4, 6]), 0, 1e-12);
  assertAlmostEquals(tokenDivergence([1, 1, 0, 0], [0, 0, 5, 5]), 1, 1e-12);
  // By hand: H(3/4, 1/4) - (H(1/2, 1/2) + H(1, 0)) / 2 = 0.8112781 - 0.5.
  assertAlmostEquals(tokenDivergence([1, 1], [1, 0]), 0.31127812445913283, 1e-12);
  assertAlmostEquals(tokenDivergence([1, 0], [1, 1]), 0.31127812445913283, 1e-12);
  assertThrows(
    () => tokenDivergence([1], [1, 2]),
    TypeError,
    "both histograms must have the same length, got 1 and 2",
  );
});

Deno.test("repetition() is 1 for a tiled canvas and 0 for random tokens", () => {
  // Both by construction.
  const tiled = createTokenGrid(
    8,
    16,
    Int32Array.from({ length: 128 }, (_, i) => (Math.floor(i / 16) % 4) * 4 + i % 4),
  );
  assertEquals(repetition(tiled, { patchSide: 4 }), 1);
  const uniform = createUniform(1);
  const random = createTokenGrid(8, 16, Int32Array.from({ length: 128 }, () => Math.floor(uniform() * 256)));
  assertEquals(repetition(random, { patchSide: 4 }), 0);
  assert(repetition(random, { patchSide: 4, tolerance: 1 }) === 1);
});

Deno.test("repetition() forgives as many tokens as the tolerance says", () => {
  const canvas = createTokenGrid(2, 4, new Int32Array([1, 2, 1, 2, 3, 4, 3, 9]));
  assertEquals(repetition(canvas, { patchSide: 2 }), 0);
  assertEquals(repetition(canvas, { patchSide: 2, tolerance: 0.25 }), 1);
  assertEquals(repetition(createTokenGrid(2, 2), { patchSide: 2 }), 0);
  assertThrows(
    () => repetition(canvas, { patchSide: 3 }),
    RangeError,
    "Cannot compute repetition: patchSide must divide the canvas of 4 x 2 tokens, got 3",
  );
});
