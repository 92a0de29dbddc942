import type { Picture } from "../core/mod.ts";

/** Where {@link seamRatio} looks for seams. */
export interface SeamRatioOptions {
  /** Distance between borders, in pixels: the side of a patch. */
  readonly period: number;
  /** Shifts all borders, in pixels; half a period makes a control without seams. @default 0 */
  readonly offset?: number;
}

/** How much stronger neighbouring pixels differ across borders than elsewhere; 1 where there is no seam. */
export interface SeamRatios {
  /** Of neighbours in a row, across vertical borders. */
  readonly horizontal: number;
  /** Of neighbours in a column, across horizontal borders. */
  readonly vertical: number;
}

/**
 * Mean absolute difference of neighbours across patch borders, divided by that of all other neighbours.
 *
 * A real picture gives about 1. So does, by convention, a picture without borders or without any difference.
 *
 * @throws {RangeError} If the period is not an integer >= 2 or the offset not an integer.
 */
export function seamRatio(picture: Picture, { period, offset = 0 }: SeamRatioOptions): SeamRatios {
  if (!Number.isInteger(period) || period < 2) {
    throw new RangeError(`Cannot compute seam ratio: period must be an integer >= 2, got ${period}`);
  }
  if (!Number.isInteger(offset)) {
    throw new RangeError(`Cannot compute seam ratio: offset must be an integer, got ${offset}`);
  }
  const [height = 0, width = 0] = picture.shape;
  const columns = new Array<number>(width).fill(0), rows = new Array<number>(height).fill(0);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        const value = picture.get(y, x, c);
        if (x > 0) columns[x] = (columns[x] ?? 0) + Math.abs(value - picture.get(y, x - 1, c));
        if (y > 0) rows[y] = (rows[y] ?? 0) + Math.abs(value - picture.get(y - 1, x, c));
      }
    }
  }
  return { horizontal: compareSums(columns, period, offset), vertical: compareSums(rows, period, offset) };
}

/** The ratio of means from the summed differences between line `i - 1` and line `i`. */
function compareSums(sums: readonly number[], period: number, offset: number): number {
  let border = 0, numBorders = 0, inner = 0, numInner = 0;
  for (const [i, sum] of sums.entries()) {
    if (i === 0) continue;
    if ((i - offset) % period === 0) border += sum, numBorders++;
    else inner += sum, numInner++;
  }
  if (numBorders === 0 || numInner === 0 || (border === 0 && inner === 0)) return 1;
  return border / numBorders / (inner / numInner);
}
