import type { Picture } from "../core/mod.ts";

/** How {@link colourHistogram} looks at a picture. */
export interface ColourHistogramOptions {
  /** Side of the blocks whose mean colours are counted, in pixels. @default 8 */
  readonly blockSize?: number;
  /** Shades of each channel, from black to full, at least 2. @default 8 */
  readonly numShades?: number;
}

/**
 * Which colours a picture has, wherever they are: the share of each of `numShades^3` colours among its blocks. A block
 * between colours counts for its 8 neighbours in part, so that small differences make small differences.
 *
 * @param picture `[H, W, 3]`; a rest at the right and below that fills no block is left out.
 * @returns Shares that sum to 1, blue fastest; shape `[numShades^3]`.
 * @throws {RangeError} If the picture is smaller than a block.
 */
export function colourHistogram(picture: Picture, options: ColourHistogramOptions = {}): Float32Array {
  const { blockSize = 8, numShades = 8 } = options;
  const [H = 0, W = 0] = picture.shape;
  const rows = Math.floor(H / blockSize), columns = Math.floor(W / blockSize);
  if (!(rows >= 1 && columns >= 1)) {
    throw new RangeError(
      `Cannot compute colour histogram: picture must have sides of at least ${blockSize} pixels, got ${W} x ${H}`,
    );
  }
  const shares = new Float32Array(numShades ** 3);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const colour = meanColour(picture, row * blockSize, column * blockSize, blockSize);
      addColour(shares, colour.map((value) => value / 255 * (numShades - 1)), 1 / (rows * columns));
    }
  }
  return shares;
}

function meanColour(picture: Picture, top: number, left: number, size: number): number[] {
  return [0, 1, 2].map((channel) => {
    let sum = 0;
    for (let y = top; y < top + size; y++) {
      for (let x = left; x < left + size; x++) sum += picture.get(y, x, channel);
    }
    return sum / size ** 2;
  });
}

/** Spreads `share` over the 8 colours around one that is given in shades, each by its nearness. */
function addColour(shares: Float32Array, colour: readonly number[], share: number): void {
  const numShades = Math.round(Math.cbrt(shares.length));
  for (let corner = 0; corner < 8; corner++) {
    let index = 0, weight = share;
    for (const [channel, value] of colour.entries()) {
      const below = Math.min(Math.floor(value), numShades - 2), isAbove = corner >> channel & 1;
      index = index * numShades + below + isAbove;
      weight *= isAbove ? value - below : 1 - (value - below);
    }
    shares[index] = (shares[index] ?? 0) + weight;
  }
}
