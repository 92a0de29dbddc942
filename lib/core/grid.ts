/** A canvas of patches: every frame has `rows` x `columns` patches. Counts, all >= 1. */
export interface Grid {
  /** Patches of a column. */
  readonly rows: number;
  /** Patches of a row. */
  readonly columns: number;
  /** Frames; 1 for a picture. */
  readonly frames: number;
}

/** Where a patch lies on its canvas, in patches from the top left of the first frame. */
export interface PatchPosition {
  /** Counted from 0. */
  readonly frame: number;
  /** Counted from 0 at the top. */
  readonly row: number;
  /** Counted from 0 at the left. */
  readonly column: number;
}

/**
 * How far a context patch may lie from the patch that asks, in patches: `width` and `height` in both
 * directions, `frames` back in time only.
 *
 * Source: Wu et al. 2022, NUWA-Infinity, arXiv:2207.09814, section 3.3, (e^w, e^h, e^f).
 */
export interface Extent {
  /** Columns to either side. */
  readonly width: number;
  /** Rows to either side. */
  readonly height: number;
  /** Frames back in time. */
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
