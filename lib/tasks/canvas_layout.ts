import type { Extent, Grid } from "../core/mod.ts";
import { downsamplingFactor, type Model } from "../models/mod.ts";
import type { TokenizerOptions } from "../steps/mod.ts";

/** The most pixels of one picture. */
export const MAX_PIXELS = 2 ** 28;

/** The canvas of patches that covers a picture, and what its patches may see. */
export interface CanvasLayout {
  /** Patches; what they cover may be larger than the picture. */
  readonly grid: Grid;
  /** Tokens along the sides of a patch. */
  readonly patchTokens: { readonly height: number; readonly width: number };
  /** Pixels along the sides of a token. */
  readonly factor: number;
  /** Which finished patches a patch sees. */
  readonly extent: Extent;
}

/** The size of a picture in pixels, and how far its patches see. */
export interface CanvasSize {
  /** Columns of pixels. */
  readonly width: number;
  /** Rows of pixels. */
  readonly height: number;
  /** @default the model's */
  readonly extent?: Extent;
}

/**
 * Lays patches over a picture of any size.
 *
 * @throws {RangeError} If the size is not positive, or absurd, or the extent is larger than the model's.
 * @throws {TypeError} If the model is a tokenizer alone.
 */
export function layOutCanvas(model: Model, { width, height, ...options }: CanvasSize): CanvasLayout {
  for (const [name, side] of Object.entries({ width, height })) {
    if (!Number.isInteger(side) || side < 1) {
      throw new RangeError(`Cannot generate picture: ${name} must be a positive integer, got ${side}`);
    }
  }
  if (width * height > MAX_PIXELS) {
    throw new RangeError(
      `Cannot generate picture: size must be at most ${MAX_PIXELS} pixels, got ${width}x${height}`,
    );
  }
  const { transformer } = model.config;
  if (transformer === undefined) {
    throw new TypeError("Cannot generate picture: model must have a transformer, got a tokenizer alone");
  }
  const { patchTokens, extent: learned } = transformer;
  const extent = options.extent ?? learned;
  assertExtentFits(extent, learned);
  const factor = downsamplingFactor(model.config.tokenizer);
  const grid: Grid = {
    rows: Math.ceil(height / (patchTokens.height * factor)),
    columns: Math.ceil(width / (patchTokens.width * factor)),
    frames: 1,
  };
  return { grid, patchTokens, factor, extent };
}

/** A larger extent than the model's has offsets that no embedding was learned for. */
function assertExtentFits(extent: Extent, learned: Extent): void {
  for (const axis of ["width", "height", "frames"] as const) {
    if (extent[axis] > learned[axis] || extent[axis] < 0) {
      throw new RangeError(
        `Cannot generate picture: extent.${axis} must be 0 to ${
          learned[axis]
        }, as the weights have learned, got ${extent[axis]}`,
      );
    }
  }
}

/** The tokenizer's half of a model. */
export function partsOfTokenizer(model: Model): Pick<TokenizerOptions, "config" | "parameters"> {
  return { config: model.config.tokenizer, parameters: model.parameters.tokenizer };
}
