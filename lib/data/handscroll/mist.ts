import { noise2, smoothstep } from "./noise.ts";
import { blend, type Pixels, type View, worldX } from "./view.ts";
import type { ResolvedWorld } from "./world.ts";

/** A band of mist that drifts along the scroll. */
export interface MistBand {
  readonly y: number;
  readonly thickness: number;
  readonly strength: number;
  /** World pixels per second. */
  readonly speed: number;
  readonly lane: number;
}

/** Paints a band: long soft tongues, thick at its middle, that change shape slowly. */
export function paintMist(pixels: Pixels, view: View, world: ResolvedWorld, band: MistBand): void {
  const [r, g, b] = world.palette.mist;
  const top = Math.max(0, Math.floor((band.y - band.thickness) * view.scale));
  const bottom = Math.min(view.height, Math.ceil((band.y + band.thickness) * view.scale));
  const drift = view.time * band.speed, change = view.time * 0.012 + world.lane + band.lane * 13;
  for (let row = top; row < bottom; row++) {
    const y = (row + 0.5) / view.scale;
    const middle = 1 - Math.abs(y - band.y) / band.thickness;
    const profile = middle * middle * (3 - 2 * middle);
    for (let column = 0; column < view.width; column++) {
      const x = worldX(view, column) - drift;
      const wide = noise2(x / 190 + band.lane, y / 52 + change);
      const fine = noise2(x / 62 + band.lane, y / 17 + change);
      const alpha = profile * band.strength *
        smoothstep(0.22, 0.7, 0.72 * wide + 0.28 * fine + 0.3 * middle - 0.12);
      if (alpha > 0.004) blend(pixels, 4 * (row * view.width + column), r, g, b, alpha);
    }
  }
}
