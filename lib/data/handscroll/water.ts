import { noise2, smoothstep } from "./noise.ts";
import { blend, type Pixels, type View, worldX } from "./view.ts";
import type { HandscrollObject, ResolvedWorld } from "./world.ts";

/** Where water begins, in world pixels from the top. */
export const WATER_TOP = 318;

/** Paints fine wave lines, a net that opens towards the viewer and comes and goes in patches. */
export function paintWater(pixels: Pixels, view: View, world: ResolvedWorld): void {
  const [r, g, b] = world.palette.waterLine;
  const time = view.time;
  for (let row = Math.floor(WATER_TOP * view.scale); row < view.height; row++) {
    const y = (row + 0.5) / view.scale;
    const near = (y - WATER_TOP) / (512 - WATER_TOP);
    const spacing = 4.6 + 4.5 * near;
    // Lines are level sets of a phase that grows by one every `spacing` pixels.
    const level = (512 - WATER_TOP) / 4.5 * Math.log(4.6 + 4.5 * near);
    const strength = 0.5 * smoothstep(0, 0.3, near);
    for (let column = 0; column < view.width; column++) {
      const x = worldX(view, column);
      const patch = noise2(x / 150 + world.lane, y / 34 - time * 0.02);
      const wander = 1.1 * noise2(x / 96 - time * 0.05, y / 30 + 11) +
        0.3 * Math.sin(x / (5 + 5 * near) + 7 * noise2(x / 50, y / 44) + time * 1.1);
      const phase = level + wander;
      const off = Math.abs(phase - Math.round(phase)) * spacing;
      const alpha = strength * smoothstep(1.15, 0.25, off) * smoothstep(0.3, 0.62, patch);
      if (alpha > 0.004) blend(pixels, 4 * (row * view.width + column), r, g, b, alpha);
    }
  }
}

/** Paints the broken column of light that a disc lays on the water. */
export function paintGlitter(
  pixels: Pixels,
  view: View,
  world: ResolvedWorld,
  discs: readonly HandscrollObject[],
): void {
  if (world.hour === "day") return;
  const [r, g, b] = world.hour === "night" ? [226, 228, 206] : [255, 186, 120];
  for (const disc of discs) {
    for (let row = Math.floor((WATER_TOP + 20) * view.scale); row < view.height; row++) {
      const y = (row + 0.5) / view.scale;
      const reach = 10 + (y - WATER_TOP) * 0.16;
      const first = Math.max(0, Math.floor((disc.x - reach - view.left) * view.scale));
      const last = Math.min(view.width, Math.ceil((disc.x + reach - view.left) * view.scale));
      for (let column = first; column < last; column++) {
        const x = worldX(view, column);
        const broken = noise2(x / 16 + view.time * 0.4, y / 2.6 - view.time * 0.5);
        const alpha = 0.62 * smoothstep(reach, reach * 0.25, Math.abs(x - disc.x)) *
          smoothstep(0.5, 0.72, broken);
        blend(pixels, 4 * (row * view.width + column), r, g, b, alpha);
      }
    }
  }
}
