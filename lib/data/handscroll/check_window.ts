import { SCROLL_HEIGHT, type Window } from "./world.ts";

const MAX_PIXELS = 2 ** 28;
const MAX_X = 2 ** 40;

/** A window in whole output pixels. */
export interface PixelWindow {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly scale: number;
  readonly time: number;
}

/**
 * Snaps a window to the pixel lattice of its scale.
 *
 * @throws {RangeError} If the window cannot be rendered.
 */
export function checkWindow(window: Window): PixelWindow {
  const { x, y = 0, width, height = SCROLL_HEIGHT, time = 0, scale = 1 } = window;
  for (const [name, value] of Object.entries({ x, y, width, height, time, scale })) {
    if (!Number.isFinite(value)) throw refuse(name, "a finite number", value);
  }
  if (Math.abs(x) > MAX_X) throw refuse("x", "within 2^40 of 0", x);
  if (Math.abs(time) > 1e9) throw refuse("time", "within 1e9 seconds of 0", time);
  if (scale < 1 / 16 || scale > 16) throw refuse("scale", "between 1/16 and 16", scale);
  if (width <= 0) throw refuse("width", "positive", width);
  if (height <= 0) throw refuse("height", "positive", height);
  if (y < 0 || y + height > SCROLL_HEIGHT) {
    throw refuse("y and height", `within the scroll's 0 to ${SCROLL_HEIGHT}`, `${y} and ${height}`);
  }
  const top = Math.round(y * scale);
  const pixels = {
    left: Math.round(x * scale),
    top,
    scale,
    time,
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.min(Math.round(height * scale), Math.ceil(SCROLL_HEIGHT * scale) - top)),
  };
  if (pixels.width * pixels.height > MAX_PIXELS) {
    throw refuse("width x height", "at most 2^28 output pixels", `${pixels.width}x${pixels.height}`);
  }
  return pixels;
}

function refuse(name: string, need: string, got: number | string): RangeError {
  return new RangeError(`Cannot render window: ${name} must be ${need}, got ${got}`);
}
