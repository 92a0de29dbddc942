import type { Extent, Grid } from "../core/mod.ts";
import { findLastUse, findPeak, rankPatches } from "./_lifetimes.ts";
import { orderPatches } from "./_order_patches.ts";
import { BASIC_ORDER_NAMES, type BasicOrderName } from "./order_name.ts";

/** One of the four basic orders, and the peak of the pool that it needs, in patches. */
export interface ChosenOrder {
  readonly name: BasicOrderName;
  readonly peak: number;
}

/**
 * Chooses the basic order with the smallest pool. Among equals it takes the one that would visit the fewest known
 * patches after the first unknown one, so that contexts look as in training; then the first of the table.
 */
export function chooseOrder(grid: Grid, extent: Extent, known: Uint8Array): ChosenOrder {
  let best: ChosenOrder & { readonly numLate: number } = {
    name: "down-right",
    peak: Infinity,
    numLate: Infinity,
  };
  for (const name of BASIC_ORDER_NAMES) {
    const shared = { grid, order: name, seed: 0, startDirection: "left" } as const;
    const patches = orderPatches({ ...shared, known });
    const ranks = rankPatches(patches, known.length);
    const peak = findPeak(ranks, findLastUse(grid, extent, patches, ranks));
    const everything = orderPatches({ ...shared, known: new Uint8Array(known.length) });
    const firstUnknown = everything.findIndex((patch) => !known[patch]);
    const numLate = everything.subarray(Math.max(0, firstUnknown)).reduce(
      (sum, patch) => sum + (known[patch] ?? 0),
      0,
    );
    if (peak < best.peak || (peak === best.peak && numLate < best.numLate)) best = { name, peak, numLate };
  }
  return { name: best.name, peak: best.peak };
}
