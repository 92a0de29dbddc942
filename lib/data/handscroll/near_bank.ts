import type { Uniform } from "../../core/mod.ts";
import { noise2, smoothstep } from "./noise.ts";
import { css, mix, type Palette } from "./palette.ts";
import { nearBank } from "./rhythm.ts";
import { blend, type Brush, type Pixels, type View, worldX } from "./view.ts";
import type { ResolvedWorld } from "./world.ts";

/** Paints the near bank along the scroll's lower edge. */
export function paintNearBank(pixels: Pixels, view: View, world: ResolvedWorld): void {
  const { palette, lane } = world;
  for (let column = 0; column < view.width; column++) {
    const x = worldX(view, column);
    const edge = nearBank(x, lane);
    for (let row = Math.max(0, Math.floor((edge - 5) * view.scale)); row < view.height; row++) {
      const below = (row + 0.5) / view.scale - edge;
      const i = 4 * (row * view.width + column);
      const alpha = Math.min(1, Math.max(0, below + 0.5));
      const grass = smoothstep(46, 2, below + 26 * (noise2(x / 34, below / 12 + lane) - 0.5));
      const line = 0.75 * Math.max(0, 1 - Math.abs(below - 1) / 1.6);
      const streak = smoothstep(0.8, 0.98, 1 - Math.abs(2 * noise2((x - below) / 30, below / 4 + lane) - 1));
      const dark = Math.min(0.9, line + 0.2 * streak * smoothstep(4, 14, below));
      const colour = mix(
        mix(mix(palette.ochre, palette.ink, 0.16), palette.bankTop, 0.85 * grass),
        palette.ink,
        dark,
      );
      blend(pixels, i, colour[0], colour[1], colour[2], alpha);
    }
  }
}

/** Draws a rock: facets of mineral colour under an uneven ink outline. */
export function drawRock(
  brush: Brush,
  random: Uniform,
  x: number,
  y: number,
  size: number,
  palette: Palette,
): void {
  const numCorners = 9;
  const corners = Array.from({ length: numCorners }, (_, corner) => {
    const angle = Math.PI * corner / (numCorners - 1);
    const radius = size * (0.42 + 0.2 * random());
    return { x: x - Math.cos(angle) * radius * 1.15, y: y - Math.sin(angle) * radius };
  });
  brush.beginPath();
  for (const corner of corners) brush.lineTo(corner.x, corner.y);
  brush.closePath();
  const wash = brush.createLinearGradient(0, y - size * 0.6, 0, y);
  wash.addColorStop(0, css(mix(palette.crest, palette.azurite, 0.5)));
  wash.addColorStop(0.45, css(palette.malachite));
  wash.addColorStop(1, css(mix(palette.ochre, palette.ink, 0.2)));
  brush.fillStyle = wash;
  brush.fill();
  brush.strokeStyle = css(palette.ink, 0.85);
  brush.lineWidth = 1.4;
  brush.beginPath();
  for (const corner of corners) brush.lineTo(corner.x, corner.y);
  for (const corner of corners.filter((_, index) => index > 1 && index < numCorners - 2 && random() < 0.6)) {
    brush.moveTo(corner.x, corner.y);
    brush.lineTo(
      corner.x + (x - corner.x) * 0.4 + (random() - 0.5) * 6,
      corner.y + (y - corner.y) * (0.4 + 0.3 * random()),
    );
  }
  brush.stroke();
}
