import type { Plan } from "../direction/mod.ts";

/** The most patches that one run computes: memory grows with it, and few canvases have wider waves. */
const MAX_BATCH = 4;

/**
 * How many patches to compute together so that a plan takes the least time: wide enough for its waves, and no wider,
 * since rows without a patch take their time too.
 *
 * A run of B patches takes about `1 + B` units, one to read the weights and one a patch to read its context (small
 * preset on a CPU: 166 ms for B = 1, 414 ms for B = 4).
 */
export function chooseBatchSize(plan: Plan): number {
  const sizes = Array.from({ length: MAX_BATCH }, (_, index) => index + 1);
  const costOf = (size: number) =>
    plan.waves.reduce((sum, wave) => sum + Math.ceil(wave.length / size) * (1 + size), 0);
  return sizes.reduce((best, size) => costOf(size) < costOf(best) ? size : best);
}
