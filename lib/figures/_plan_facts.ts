import { countPatches, patchIndex } from "../core/mod.ts";
import type { Plan } from "../direction/mod.ts";

/** Facts about patches, looked up by patch index; shape `[P]` each. */
export interface PlanFacts {
  /** Index of the patch's step; -1 for a known patch. */
  readonly stepOf: Int32Array;
  /** Index of the patch's wave; -1 for a known patch. */
  readonly waveOf: Int32Array;
}

/** Looks facts up once for a whole figure. */
export function findPlanFacts(plan: Plan): PlanFacts {
  const stepOf = new Int32Array(countPatches(plan.grid)).fill(-1); // [P]
  const waveOf = stepOf.slice(); // [P]
  plan.steps.forEach(({ position }, step) => stepOf[patchIndex(plan.grid, position)] = step);
  plan.waves.forEach((steps, wave) => {
    for (const step of steps) {
      const position = plan.steps[step]?.position;
      if (position !== undefined) waveOf[patchIndex(plan.grid, position)] = wave;
    }
  });
  return { stepOf, waveOf };
}

/**
 * The number of patches in the pool after Remove: at the start, and after each step; shape `[1 + steps]`.
 *
 * Source: Wu et al. 2022, NUWA-Infinity, arXiv:2207.09814, section 3.3.
 */
export function countPooled(plan: Plan): number[] {
  const { stepOf } = findPlanFacts(plan);
  const changes = new Array<number>(plan.steps.length + 2).fill(0);
  stepOf.forEach((birth, patch) => {
    const death = plan.lastUse[patch] ?? birth;
    if (death <= birth) return;
    changes[birth + 1] = (changes[birth + 1] ?? 0) + 1;
    changes[death + 1] = (changes[death + 1] ?? 0) - 1;
  });
  let alive = 0;
  return changes.slice(0, -1).map((change) => alive += change);
}
