import type { Picture } from "../core/mod.ts";

/** Colour of a column of blocks: mean and standard deviation of each channel, 0 to 255. */
export interface BlockMoments {
  /** Shape `[3]`. */
  readonly mean: readonly number[];
  /** Shape `[3]`. */
  readonly deviation: readonly number[];
}

/**
 * Colour moments of a picture's columns of blocks, left to right; a narrower rest at the right is left out.
 *
 * @param blockWidth Width of a block in pixels.
 */
export function columnMoments(picture: Picture, blockWidth: number): BlockMoments[] {
  const [height = 0, width = 0] = picture.shape;
  if (!Number.isInteger(blockWidth) || blockWidth < 1 || blockWidth > width) {
    throw new RangeError(
      `Cannot compute column moments: blockWidth must be an integer from 1 to ${width}, got ${blockWidth}`,
    );
  }
  return Array.from({ length: Math.floor(width / blockWidth) }, (_, block) => {
    const channels = [0, 1, 2].map((channel) => {
      let sum = 0, squares = 0;
      for (let y = 0; y < height; y++) {
        for (let x = block * blockWidth; x < (block + 1) * blockWidth; x++) {
          const value = picture.get(y, x, channel);
          sum += value, squares += value * value;
        }
      }
      const mean = sum / (height * blockWidth);
      return { mean, deviation: Math.sqrt(Math.max(0, squares / (height * blockWidth) - mean * mean)) };
    });
    return { mean: channels.map(({ mean }) => mean), deviation: channels.map(({ deviation }) => deviation) };
  });
}

/**
 * The least-squares slope of values over distance: how fast a measure drifts away from the seed of a canvas.
 *
 * @param values A measure of block after block.
 * @param distances Where they lie. @default 0, 1, 2, ...
 * @throws {RangeError} If there are fewer than two different distances.
 */
export function driftSlope(values: ArrayLike<number>, distances?: ArrayLike<number>): number {
  const y = Array.from(values), x = distances === undefined ? y.map((_, i) => i) : Array.from(distances);
  const meanX = x.reduce((sum, value) => sum + value, 0) / x.length;
  const meanY = y.reduce((sum, value) => sum + value, 0) / y.length;
  const spread = x.reduce((sum, value) => sum + (value - meanX) ** 2, 0);
  if (x.length !== y.length || !(spread > 0)) {
    throw new RangeError(
      `Cannot compute drift slope: distances must be ${y.length} numbers, not all equal, got ${x.length}`,
    );
  }
  return y.reduce((sum, value, i) => sum + (value - meanY) * ((x[i] ?? 0) - meanX), 0) / spread;
}
