import { fractal1, noise2, smoothstep } from "./noise.ts";
import { mix, type Rgb } from "./palette.ts";
import { blend, type Pixels, type View, worldX } from "./view.ts";
import type { HandscrollObject, ResolvedWorld } from "./world.ts";

/** Paints toned silk: a graded wash from sky to water, with slow clouds of tone and a faint weave. */
export function paintSilk(pixels: Pixels, view: View, world: ResolvedWorld): void {
  const { lane } = world;
  for (let row = 0; row < view.height; row++) {
    const y = (row + 0.5) / view.scale;
    const colour = washAt(y, world);
    for (let column = 0; column < view.width; column++) {
      const x = worldX(view, column);
      const cloud = noise2(x / 210 + lane, y / 60) + 0.5 * noise2(x / 70 + lane, y / 28) - 0.75;
      const weave = (noise2(x / 2.2, y / 40) + noise2(x / 40, y / 2.2) - 1) * 2.4;
      const tone = cloud * 9 + weave;
      const i = 4 * (row * view.width + column);
      pixels[i] = colour[0] + tone;
      pixels[i + 1] = colour[1] + tone;
      pixels[i + 2] = colour[2] + tone * 0.9;
      pixels[i + 3] = 255;
    }
  }
}

/** The ground wash at a height: sky, glow above the mountains, mist, water. */
function washAt(y: number, world: ResolvedWorld): Rgb {
  const { palette } = world;
  const sky = mix(palette.skyTop, palette.skyLow, smoothstep(-20, 190, y));
  const misty = mix(sky, palette.mist, smoothstep(170, 280, y));
  const near = mix(palette.water, palette.waterLine, 0.28 * smoothstep(380, 520, y));
  return mix(misty, near, smoothstep(300, 400, y));
}

/** Paints moon or sun with its glow. */
export function paintDiscs(
  pixels: Pixels,
  view: View,
  world: ResolvedWorld,
  discs: readonly HandscrollObject[],
): void {
  const night = world.hour === "night";
  const radius = night ? 17 : 20;
  const reach = radius * 6;
  const { disc } = world.palette;
  for (const { x, y } of discs) {
    const first = Math.max(0, Math.floor((x - reach - view.left) * view.scale));
    const last = Math.min(view.width, Math.ceil((x + reach - view.left) * view.scale));
    const bottom = Math.min(view.height, Math.ceil((y + reach) * view.scale));
    for (let row = Math.max(0, Math.floor((y - reach) * view.scale)); row < bottom; row++) {
      for (let column = first; column < last; column++) {
        const distance = Math.hypot(worldX(view, column) - x, (row + 0.5) / view.scale - y);
        const glow = (night ? 0.34 : 0.42) * smoothstep(reach, radius * 0.8, distance) ** 2;
        const body = Math.min(1, Math.max(0, (radius - distance) * view.scale + 0.5));
        const i = 4 * (row * view.width + column);
        blend(pixels, i, night ? 150 : 250, night ? 176 : 150, night ? 214 : 90, glow);
        blend(pixels, i, disc[0], disc[1], disc[2], body * 0.96);
      }
    }
  }
}

/** Paints three far ranges in wash alone, each fading down into the mist. */
export function paintFarRidges(pixels: Pixels, view: View, world: ResolvedWorld): void {
  const { palette, lane } = world;
  for (let ridge = 0; ridge < 3; ridge++) {
    const colour = mix(mix(palette.skyLow, palette.far, 0.45 + 0.2 * ridge), palette.azurite, 0.12 * ridge);
    const strength = 0.62 + 0.1 * ridge;
    for (let column = 0; column < view.width; column++) {
      const x = worldX(view, column);
      const crest = farCrest(x, ridge, lane);
      const depth = 70 + 14 * ridge;
      const last = Math.min(view.height, Math.ceil((crest + depth) * view.scale));
      for (let row = Math.max(0, Math.floor((crest - 1) * view.scale)); row < last; row++) {
        const below = (row + 0.5) / view.scale - crest;
        const edge = Math.min(1, Math.max(0, below * 0.7 + 0.5));
        const fold = 0.82 + 0.36 * noise2((x + below * 0.5) / 16, below / 44 + ridge * 9);
        const alpha = edge * strength * (1 - smoothstep(0, depth, below)) * fold;
        blend(pixels, 4 * (row * view.width + column), colour[0], colour[1], colour[2], Math.min(1, alpha));
      }
    }
  }
}

/** The crest line of a far range: slow swells that carry small peaks. */
function farCrest(x: number, ridge: number, lane: number): number {
  const slow = fractal1(x / (520 - 90 * ridge), lane + 31 + ridge * 7, 2);
  const peaks = fractal1(x / (120 - 18 * ridge), lane + 57 + ridge * 11, 4);
  const jag = 1 - Math.abs(fractal1(x / 64, lane + 91 + ridge * 5, 3));
  return 168 + 30 * ridge - 62 * slow - (34 + 20 * slow) * peaks - 22 * (jag - 0.7);
}
