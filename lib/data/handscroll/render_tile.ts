import { paintView } from "./paint_view.ts";
import type { Pixels } from "./view.ts";
import { type ResolvedWorld, SCROLL_HEIGHT } from "./world.ts";

/** Output pixels per tile. Tiles are drawn whole, so that a window never depends on where it ends. */
export const TILE_WIDTH = 256;
const MAX_CACHED = 48;
const cache = new Map<string, Pixels>();

/** The RGBA bytes of one tile of the scroll's whole height, from a small cache where it was drawn before. */
export function renderTile(world: ResolvedWorld, tile: number, scale: number, time: number): Pixels {
  const key = [world.seed, world.season, world.hour, tile, scale, time].join(" ");
  const known = cache.get(key);
  if (known) return known;
  const pixels = paintView(world, {
    left: tile * TILE_WIDTH / scale,
    scale,
    width: TILE_WIDTH,
    height: Math.ceil(SCROLL_HEIGHT * scale),
    time,
  });
  const oldest = cache.keys().next().value;
  if (cache.size >= MAX_CACHED / Math.max(1, scale * scale) && oldest !== undefined) cache.delete(oldest);
  cache.set(key, pixels);
  return pixels;
}
