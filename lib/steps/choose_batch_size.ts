import type { Plan } from "../direction/mod.ts";

/** The most patches that one run computes: memory grows with it, and little is won beyond. */
const MAX_BATCH = 16;

/** What a run takes besides its rows, in rows: reading the weights, starting the operators. */
const RUN_COST = 1.5;

/**
 * How many patches to compute together so that pictures of a plan take the least time: wide enough for its waves, and no
 * wider, since rows without a patch take their time too.
 *
 * A run of B patches takes about `1.5 + B` units (shipped weights on one CPU core, guided: 165 ms for B = 1, 1183 ms for
 * B = 16).
 *
 * @param numPictures Pictures that are filled at the same time by plans like this one.
 */
export function chooseBatchSize(plan: Plan, numPictures = 1): number {
  const sizes = Array.from({ length: MAX_BATCH }, (_, index) => index + 1);
  const costOf = (size: number) =>
    plan.waves.reduce(
      (sum, wave) => sum + Math.ceil(wave.length * numPictures / size) * (RUN_COST + size),
      0,
    );
  return sizes.reduce((best, size) => costOf(size) < costOf(best) ? size : best);
}
