import type { Tensor } from "../core/mod.ts";
import { assertSameWidth, dot, listRows } from "./_features.ts";

/**
 * Kernel (Inception) distance: the unbiased squared maximum mean discrepancy with `k(a, b) = (a.b / d + 1)^3`.
 *
 * Unbiased, so it may be slightly negative, and sets of different sizes compare.
 *
 * Source: Binkowski et al. 2018, Demystifying MMD GANs, section 4. Ours differs: all pairs, no subsets.
 *
 * @param a Features of one set; shape `[n, d]`, n >= 2.
 * @param b Features of the other; shape `[m, d]`, m >= 2.
 */
export function kernelDistance(a: Tensor, b: Tensor): number {
  const first = listRows("compute kernel distance", a, 2), second = listRows("compute kernel distance", b, 2);
  assertSameWidth("compute kernel distance", first, second);
  return meanWithin(first) + meanWithin(second) - 2 * meanBetween(first, second);
}

function kernel(a: Float64Array, b: Float64Array): number {
  return (dot(a, b) / a.length + 1) ** 3;
}

/** The mean over all pairs of different rows. */
function meanWithin(rows: readonly Float64Array[]): number {
  let sum = 0;
  for (const [i, row] of rows.entries()) {
    for (const other of rows.slice(0, i)) sum += kernel(row, other);
  }
  return 2 * sum / (rows.length * (rows.length - 1));
}

function meanBetween(a: readonly Float64Array[], b: readonly Float64Array[]): number {
  let sum = 0;
  for (const row of a) for (const other of b) sum += kernel(row, other);
  return sum / (a.length * b.length);
}
