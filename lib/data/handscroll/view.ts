import type { SKRSContext2D } from "@napi-rs/canvas";

/** The part of the scroll that one tile shows; all painters draw in world coordinates. */
export interface View {
  /** World x of the tile's left edge. */
  readonly left: number;
  /** Output pixels per world pixel. */
  readonly scale: number;
  /** Output pixels. */
  readonly width: number;
  readonly height: number;
  readonly time: number;
}

/** RGBA bytes of a view, row-major. */
export type Pixels = Uint8ClampedArray;

/** The canvas on which strokes are drawn, in world coordinates. */
export type Brush = SKRSContext2D;

/** Blends a colour over the pixel at byte `i` with opacity `alpha`. */
export function blend(pixels: Pixels, i: number, r: number, g: number, b: number, alpha: number): void {
  pixels[i] = pixels[i]! + (r - pixels[i]!) * alpha; // `!`: the callers keep i inside
  pixels[i + 1] = pixels[i + 1]! + (g - pixels[i + 1]!) * alpha;
  pixels[i + 2] = pixels[i + 2]! + (b - pixels[i + 2]!) * alpha;
}

/** The world x of the centre of a pixel column. */
export function worldX(view: View, column: number): number {
  return view.left + (column + 0.5) / view.scale;
}
