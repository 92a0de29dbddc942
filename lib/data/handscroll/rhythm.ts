import { fractal1, noise1, smoothstep } from "./noise.ts";

/** How mountainous the scroll is around `x`: 0 is open water, 1 is a crowd of peaks. */
export function mountainAmount(x: number, lane: number): number {
  const slow = noise1(x / 760 + 0.37, lane + 3);
  const slower = noise1(x / 2300, lane + 4);
  return smoothstep(0.24, 0.66, 0.66 * slow + 0.34 * slower + 0.05);
}

/** How settled the shores are around `x`: villages come in stretches. */
export function villageAmount(x: number, lane: number): number {
  return smoothstep(0.36, 0.7, noise1(x / 620, lane + 9));
}

/** The world y of the near bank's edge; beyond 512 where there is none. */
export function nearBank(x: number, lane: number): number {
  const swell = smoothstep(0.44, 0.86, noise1(x / 430, lane + 14));
  return 530 - 92 * swell - 9 * fractal1(x / 70, lane + 15, 4) * Math.min(1, swell * 3);
}
