import { patchIndex } from "../core/mod.ts";
import type { Plan } from "../direction/mod.ts";
import type { ContextPool } from "./context_pool.ts";

/**
 * Drops every patch that no step after `stepIndex` can select. For steps that are taken one by one, in order.
 *
 * After it the pool never holds more than `plan.peak` patches; during a step it holds one more, the new one.
 *
 * Source: Wu et al. 2022, NUWA-Infinity, arXiv:2207.09814, section 3.3, Remove.
 *
 * @param stepIndex The step just finished; -1 before the first.
 */
export function removeUnused(pool: ContextPool, plan: Plan, stepIndex: number): ContextPool {
  return keepLater(pool, plan, plan.lastUse, stepIndex);
}

/**
 * Drops every patch that no wave after `waveIndex` can select. For steps that are taken wave by wave: a wave is not
 * a run of neighbouring steps, so {@link removeUnused} would drop too much.
 *
 * After it the pool never holds more than `plan.wavePeak` patches. That can be more than `plan.peak`, since waves
 * advance on a slanted front: 21 in place of 18 on 8 x 512 patches. During a wave it holds that wave on top.
 *
 * @param waveIndex The wave just finished; -1 before the first.
 */
export function removeUnusedAfterWave(pool: ContextPool, plan: Plan, waveIndex: number): ContextPool {
  return keepLater(pool, plan, plan.lastWave, waveIndex);
}

function keepLater(pool: ContextPool, plan: Plan, lastUse: Int32Array, time: number): ContextPool {
  const kept = [...pool.patches].filter(([, { position }]) => {
    return (lastUse[patchIndex(plan.grid, position)] ?? -1) > time;
  });
  return { patches: new Map(kept) };
}
