import { type Extent, type Grid, patchAt } from "../core/mod.ts";

/**
 * Calls `visit` for every other patch within the extent of the one at index `patch`, later frames excluded, with its
 * index and with the index of its offset (that of `offsetIndex`).
 */
export function visitNearby(
  grid: Grid,
  extent: Extent,
  patch: number,
  visit: (nearby: number, offset: number) => void,
): void {
  const { rows, columns } = grid;
  const { frame, row, column } = patchAt(grid, patch);
  const top = Math.max(0, row - extent.height), bottom = Math.min(rows - 1, row + extent.height);
  const left = Math.max(0, column - extent.width), right = Math.min(columns - 1, column + extent.width);
  const numRows = 2 * extent.height + 1, numColumns = 2 * extent.width + 1;
  for (let f = Math.max(0, frame - extent.frames); f <= frame; f++) {
    for (let r = top; r <= bottom; r++) {
      const offsetRow = ((f - frame + extent.frames) * numRows + r - row + extent.height) * numColumns;
      for (let c = left; c <= right; c++) {
        const nearby = (f * rows + r) * columns + c;
        if (nearby !== patch) visit(nearby, offsetRow + c - column + extent.width);
      }
    }
  }
}

/** The step of every patch, from the list of patches to generate; known ones get -1. Shape `[P]`. */
export function rankPatches(patches: Int32Array, numPatches: number): Int32Array {
  const ranks = new Int32Array(numPatches).fill(-1); // [P]
  patches.forEach((patch, step) => ranks[patch] = step);
  return ranks;
}

/**
 * The last step that can select each patch: its own step where there is none, -1 for a known patch that none can
 * select. Shape `[P]`.
 */
export function findLastUse(grid: Grid, extent: Extent, patches: Int32Array, ranks: Int32Array): Int32Array {
  const lastUse = new Int32Array(ranks.length).fill(-1); // [P]
  patches.forEach((patch, step) => {
    lastUse[patch] = step;
    visitNearby(grid, extent, patch, (nearby) => {
      if ((ranks[nearby] ?? step) < step) lastUse[nearby] = step;
    });
  });
  return lastUse;
}

/**
 * The largest number of patches that are alive at once: patch p from time `births[p]`, -1 being the start, up to but
 * not including time `deaths[p]`.
 */
export function findPeak(births: Int32Array, deaths: Int32Array): number {
  const numTimes = deaths.reduce((largest, death) => Math.max(largest, death), -1) + 2;
  const changes = new Int32Array(numTimes);
  births.forEach((birth, patch) => {
    const death = deaths[patch] ?? birth;
    if (death <= birth) return;
    changes[birth + 1] = (changes[birth + 1] ?? 0) + 1;
    changes[death + 1] = (changes[death + 1] ?? 0) - 1;
  });
  let alive = 0, peak = 0;
  for (const change of changes) peak = Math.max(peak, alive += change);
  return peak;
}
