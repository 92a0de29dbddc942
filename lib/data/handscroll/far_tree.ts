import type { Uniform } from "../../core/mod.ts";
import { css, mix, type Palette } from "./palette.ts";
import type { Brush } from "./view.ts";
import type { Season } from "./world.ts";

/** Draws a far tree on a crest: a tick of trunk and a few dabs. */
export function drawFarTree(
  brush: Brush,
  random: Uniform,
  x: number,
  y: number,
  size: number,
  palette: Palette,
  season: Season,
  haze: number,
): void {
  const pine = random() < 0.55;
  const leaf = pine || season === "summer"
    ? palette.pine
    : season === "winter"
    ? palette.bark
    : palette.accent;
  const colour = mix(mix(leaf, palette.ink, pine ? 0.3 : 0.1), palette.mist, haze);
  brush.strokeStyle = css(mix(palette.ink, palette.mist, haze), 0.8);
  brush.lineWidth = 0.8;
  brush.beginPath();
  brush.moveTo(x, y + 1.5);
  brush.lineTo(x + (random() - 0.5) * 2, y - size);
  brush.stroke();
  brush.fillStyle = css(colour, 0.85);
  brush.beginPath();
  const numDabs = pine ? 3 : season === "winter" ? 0 : 5;
  for (let dab = 0; dab < numDabs; dab++) {
    const f = pine ? 0.45 + 0.27 * dab : 0.55 + 0.5 * random();
    const wide = size * (pine ? 0.34 - 0.08 * dab : 0.2);
    const dx = (random() - 0.5) * size * (pine ? 0.25 : 0.5);
    brush.moveTo(x + dx + wide, y - size * f);
    brush.ellipse(x + dx, y - size * f, wide, size * (pine ? 0.1 : 0.15), 0, 0, Math.PI * 2);
  }
  brush.fill();
}
