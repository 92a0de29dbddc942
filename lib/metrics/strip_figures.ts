import type { Picture } from "../core/mod.ts";
import { type BlockMoments, columnMoments, driftSlope } from "./drift.ts";
import { seamRatio } from "./seam_ratio.ts";

/** What a strip of patches is measured by: whether it has seams, and whether it drifts from left to right. */
export interface StripFigures {
  /** Seam ratio across vertical borders of patches: between neighbours in a row. */
  readonly seamHorizontal: number;
  /** Seam ratio across horizontal borders of patches. */
  readonly seamVertical: number;
  /** The same in the middle of patches, where no seam is. */
  readonly controlHorizontal: number;
  /** The same in the middle of patches, likewise. */
  readonly controlVertical: number;
  /** Slope of the mean of all channels, in steps of 255 a patch. */
  readonly driftBrightness: number;
  /** Slope of the deviation within a column of patches, likewise. */
  readonly driftContrast: number;
  /** Slope of red minus blue, likewise. */
  readonly driftWarmth: number;
}

/**
 * Measures seams and drift of a picture that is wider than it is high.
 *
 * @param patchSize Side of a patch in pixels, even; at least two fit into the width.
 */
export function measureStrip(picture: Picture, patchSize: number): StripFigures {
  const seam = seamRatio(picture, { period: patchSize });
  const control = seamRatio(picture, { period: patchSize, offset: patchSize / 2 });
  const columns = columnMoments(picture, patchSize);
  const slopeOf = (valueOf: (moments: BlockMoments) => number) => driftSlope(columns.map(valueOf));
  return {
    seamHorizontal: seam.horizontal,
    seamVertical: seam.vertical,
    controlHorizontal: control.horizontal,
    controlVertical: control.vertical,
    driftBrightness: slopeOf(({ mean }) => average(mean)),
    driftContrast: slopeOf(({ deviation }) => average(deviation)),
    driftWarmth: slopeOf(({ mean: [red = 0, , blue = 0] }) => red - blue),
  };
}

/** Where the figures of many strips lie. */
export interface StripSpread {
  /** The mean of each figure. */
  readonly mean: StripFigures;
  /** The standard deviation of each figure, of a sample: by n - 1. */
  readonly deviation: StripFigures;
}

/**
 * Mean and deviation of every figure.
 *
 * @throws {RangeError} If there are fewer than two strips.
 */
export function spreadStrips(strips: readonly StripFigures[]): StripSpread {
  if (strips.length < 2) {
    throw new RangeError(`Cannot compute spread: strips must number at least 2, got ${strips.length}`);
  }
  const mean = mapFigures((name) => average(strips.map((strip) => strip[name])));
  const deviation = mapFigures((name) => {
    const squares = strips.reduce((sum, strip) => sum + (strip[name] - mean[name]) ** 2, 0);
    return Math.sqrt(squares / (strips.length - 1));
  });
  return { mean, deviation };
}

function mapFigures(valueOf: (name: keyof StripFigures) => number): StripFigures {
  return {
    seamHorizontal: valueOf("seamHorizontal"),
    seamVertical: valueOf("seamVertical"),
    controlHorizontal: valueOf("controlHorizontal"),
    controlVertical: valueOf("controlVertical"),
    driftBrightness: valueOf("driftBrightness"),
    driftContrast: valueOf("driftContrast"),
    driftWarmth: valueOf("driftWarmth"),
  };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
