import type { Tensor } from "../core/mod.ts";
import { type ContextPool, type PatchCache, poolKey } from "./context_pool.ts";

/**
 * Adds finished patches: one, or those of a wave. A patch that is there already is replaced.
 *
 * Source: Wu et al. 2022, NUWA-Infinity, arXiv:2207.09814, section 3.3, Add.
 *
 * @returns A new pool; the caches themselves are shared, not copied.
 * @throws {TypeError} If caches do not have shape `[streams, L, 2, heads, M, headDim]`, the same for the whole pool.
 */
export function addToPool(pool: ContextPool, patches: readonly PatchCache[]): ContextPool {
  const all = new Map(pool.patches);
  const [first = patches[0]] = pool.patches.values();
  for (const patch of patches) {
    if (first !== undefined) assertShape(patch.caches, first.caches.shape);
    all.set(poolKey(patch.position), patch);
  }
  return { patches: all };
}

function assertShape({ shape }: Tensor, expected: readonly number[]): void {
  if (shape.length !== 6 || shape[2] !== 2) {
    throw new TypeError(
      `Cannot add to pool: caches must have shape [streams, L, 2, heads, M, headDim], got [${
        shape.join(", ")
      }]`,
    );
  }
  if (shape.some((side, axis) => side !== expected[axis])) {
    throw new TypeError(
      `Cannot add to pool: caches must have shape [${expected.join(", ")}] like the others, got [${
        shape.join(", ")
      }]`,
    );
  }
}
