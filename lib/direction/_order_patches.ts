import { createUniform, type Grid, patchAt, patchIndex, type PatchPosition } from "../core/mod.ts";
import { describePosition, isOnCanvas } from "./_canvas.ts";
import { FRAME_ORDERS } from "./_frame_orders.ts";
import type { StartDirection } from "./_outward.ts";
import type { OrderName } from "./order_name.ts";

/** Compares two patches of one frame as `Array.prototype.sort` does: negative if `a` is generated first. */
export type PatchComparator = (a: PatchPosition, b: PatchPosition) => number;

/** Everything that {@link orderPatches} needs; `known` is a table over the canvas, 1 where known. */
export interface OrderPatchesOptions {
  readonly grid: Grid;
  readonly order: Exclude<OrderName, "auto"> | readonly PatchPosition[] | PatchComparator;
  readonly known: Uint8Array;
  readonly seed: number;
  readonly startDirection: StartDirection;
}

/** The indices of the patches to generate, in generation order; known patches are left out. */
export function orderPatches(options: OrderPatchesOptions): Int32Array {
  const { grid, order, known } = options;
  if (isList(order)) return indexList(grid, order, known);
  const cellsPerFrame = grid.rows * grid.columns;
  const patches: number[] = [];
  for (let frame = 0; frame < grid.frames; frame++) {
    const start = frame * cellsPerFrame;
    const cells = typeof order === "string"
      ? FRAME_ORDERS[order]({
        rows: grid.rows,
        columns: grid.columns,
        known: known.subarray(start, start + cellsPerFrame),
        uniform: createUniform(options.seed, frame),
        startDirection: options.startDirection,
      })
      : sortCells(grid, frame, order);
    for (const cell of cells) if (!known[start + cell]) patches.push(start + cell);
  }
  return Int32Array.from(patches);
}

/** `Array.isArray` does not narrow readonly arrays out of a union. */
function isList(order: OrderPatchesOptions["order"]): order is readonly PatchPosition[] {
  return Array.isArray(order);
}

function sortCells(grid: Grid, frame: number, compare: PatchComparator): number[] {
  const cellsPerFrame = grid.rows * grid.columns;
  return Array.from({ length: cellsPerFrame }, (_, cell) => patchAt(grid, frame * cellsPerFrame + cell))
    .sort(compare)
    .map(({ row, column }) => row * grid.columns + column);
}

/** Checks that a caller's list holds every unknown patch once, and turns it into indices. */
function indexList(grid: Grid, list: readonly PatchPosition[], known: Uint8Array): Int32Array {
  const isListed = new Uint8Array(known.length); // [P]
  const patches = Int32Array.from(list, (position, index) => {
    const fail = (need: string) => {
      throw new RangeError(
        `Cannot order patches: order[${index}] must ${need}, got ${describePosition(position)}`,
      );
    };
    if (!isOnCanvas(grid, position)) fail("lie on the canvas");
    const patch = patchIndex(grid, position);
    if (known[patch]) fail("not be a known patch");
    if (isListed[patch]) fail("not repeat an earlier position");
    isListed[patch] = 1;
    return patch;
  });
  const missing = isListed.findIndex((listed, patch) => !listed && !known[patch]);
  if (missing >= 0) {
    const position = describePosition(patchAt(grid, missing));
    throw new RangeError(
      `Cannot order patches: order must list every unknown patch, got none at ${position}`,
    );
  }
  return patches;
}
