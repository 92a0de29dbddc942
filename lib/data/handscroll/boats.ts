import type { Uniform } from "../../core/mod.ts";
import { css, mix, type Palette } from "./palette.ts";
import type { Brush } from "./view.ts";

/** Draws a boat at (x, y), its waterline: a sailing junk or a fishing sampan, with its reflection. */
export function drawBoat(
  brush: Brush,
  random: Uniform,
  x: number,
  y: number,
  size: number,
  facing: number,
  sails: boolean,
  palette: Palette,
  lit: boolean,
): void {
  brush.save();
  brush.translate(x, y);
  brush.scale(facing, 1);
  brush.fillStyle = css(palette.ink, 0.2);
  brush.beginPath();
  brush.ellipse(0, size * 0.07, size * 0.5, size * 0.055, 0, 0, Math.PI * 2);
  brush.fill();
  if (sails) drawSail(brush, random, size, palette);
  drawHull(brush, size, palette);
  drawCabin(brush, size, palette, lit);
  drawBoatman(brush, size, palette, sails);
  brush.restore();
}

function drawHull(brush: Brush, size: number, palette: Palette): void {
  brush.beginPath();
  brush.moveTo(-size * 0.52, -size * 0.12);
  brush.quadraticCurveTo(0, size * 0.03, size * 0.56, -size * 0.14);
  brush.quadraticCurveTo(size * 0.4, size * 0.05, size * 0.28, size * 0.07);
  brush.lineTo(-size * 0.34, size * 0.07);
  brush.quadraticCurveTo(-size * 0.46, size * 0.02, -size * 0.52, -size * 0.12);
  brush.fillStyle = css(mix(palette.timber, palette.bark, 0.6));
  brush.fill();
  brush.strokeStyle = css(palette.ink, 0.95);
  brush.lineWidth = Math.max(0.9, size * 0.022);
  brush.stroke();
}

function drawCabin(brush: Brush, size: number, palette: Palette, lit: boolean): void {
  brush.beginPath();
  brush.moveTo(-size * 0.28, -size * 0.05);
  brush.quadraticCurveTo(-size * 0.27, -size * 0.24, -size * 0.08, -size * 0.24);
  brush.quadraticCurveTo(size * 0.12, -size * 0.24, size * 0.13, -size * 0.04);
  brush.closePath();
  brush.fillStyle = css(mix(palette.ochre, palette.bark, 0.35));
  brush.fill();
  brush.stroke();
  if (!lit) return;
  brush.fillStyle = css(palette.light);
  brush.beginPath();
  brush.ellipse(size * 0.19, -size * 0.15, size * 0.05, size * 0.06, 0, 0, Math.PI * 2);
  brush.fill();
}

function drawSail(brush: Brush, random: Uniform, size: number, palette: Palette): void {
  const tall = size * (0.95 + 0.25 * random());
  brush.strokeStyle = css(palette.ink, 0.9);
  brush.lineWidth = Math.max(1, size * 0.025);
  brush.beginPath();
  brush.moveTo(size * 0.02, 0);
  brush.lineTo(size * 0.02, -tall);
  brush.stroke();
  brush.beginPath();
  brush.moveTo(-size * 0.2, -tall * 0.28);
  brush.quadraticCurveTo(size * 0.36, -tall * 0.24, size * 0.34, -tall * 0.3);
  brush.quadraticCurveTo(size * 0.38, -tall * 0.7, size * 0.2, -tall * 0.95);
  brush.lineTo(-size * 0.12, -tall * 0.9);
  brush.closePath();
  brush.fillStyle = css(mix(palette.wall, palette.ochre, 0.3));
  brush.fill();
  brush.lineWidth = 0.8;
  brush.stroke();
  brush.beginPath();
  for (let batten = 1; batten < 5; batten++) {
    const f = batten / 5;
    brush.moveTo(-size * (0.2 - 0.08 * f), -tall * (0.28 + 0.62 * f));
    brush.lineTo(size * (0.345 - 0.1 * f * f), -tall * (0.28 + 0.66 * f));
  }
  brush.lineWidth = 0.6;
  brush.stroke();
}

function drawBoatman(brush: Brush, size: number, palette: Palette, sails: boolean): void {
  const x = sails ? -size * 0.4 : size * 0.34;
  const foot = -size * 0.09;
  brush.fillStyle = css(mix(palette.wall, palette.azurite, 0.3));
  brush.beginPath();
  brush.moveTo(x - size * 0.05, foot);
  brush.lineTo(x - size * 0.02, foot - size * 0.16);
  brush.lineTo(x + size * 0.025, foot - size * 0.16);
  brush.lineTo(x + size * 0.05, foot);
  brush.fill();
  brush.fillStyle = css(palette.ink);
  brush.beginPath();
  brush.ellipse(x, foot - size * 0.19, size * 0.07, size * 0.025, 0, 0, Math.PI * 2);
  brush.fill();
  brush.lineWidth = 0.7;
  brush.beginPath();
  brush.moveTo(x, foot - size * 0.1);
  brush.lineTo(x + (sails ? -0.3 : 0.42) * size, sails ? size * 0.12 : foot - size * 0.26);
  brush.stroke();
}
