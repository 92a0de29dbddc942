import type { Plan } from "../direction/mod.ts";

/**
 * The most patches that the context pool holds on a large canvas: `frames * rows * columns + across * S + along`, where
 * S is the number of patches of a column (down-right, down-left) or row (right-down, right-up), `across` the extent
 * across it, `along` the extent along it.
 *
 * Source: derived from Wu et al. 2022, NUWA-Infinity, arXiv:2207.09814, section 3.3; the paper has no closed form.
 *
 * @returns undefined for an order that has none, or where patches are known. On canvases smaller than the extent it is an
 * upper bound.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { poolPeakClosedForm, scheduleOrder } from "nuwa-infinity";
 * const extent = { width: 2, height: 2, frames: 0 };
 * const plan = scheduleOrder({ grid: { rows: 8, columns: 152, frames: 1 }, order: "right-down", extent });
 * assertEquals([poolPeakClosedForm(plan), plan.peak], [306, 306]);
 * ```
 */
export function poolPeakClosedForm(
  plan: Pick<Plan, "grid" | "extent" | "orderName" | "known">,
): number | undefined {
  const { grid: { rows, columns, frames }, extent, orderName, known } = plan;
  const isByColumn = orderName === "down-right" || orderName === "down-left";
  const isByRow = orderName === "right-down" || orderName === "right-up";
  if (known.length > 0 || !(isByColumn || isByRow)) return undefined;
  const past = Math.min(extent.frames, frames - 1) * rows * columns;
  return isByColumn
    ? past + extent.width * rows + extent.height
    : past + extent.height * columns + extent.width;
}
