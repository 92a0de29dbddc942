/** How the learning rate goes over a run. */
export interface ScheduleConfig {
  /** The highest learning rate. */
  readonly learningRate: number;
  /** Steps in all. */
  readonly numSteps: number;
  /** Steps over which the rate rises from 0, linearly. */
  readonly warmupSteps: number;
  /** Share of the run, at its end, over which the rate falls to 0, linearly. */
  readonly decayShare: number;
}

/**
 * The learning rate of a step: linear warm-up, constant, linear decay.
 *
 * Source: warm-up and linear decay as in NUWA-Infinity, arXiv:2207.09814, appendix; ours stays constant in between, so
 * that a run can be made longer without starting over (Hägele et al. 2024, arXiv:2405.18392).
 *
 * @param step 1 for the first.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { learningRateAt } from "nuwa-infinity";
 * const config = { learningRate: 0.004, numSteps: 100, warmupSteps: 10, decayShare: 0.08 };
 * assertEquals([5, 50, 99].map((step) => learningRateAt(config, step)), [0.002, 0.004, 0.001]);
 * ```
 */
export function learningRateAt(config: ScheduleConfig, step: number): number {
  const { learningRate, numSteps, warmupSteps, decayShare } = config;
  const rising = Math.min(1, step / Math.max(1, warmupSteps));
  const falling = Math.min(1, (numSteps - step + 1) / Math.max(1, decayShare * numSteps));
  return learningRate * Math.max(0, Math.min(rising, falling));
}

/**
 * Decay of the average at a step: short memory first, `limit` in the end.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { averageDecayAt } from "nuwa-infinity";
 * assertEquals([8, 1_000_000].map((step) => averageDecayAt(0.999, step)), [0.5, 0.999]);
 * ```
 */
export function averageDecayAt(limit: number, step: number): number {
  return Math.min(limit, (1 + step) / (10 + step));
}
