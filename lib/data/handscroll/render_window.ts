import { createPicture, type Picture } from "../../core/mod.ts";
import { checkWindow } from "./check_window.ts";
import { renderTile, TILE_WIDTH } from "./render_tile.ts";
import { resolveWorld, type Window, type World } from "./world.ts";

/**
 * Renders any window of a handscroll world at any moment.
 *
 * Windows join exactly: at one scale and time, a window equals the same part of a larger one, byte for byte.
 * For that, `x` and `y` are snapped to whole output pixels.
 *
 * @param world The scroll.
 * @param window What to show, in world pixels.
 * @returns The picture, shape `[height * scale, width * scale, 3]`, rounded to whole pixels.
 * @throws {RangeError} If the window is empty, not finite, outside the scroll's height or above 2^28 pixels.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { renderWindow } from "nuwa-infinity";
 * const picture = renderWindow({ seed: 1, season: "winter" }, { x: 0, y: 128, width: 96, height: 64 });
 * assertEquals(picture.shape, [64, 96, 3]);
 * ```
 */
export function renderWindow(world: World, window: Window): Picture {
  const resolved = resolveWorld(world);
  const { left, top, width, height, scale, time } = checkWindow(window);
  const data = new Uint8Array(width * height * 3);
  const lastTile = Math.floor((left + width - 1) / TILE_WIDTH);
  for (let tile = Math.floor(left / TILE_WIDTH); tile <= lastTile; tile++) {
    const pixels = renderTile(resolved, tile, scale, time);
    const shift = tile * TILE_WIDTH - left;
    const first = Math.max(0, shift), last = Math.min(width, shift + TILE_WIDTH);
    for (let row = 0; row < height; row++) {
      let from = 4 * ((row + top) * TILE_WIDTH + first - shift);
      let to = 3 * (row * width + first);
      for (let column = first; column < last; column++, from += 4) {
        data[to++] = pixels[from]!; // `!`: both indices lie inside by construction
        data[to++] = pixels[from + 1]!;
        data[to++] = pixels[from + 2]!;
      }
    }
  }
  return createPicture(height, width, data); // [H, W, 3]
}
