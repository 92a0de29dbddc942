import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { createTensor, createUniform, type Tensor } from "../../lib/core/mod.ts";
import {
  fitGaussian,
  frechetDistance,
  inceptionScore,
  kernelDistance,
  precisionRecall,
  slicedWasserstein,
  wasserstein,
} from "../../lib/metrics/mod.ts";

function tableOf(rows: readonly (readonly number[])[]): Tensor {
  return createTensor([rows.length, rows[0]?.length ?? 0], new Float32Array(rows.flat()));
}

/** Independent standard normal numbers, shape `[n, d]`. */
function drawNormal(n: number, d: number, stream: number): Tensor {
  const uniform = createUniform(11, stream);
  const draw = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return createTensor([n, d], Float32Array.from({ length: n * d }, draw));
}

Deno.test("frechetDistance() of three pairs", () => {
  // Computed with numpy 2.4 and scipy 1.17; the last has the closed form 8 - 2 sqrt(14).
  const distance = (mean1: number[], s1: number[], mean2: number[], s2: number[]) =>
    frechetDistance({ mean: mean1, covariance: s1 }, { mean: mean2, covariance: s2 });
  assertAlmostEquals(distance([0, 0], [1, 0, 0, 1], [1, 2], [1, 0, 0, 1]), 5, 1e-12);
  assertAlmostEquals(distance([0], [1], [3], [4]), 10, 1e-12);
  assertAlmostEquals(distance([0, 0], [2, 1, 1, 2], [0, 0], [1, 0, 0, 3]), 8 - 2 * Math.sqrt(14), 1e-12);
});

Deno.test("frechetDistance() of two samples has the bias d (d + 5) / (2 n)", () => {
  // Simulated with numpy, mean and deviation of 20 runs; here the mean of 5.
  const meanOf = (d: number, n: number) => {
    let sum = 0;
    for (let run = 0; run < 5; run++) {
      sum += frechetDistance(
        fitGaussian(drawNormal(n, d, 2 * run)),
        fitGaussian(drawNormal(n, d, 2 * run + 1)),
      );
    }
    return sum / 5;
  };
  assertAlmostEquals(meanOf(16, 200), 0.859, 4 * 0.096 / Math.sqrt(5));
  assertAlmostEquals(meanOf(16, 1000), 0.172, 4 * 0.026 / Math.sqrt(5));
  assertAlmostEquals(meanOf(64, 1000), 2.2, 4 * 0.084 / Math.sqrt(5));
});

Deno.test("frechetDistance() is 0 for equal distributions, singular covariances included", () => {
  const gaussian = fitGaussian(drawNormal(10, 24, 0)); // rank 9
  assertAlmostEquals(frechetDistance(gaussian, gaussian), 0, 1e-5);
  assertThrows(
    () => frechetDistance(gaussian, fitGaussian(drawNormal(10, 3, 0))),
    TypeError,
    "Cannot compute frechet distance: both must have means [d] and covariances [d, d], got d 24 and 3",
  );
});

Deno.test("fitGaussian() divides by n - 1", () => {
  const { mean, covariance } = fitGaussian(tableOf([[0, 0], [2, 4]]));
  assertEquals([Array.from(mean), Array.from(covariance)], [[1, 2], [2, 4, 4, 8]]);
  assertThrows(() => fitGaussian(tableOf([[1, 2]])), RangeError, "features must have at least 2 rows, got 1");
  assertThrows(
    () => fitGaussian(createTensor([3], new Float32Array(3))),
    TypeError,
    "features must have shape [n, d], got [3]",
  );
});

Deno.test("inceptionScore() of a pair, of one class each, and of no opinion", () => {
  // Computed with numpy 2.4; float32 holds 0.9 to 3e-8.
  assertAlmostEquals(inceptionScore(tableOf([[0.9, 0.1], [0.1, 0.9]])), 1.4449348111684153, 1e-6);
  const identity = [0, 1, 2, 3, 4].map((i) => [0, 1, 2, 3, 4].map((j) => i === j ? 1 : 0));
  assertAlmostEquals(inceptionScore(tableOf(identity)), 5, 1e-12);
  assertAlmostEquals(inceptionScore(tableOf([[0.25, 0.25, 0.25, 0.25], [0.25, 0.25, 0.25, 0.25]])), 1, 1e-12);
});

Deno.test("kernelDistance() is the unbiased estimate", () => {
  // By hand: within {0, 2} (0 + 1)^3, within {1, 1} (1 + 1)^3, between (1 + 1 + 27 + 27) / 4.
  assertAlmostEquals(kernelDistance(tableOf([[0], [2]]), tableOf([[1], [1]])), 1 + 8 - 28, 1e-12);
  const same = kernelDistance(drawNormal(300, 8, 0), drawNormal(300, 8, 1));
  const shifted = drawNormal(300, 8, 2);
  const moved = createTensor(shifted.shape, Float32Array.from(shifted.data, (value) => value + 0.5));
  assert(Math.abs(same) < 0.03, `${same}`);
  assert(kernelDistance(drawNormal(300, 8, 0), moved) > 0.3);
  assertThrows(
    () => kernelDistance(drawNormal(3, 2, 0), drawNormal(3, 4, 0)),
    TypeError,
    "Cannot compute kernel distance: both sets must have the same number of features, got 2 and 4",
  );
});

Deno.test("precisionRecall() of four numbers each", () => {
  // Counted by hand.
  const real = tableOf([[0], [1], [2], [10]]), generated = tableOf([[0.5], [1.5], [5], [30]]);
  assertEquals(precisionRecall(real, generated, { k: 1 }), {
    precision: 0.75,
    recall: 1,
    density: 1.25,
    coverage: 1,
  });
});

Deno.test("precisionRecall() is 1 for equal sets, 0 for far ones", () => {
  const set = drawNormal(20, 3, 0);
  const far = createTensor(set.shape, Float32Array.from(set.data, (value) => value + 100));
  const { precision, recall, coverage } = precisionRecall(set, set);
  assertEquals([precision, recall, coverage], [1, 1, 1]);
  assertEquals(precisionRecall(set, far), { precision: 0, recall: 0, density: 0, coverage: 0 });
  assertThrows(() => precisionRecall(set, far, { k: 0 }), RangeError, "k must be a positive integer, got 0");
  assertThrows(
    () => precisionRecall(tableOf([[1]]), set),
    RangeError,
    "features must have at least 4 rows, got 1",
  );
});

Deno.test("wasserstein() of two triples", () => {
  // Computed with numpy 2.4 and scipy 1.17.
  const { first, secondSquared } = wasserstein([3, 0, 1], [5, 8, 6]);
  assertAlmostEquals(first, 5, 1e-12);
  assertAlmostEquals(secondSquared, 25, 1e-12);
  assertThrows(() => wasserstein([1], []), RangeError, "both sets must have the same size >= 1, got 1 and 0");
});

Deno.test("slicedWasserstein() of a shift is its length over the root of d", () => {
  // The mean square of a coordinate of a uniform direction is 1 / d.
  const set = drawNormal(50, 4, 0);
  const moved = createTensor(
    set.shape,
    Float32Array.from(set.data, (value, i) => i % 4 === 0 ? value + 6 : value),
  );
  assertAlmostEquals(slicedWasserstein(set, moved, { numProjections: 2000 }), 3, 0.15);
  assertEquals(slicedWasserstein(set, set), 0);
  assertEquals(slicedWasserstein(set, moved, { seed: 1 }), slicedWasserstein(set, moved, { seed: 1 }));
});
