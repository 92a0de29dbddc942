import type { Uniform } from "../../core/mod.ts";
import { css, mix, type Palette, type Rgb } from "./palette.ts";
import type { Brush } from "./view.ts";
import type { Season } from "./world.ts";

/** A point along a trunk or bough and how thick it is there. */
export interface Joint {
  readonly x: number;
  readonly y: number;
  readonly thickness: number;
}

/** A broadleaf tree: forked boughs and a crown of dabs; blossom, green, red leaves or bare twigs. */
export function drawBroadleaf(
  brush: Brush,
  random: Uniform,
  x: number,
  y: number,
  size: number,
  palette: Palette,
  season: Season,
): void {
  const tips: Joint[] = [];
  brush.strokeStyle = css(mix(palette.bark, palette.ink, 0.3));
  growBough(
    brush,
    random,
    x,
    y,
    -Math.PI / 2 + (random() - 0.5) * 0.4,
    size * 0.36,
    size * 0.07,
    season === "winter" ? 5 : 4,
    tips,
  );
  if (season === "winter") return;
  const coloured = season !== "summer";
  const main: Rgb = coloured ? palette.accent : palette.leaf;
  const second: Rgb = coloured ? palette.accent2 : mix(palette.leaf, palette.bankTop, 0.6);
  for (const tone of [mix(main, palette.ink, 0.3), main, second]) {
    dabCrown(brush, random, tips, size, main, tone);
  }
}

/** One layer of leaf dabs around the tips of the boughs. */
function dabCrown(
  brush: Brush,
  random: Uniform,
  tips: readonly Joint[],
  size: number,
  main: Rgb,
  tone: Rgb,
): void {
  for (const tip of tips) {
    brush.fillStyle = css(mix(tone, main, random() * 0.4), 0.75);
    const numDabs = 3;
    brush.beginPath();
    for (let dab = 0; dab < numDabs; dab++) {
      const dx = (random() - 0.5) * size * 0.2,
        dy = (random() - 0.6) * size * 0.15,
        r = size * (0.022 + 0.02 * random());
      brush.moveTo(tip.x + dx + r, tip.y + dy);
      brush.ellipse(tip.x + dx, tip.y + dy, r * 1.25, r, 0, 0, Math.PI * 2);
    }
    brush.fill();
  }
}

/** Draws a bough that forks until its levels are used up, and collects the tips that carry leaves. */
function growBough(
  brush: Brush,
  random: Uniform,
  x: number,
  y: number,
  angle: number,
  length: number,
  thickness: number,
  levels: number,
  tips: Joint[],
): void {
  const endX = x + Math.cos(angle) * length, endY = y + Math.sin(angle) * length;
  brush.lineWidth = Math.max(0.5, thickness);
  brush.beginPath();
  brush.moveTo(x, y);
  brush.quadraticCurveTo(
    x + Math.cos(angle + 0.3) * length * 0.5,
    y + Math.sin(angle + 0.3) * length * 0.5,
    endX,
    endY,
  );
  brush.stroke();
  if (levels <= 2) tips.push({ x: endX, y: endY, thickness });
  if (levels <= 1) return;
  for (const side of [-1, 1]) {
    const turn = angle + side * (0.3 + 0.4 * random());
    growBough(
      brush,
      random,
      endX,
      endY,
      turn,
      length * (0.6 + 0.2 * random()),
      thickness * 0.62,
      levels - 1,
      tips,
    );
  }
}
