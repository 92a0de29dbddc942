import type { PatchPosition, Tensor } from "../core/mod.ts";

/** What the pool keeps of a finished patch. */
export interface PatchCache {
  /** Where the patch lies. */
  readonly position: PatchPosition;
  /**
   * Keys and values of every layer, before the offset embedding; shape
   * `[streams, L, 2, heads, M, headDim]`: one stream, or with guidance two (under the text; without it).
   */
  readonly caches: Tensor;
  /** The patch's codes; shape `[M]`. */
  readonly tokens?: Int32Array;
}

/**
 * The Nearby Context Pool: the finished patches that later ones can still select. Never changed in place.
 *
 * Source: Wu et al. 2022, NUWA-Infinity, arXiv:2207.09814, section 3.3. Ours differs: keys and values are kept
 * instead of the inputs of the layers, which is the same at inference, where weights are fixed.
 */
export interface ContextPool {
  /** In the order of addition, under a key that {@link poolKey} gives. */
  readonly patches: ReadonlyMap<string, PatchCache>;
}

/** A pool without patches. */
export function emptyPool(): ContextPool {
  return { patches: new Map() };
}

/** The key under which a pool keeps the patch of a position. */
export function poolKey({ frame, row, column }: PatchPosition): string {
  return `${frame},${row},${column}`;
}

/** The number of patches in the pool. */
export function poolSize(pool: ContextPool): number {
  return pool.patches.size;
}

/** The memory that the pool's caches and tokens take, in bytes. */
export function poolBytes(pool: ContextPool): number {
  let bytes = 0;
  for (const { caches, tokens } of pool.patches.values()) {
    bytes += caches.data.byteLength + (tokens?.byteLength ?? 0);
  }
  return bytes;
}
