import type { Extent, PatchPosition } from "../core/mod.ts";

/** Where a context patch lies as seen from the patch that asks, in patches: context minus target. */
export interface PatchOffset {
  /** 0 or negative, since context never comes from a later frame. */
  readonly frames: number;
  /** Negative above. */
  readonly row: number;
  /** Negative to the left. */
  readonly column: number;
}

/** Throws a RangeError unless every side of `extent` is a non-negative integer. */
export function assertExtent(extent: Extent): void {
  for (const side of ["width", "height", "frames"] as const) {
    if (!Number.isInteger(extent[side]) || extent[side] < 0) {
      throw new RangeError(`Cannot use extent: ${side} must be a non-negative integer, got ${extent[side]}`);
    }
  }
}

/** The offset of `context` as seen from `target`. */
export function relativeOffset(target: PatchPosition, context: PatchPosition): PatchOffset {
  return {
    frames: context.frame - target.frame,
    row: context.row - target.row,
    column: context.column - target.column,
  };
}

/**
 * How many relative position embeddings an extent needs: `(2 width + 1)(2 height + 1)(frames + 1)`.
 *
 * Source: Wu et al. 2022, NUWA-Infinity, arXiv:2207.09814, section 3.2: 18 for (1, 1, 1).
 */
export function numOffsets(extent: Extent): number {
  assertExtent(extent);
  return (2 * extent.width + 1) * (2 * extent.height + 1) * (extent.frames + 1);
}

/**
 * The row of the table of relative position embeddings that belongs to an offset: row-major over rows and columns,
 * earliest frame first, the current frame last. The patch that asks has offset zero, in the middle of the last frame.
 *
 * Source: the labels a to r of Wu et al. 2022, NUWA-Infinity, arXiv:2207.09814, section 3.2. As published.
 *
 * @throws {RangeError} If the offset lies outside the extent.
 */
export function offsetIndex(extent: Extent, offset: PatchOffset): number {
  assertExtent(extent);
  const { frames, row, column } = offset;
  const isInside = frames <= 0 && -frames <= extent.frames && Math.abs(row) <= extent.height &&
    Math.abs(column) <= extent.width;
  if (!isInside || ![frames, row, column].every(Number.isInteger)) {
    throw new RangeError(
      `Cannot index offset: offset must lie within extent ${extent.width},${extent.height},${extent.frames}, ` +
        `got frames ${frames}, row ${row}, column ${column}`,
    );
  }
  const numRows = 2 * extent.height + 1, numColumns = 2 * extent.width + 1;
  return ((frames + extent.frames) * numRows + row + extent.height) * numColumns + column + extent.width;
}
