import { assertGrid, countPatches, type Grid, patchIndex, type PatchPosition } from "../core/mod.ts";

/** The largest canvas that an order is made for: a table of this many patches still fits in memory. */
export const MAX_PATCHES = 4_000_000;

/** Throws a RangeError unless `grid` is a canvas of a size that can be scheduled. */
export function assertCanvas(grid: Grid): void {
  assertGrid(grid);
  if (countPatches(grid) > MAX_PATCHES) {
    throw new RangeError(
      `Cannot order patches: grid must have at most ${MAX_PATCHES} patches, got ${countPatches(grid)}`,
    );
  }
}

/** "frame 0, row 2, column 5", for messages. */
export function describePosition({ frame, row, column }: PatchPosition): string {
  return `frame ${frame}, row ${row}, column ${column}`;
}

/** Whether the coordinates are whole numbers on the canvas. */
export function isOnCanvas(grid: Grid, { frame, row, column }: PatchPosition): boolean {
  return [frame, row, column].every((coordinate) => Number.isInteger(coordinate) && coordinate >= 0) &&
    frame < grid.frames && row < grid.rows && column < grid.columns;
}

/**
 * Marks the known patches in a table over the canvas: 1 where known; shape `[P]`. Naming one twice is harmless.
 *
 * @throws {RangeError} If a known patch lies outside the canvas.
 */
export function markKnown(grid: Grid, known: readonly PatchPosition[]): Uint8Array {
  const isKnown = new Uint8Array(countPatches(grid)); // [P]
  for (const [index, position] of known.entries()) {
    if (!isOnCanvas(grid, position)) {
      throw new RangeError(
        `Cannot order patches: known[${index}] must lie on the canvas of ${grid.rows} rows, ${grid.columns} columns ` +
          `and ${grid.frames} frames, got ${describePosition(position)}`,
      );
    }
    isKnown[patchIndex(grid, position)] = 1;
  }
  return isKnown;
}
