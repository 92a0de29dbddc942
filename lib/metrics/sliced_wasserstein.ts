import { createUniform, type Tensor } from "../core/mod.ts";
import { assertSameWidth, dot, listRows } from "./_features.ts";

/** Distances of two equally large sets of numbers. */
export interface Wasserstein {
  /** Mean distance of the sorted values. */
  readonly first: number;
  /** Mean squared distance of the sorted values. */
  readonly secondSquared: number;
}

/**
 * Wasserstein distances in one dimension: both sets are sorted and matched one by one.
 *
 * @throws {RangeError} If the sets are empty or differ in size.
 */
export function wasserstein(a: ArrayLike<number>, b: ArrayLike<number>): Wasserstein {
  if (a.length !== b.length || a.length === 0) {
    throw new RangeError(
      `Cannot compute wasserstein distance: both sets must have the same size >= 1, got ${a.length} and ${b.length}`,
    );
  }
  const left = Float64Array.from(a).sort(), right = Float64Array.from(b).sort();
  let first = 0, secondSquared = 0;
  left.forEach((value, i) => {
    const gap = Math.abs(value - (right[i] ?? value));
    first += gap / left.length;
    secondSquared += gap * gap / left.length;
  });
  return { first, secondSquared };
}

/** How {@link slicedWasserstein} looks at the features. */
export interface SlicedWassersteinOptions {
  /** Number of random directions. @default 128 */
  readonly numProjections?: number;
  /** Which directions are drawn. @default 0 */
  readonly seed?: number;
}

/**
 * Sliced Wasserstein distance: the root of the mean squared distance over random directions.
 *
 * Source: Bonneel et al. 2015, Sliced and Radon Wasserstein barycenters of measures.
 *
 * @param a Shape `[n, d]`.
 * @param b Shape `[n, d]`, as many rows.
 */
export function slicedWasserstein(a: Tensor, b: Tensor, options: SlicedWassersteinOptions = {}): number {
  const { numProjections = 128, seed = 0 } = options;
  const left = listRows("compute sliced wasserstein", a), right = listRows("compute sliced wasserstein", b);
  assertSameWidth("compute sliced wasserstein", left, right);
  const uniform = createUniform(seed);
  let sum = 0;
  for (let i = 0; i < numProjections; i++) {
    const direction = drawDirection(a.shape[1] ?? 0, uniform);
    const project = (rows: readonly Float64Array[]) => rows.map((row) => dot(row, direction));
    sum += wasserstein(project(left), project(right)).secondSquared;
  }
  return Math.sqrt(sum / numProjections);
}

/** A uniform direction: normal numbers by Box and Muller, scaled to length 1. */
function drawDirection(d: number, uniform: () => number): Float64Array {
  const direction = Float64Array.from(
    { length: d },
    () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
  const length = Math.sqrt(dot(direction, direction));
  return direction.map((value) => value / length);
}
