import { createTensor, type Picture, type Tensor } from "../core/mod.ts";
import { transformPlane } from "./_fourier.ts";
import { driftSlope } from "./drift.ts";

/** The smallest side on which a slope can be fitted. */
const MIN_SIDE = 32;

/** The luma of a picture (Rec. 601 weights), 0 to 255; shape `[H, W]`. */
export function toLuma(picture: Picture): Tensor<Float32Array> {
  const [height = 0, width = 0] = picture.shape;
  const luma = Float32Array.from({ length: height * width }, (_, i) => {
    const y = Math.floor(i / width), x = i % width;
    return 0.299 * picture.get(y, x, 0) + 0.587 * picture.get(y, x, 1) + 0.114 * picture.get(y, x, 2);
  });
  return createTensor([height, width], luma); // [H, W]
}

/**
 * The exponent of the power spectrum: the slope of log mean power over log frequency, rings k = 4 to n/4, of the
 * largest centred square whose side n is a power of two. White noise has 0, natural pictures about -2; blur is lower.
 *
 * Source: Field 1987, Relations between the statistics of natural images and the response properties of cortical cells.
 *
 * @param plane Shape `[H, W]`, sides of at least 32.
 */
export function powerSpectrumSlope(plane: Tensor): number {
  const [height = 0, width = 0] = plane.shape;
  if (plane.shape.length !== 2 || Math.min(height, width) < MIN_SIDE) {
    throw new RangeError(
      `Cannot compute power spectrum: plane must have shape [H, W] with sides >= ${MIN_SIDE}, got [${
        plane.shape.join(", ")
      }]`,
    );
  }
  const n = 2 ** Math.floor(Math.log2(Math.min(height, width)));
  const top = (height - n) >> 1, left = (width - n) >> 1;
  const real = Float64Array.from(
    { length: n * n },
    (_, i) => plane.data[(top + Math.floor(i / n)) * width + left + i % n] ?? 0,
  ); // [n, n]
  const imaginary = new Float64Array(n * n); // [n, n]
  transformPlane({ real, imaginary }, n);
  const power = real.map((value, i) => value * value + (imaginary[i] ?? 0) ** 2);
  const rings = averageRings(power, n).slice(4, n / 4 + 1);
  return driftSlope(rings.map(Math.log), rings.map((_, i) => Math.log(i + 4)));
}

/** Mean power by distance from zero frequency, rounded; shape `[n / 2]`. */
function averageRings(power: Float64Array, n: number): number[] {
  const sums = new Float64Array(n), counts = new Float64Array(n);
  power.forEach((value, i) => {
    const row = Math.floor(i / n), column = i % n;
    const ring = Math.round(Math.hypot(Math.min(row, n - row), Math.min(column, n - column)));
    sums[ring] = (sums[ring] ?? 0) + value;
    counts[ring] = (counts[ring] ?? 0) + 1;
  });
  return Array.from(sums.subarray(0, n / 2), (sum, ring) => sum / (counts[ring] ?? 1));
}
