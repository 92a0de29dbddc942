import { css, mix, type Palette } from "./palette.ts";
import type { Brush } from "./view.ts";

/** Draws a flock in a loose wedge around (x, y); `beat` is the wings' phase in radians. */
export function drawFlock(
  brush: Brush,
  x: number,
  y: number,
  numBirds: number,
  facing: number,
  beat: number,
  cranes: boolean,
  palette: Palette,
): void {
  for (let bird = 0; bird < numBirds; bird++) {
    const rank = Math.ceil(bird / 2), side = bird % 2 === 0 ? 1 : -1;
    const bx = x - facing * rank * 15 - 2.5 * Math.sin(bird * 5.1);
    const by = y + side * rank * 5.5 + 2 * Math.sin(bird * 3.7);
    drawBird(brush, bx, by, cranes ? 8.5 : 6, facing, Math.sin(beat + bird * 1.3), cranes, palette);
  }
}

function drawBird(
  brush: Brush,
  x: number,
  y: number,
  size: number,
  facing: number,
  lift: number,
  crane: boolean,
  palette: Palette,
): void {
  const dark = css(mix(palette.ink, palette.mist, 0.1), 0.95);
  const white = css(palette.snow);
  const wing = -size * (0.25 + 0.55 * lift);
  brush.lineCap = "round";
  brush.strokeStyle = crane ? white : dark;
  brush.lineWidth = crane ? 2 : 1.4;
  brush.beginPath();
  brush.moveTo(x - facing * size * 0.2 - size, y + wing);
  brush.quadraticCurveTo(x - size * 0.4, y + wing * 0.7 - size * 0.2, x, y);
  brush.quadraticCurveTo(
    x + size * 0.4,
    y + wing * 0.7 - size * 0.2,
    x + size - facing * size * 0.2,
    y + wing,
  );
  brush.stroke();
  brush.beginPath();
  brush.moveTo(x - facing * size * 0.3, y);
  brush.lineTo(x + facing * size * 0.8, y - size * 0.08);
  brush.stroke();
  if (!crane) return;
  brush.strokeStyle = dark;
  brush.lineWidth = 0.8;
  brush.beginPath();
  brush.moveTo(x - facing * size * 0.3, y);
  brush.lineTo(x - facing * size * 1.05, y + size * 0.12);
  brush.moveTo(x + facing * size * 0.8, y - size * 0.08);
  brush.lineTo(x + facing * size * 1.15, y - size * 0.04);
  brush.stroke();
}
