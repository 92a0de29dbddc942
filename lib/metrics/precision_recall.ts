import type { Tensor } from "../core/mod.ts";
import { assertSameWidth, distance, listRows } from "./_features.ts";

/** Four views of how two sets of features overlap. */
export interface PrecisionRecall {
  /** Share of generated features inside the ball of some real one. */
  readonly precision: number;
  /** Share of real features inside the ball of some generated one. */
  readonly recall: number;
  /** Real balls that contain a generated feature, on average, divided by k. May exceed 1. */
  readonly density: number;
  /** Share of real balls that contain a generated feature. */
  readonly coverage: number;
}

/**
 * Precision, recall, density and coverage; the ball of a feature reaches to its k-th nearest neighbour in its own set.
 *
 * Source: Kynkaanniemi et al. 2019, Improved precision and recall metric; Naeem et al. 2020, Reliable fidelity and
 * diversity metrics.
 *
 * @param real Shape `[n, d]`, n > k.
 * @param generated Shape `[m, d]`, m > k.
 * @param options `k`, the number of neighbours. @default 3
 */
export function precisionRecall(
  real: Tensor,
  generated: Tensor,
  { k = 3 }: { readonly k?: number } = {},
): PrecisionRecall {
  if (!Number.isInteger(k) || k < 1) {
    throw new RangeError(`Cannot compute precision and recall: k must be a positive integer, got ${k}`);
  }
  const reals = listRows("compute precision and recall", real, k + 1);
  const fakes = listRows("compute precision and recall", generated, k + 1);
  assertSameWidth("compute precision and recall", reals, fakes);
  const realRadii = findRadii(reals, k), fakeRadii = findRadii(fakes, k);
  const isInRealBall = (fake: Float64Array, i: number) =>
    distance(fake, reals[i] ?? fake) <= (realRadii[i] ?? 0);
  const isInFakeBall = (real: Float64Array, i: number) =>
    distance(real, fakes[i] ?? real) <= (fakeRadii[i] ?? 0);
  const numHits = fakes.map((fake) => reals.filter((_, i) => isInRealBall(fake, i)).length);
  return {
    precision: numHits.filter((hits) => hits > 0).length / fakes.length,
    recall: reals.filter((row) => fakes.some((_, i) => isInFakeBall(row, i))).length / reals.length,
    density: numHits.reduce((sum, hits) => sum + hits, 0) / (k * fakes.length),
    coverage: reals.filter((_, i) => fakes.some((fake) => isInRealBall(fake, i))).length / reals.length,
  };
}

/** The distance of every row to its k-th nearest neighbour, itself not counted. */
function findRadii(rows: readonly Float64Array[], k: number): Float64Array {
  return Float64Array.from(
    rows,
    (row) => Float64Array.from(rows, (other) => distance(row, other)).sort()[k] ?? 0,
  );
}
