/** A canvas of patches: every frame has `rows` x `columns` patches. Counts, all >= 1. */
export interface Grid {
  readonly rows: number;
  readonly columns: number;
  readonly frames: number;
}

/** Where a patch lies on its canvas, in patches from the top left of the first frame. */
export interface PatchPosition {
  readonly frame: number;
  readonly row: number;
  readonly column: number;
}

/**
 * How far a context patch may lie from the patch that asks, in patches: `width` and `height` in both
 * directions, `frames` back in time only.
 *
 * Source: Wu et al. 2022, NUWA-Infinity, arXiv:2207.09814, section 3.3, (e^w, e^h, e^f).
 */
export interface Extent {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
}

/** Throws a RangeError unless every side of `grid` is a positive integer. */
export function assertGrid(grid: Grid): void {
  for (const side of ["rows", "columns", "frames"] as const) {
    if (!Number.isInteger(grid[side]) || grid[side] < 1) {
      throw new RangeError(`Cannot use grid: ${side} must be a positive integer, got ${grid[side]}`);
    }
  }
}

/** The number of patches of a canvas. */
export function countPatches(grid: Grid): number {
  return grid.rows * grid.columns * grid.frames;
}

/** The index of a position in frame-major, then row-major storage: the one used for every dense table of patches. */
export function patchIndex(grid: Grid, position: PatchPosition): number {
  return (position.frame * grid.rows + position.row) * grid.columns + position.column;
}

/** The inverse of {@link patchIndex}. */
export function patchAt(grid: Grid, index: number): PatchPosition {
  const column = index % grid.columns;
  const rest = (index - column) / grid.columns;
  return { frame: Math.floor(rest / grid.rows), row: rest % grid.rows, column };
}
