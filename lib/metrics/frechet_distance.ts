import type { Tensor } from "../core/mod.ts";
import { listRows } from "./_features.ts";
import { type Eigen, symmetricEigen } from "./_symmetric_eigen.ts";

/** A normal distribution. */
export interface Gaussian {
  /** Shape `[d]`. */
  readonly mean: ArrayLike<number>;
  /** Shape `[d, d]`, row-major, symmetric. */
  readonly covariance: ArrayLike<number>;
}

/**
 * Mean and covariance (divisor n - 1) of a table of features.
 *
 * @param features Shape `[n, d]`, n >= 2.
 */
export function fitGaussian(features: Tensor): Gaussian {
  const rows = listRows("fit gaussian", features, 2);
  const d = features.shape[1] ?? 0;
  const mean = new Float64Array(d), covariance = new Float64Array(d * d); // [d], [d, d]
  for (const row of rows) row.forEach((value, i) => mean[i] = (mean[i] ?? 0) + value / rows.length);
  for (const row of rows) {
    const centred = row.map((value, i) => value - (mean[i] ?? 0));
    for (let i = 0; i < d; i++) {
      const scale = (centred[i] ?? 0) / (rows.length - 1);
      for (let j = 0; j < d; j++) {
        covariance[i * d + j] = (covariance[i * d + j] ?? 0) + scale * (centred[j] ?? 0);
      }
    }
  }
  return { mean, covariance };
}

/**
 * The squared Frechet distance of two normal distributions, `|m1 - m2|^2 + Tr(S1 + S2 - 2 (S1 S2)^(1/2))`.
 *
 * The trace of the root is the sum of the square roots of the eigenvalues of `S1^(1/2) S2 S1^(1/2)`. Two samples of
 * n from one distribution have about `d (d + 5) / (2 n)`: never compare figures from different n.
 *
 * Source: Heusel et al. 2017, GANs trained by a two time-scale update rule, equation 6.
 *
 * @throws {TypeError} If the distributions differ in dimension.
 */
export function frechetDistance(a: Gaussian, b: Gaussian): number {
  const d = a.mean.length;
  if (b.mean.length !== d || a.covariance.length !== d * d || b.covariance.length !== d * d) {
    throw new TypeError(
      `Cannot compute frechet distance: both must have means [d] and covariances [d, d], got d ${d} and ${b.mean.length}`,
    );
  }
  const s1 = Float64Array.from(a.covariance), s2 = Float64Array.from(b.covariance); // [d, d]
  const root = squareRoot(symmetricEigen(s1)); // [d, d]
  const middle = multiply(multiply(root, s2, d), root, d); // [d, d]
  let distance = 0;
  for (let i = 0; i < d; i++) {
    distance += ((a.mean[i] ?? 0) - (b.mean[i] ?? 0)) ** 2 + (s1[i * d + i] ?? 0) + (s2[i * d + i] ?? 0);
  }
  for (const value of symmetricEigen(middle).values) distance -= 2 * Math.sqrt(Math.max(0, value));
  return distance;
}

function squareRoot({ values, vectors }: Eigen): Float64Array {
  const d = values.length;
  const root = new Float64Array(d * d);
  for (let k = 0; k < d; k++) {
    const scale = Math.sqrt(Math.max(0, values[k] ?? 0));
    for (let i = 0; i < d; i++) {
      for (let j = 0; j < d; j++) {
        root[i * d + j] = (root[i * d + j] ?? 0) +
          scale * (vectors[k * d + i] ?? 0) * (vectors[k * d + j] ?? 0);
      }
    }
  }
  return root;
}

function multiply(a: Float64Array, b: Float64Array, d: number): Float64Array {
  const product = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let k = 0; k < d; k++) {
      const factor = a[i * d + k] ?? 0;
      for (let j = 0; j < d; j++) {
        product[i * d + j] = (product[i * d + j] ?? 0) + factor * (b[k * d + j] ?? 0);
      }
    }
  }
  return product;
}
