import type { Tensor } from "../core/mod.ts";

/**
 * The rows of a table of features.
 *
 * @param features Shape `[n, d]`.
 * @throws {TypeError} If the shape is another.
 * @throws {RangeError} If there are fewer than `atLeast` rows.
 */
export function listRows(what: string, features: Tensor, atLeast = 1): Float64Array[] {
  const [n = 0, d = 0] = features.shape;
  if (features.shape.length !== 2 || d === 0) {
    throw new TypeError(
      `Cannot ${what}: features must have shape [n, d], got [${features.shape.join(", ")}]`,
    );
  }
  if (n < atLeast) {
    throw new RangeError(`Cannot ${what}: features must have at least ${atLeast} rows, got ${n}`);
  }
  return Array.from(
    { length: n },
    (_, row) => Float64Array.from(features.data.subarray(row * d, (row + 1) * d)),
  );
}

/** Throws a TypeError unless two lists of rows have features of the same length. */
export function assertSameWidth(what: string, a: readonly Float64Array[], b: readonly Float64Array[]): void {
  if (a[0]?.length !== b[0]?.length) {
    throw new TypeError(
      `Cannot ${what}: both sets must have the same number of features, got ${a[0]?.length} and ${
        b[0]?.length
      }`,
    );
  }
}

/** The inner product of two vectors. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

/** The Euclidean distance of two vectors. */
export function distance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2;
  return Math.sqrt(sum);
}
