import type { Plan } from "../direction/mod.ts";
import { type ContextPool, type PatchCache, poolKey } from "./context_pool.ts";

/**
 * Selects the patches that condition a step, in the order of the step's `context` and `offsets`.
 *
 * Source: Wu et al. 2022, NUWA-Infinity, arXiv:2207.09814, section 3.3, Select.
 *
 * @param stepIndex Index into `plan.steps`.
 * @returns Shape `[N]`; empty for a patch without nearby patches.
 * @throws {RangeError} If there is no such step, or a patch of its context is not in the pool.
 */
export function selectContext(pool: ContextPool, plan: Plan, stepIndex: number): PatchCache[] {
  const step = plan.steps[stepIndex];
  if (step === undefined) {
    throw new RangeError(
      `Cannot select context: stepIndex must be an index of ${plan.steps.length} steps, got ${stepIndex}`,
    );
  }
  return step.context.map((position) => {
    const patch = pool.patches.get(poolKey(position));
    if (patch === undefined) {
      throw new RangeError(
        `Cannot select context of step ${stepIndex}: pool must hold frame ${position.frame}, row ${position.row}, ` +
          `column ${position.column}, got ${pool.patches.size} others`,
      );
    }
    return patch;
  });
}
