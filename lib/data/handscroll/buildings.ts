import type { Uniform } from "../../core/mod.ts";
import { css, mix, type Palette } from "./palette.ts";
import type { Brush } from "./view.ts";

/** What the buildings of one scroll share. */
export interface Style {
  readonly palette: Palette;
  /** Windows are lit. */
  readonly lit: boolean;
}

/** Draws a house of `size` world pixels' width that stands at (x, y), its gable on one side. */
export function drawHouse(
  brush: Brush,
  random: Uniform,
  x: number,
  y: number,
  size: number,
  style: Style,
): void {
  const { palette } = style;
  const half = size / 2,
    tall = size * (0.3 + 0.06 * random()),
    roof = size * 0.26,
    side = random() < 0.5 ? -1 : 1;
  const depth = size * 0.22 * side;
  brush.lineWidth = 0.9;
  brush.strokeStyle = css(palette.ink, 0.9);
  fillShape(brush, css(mix(palette.wall, palette.ink, 0.14)), [
    [x + half * side, y],
    [x + half * side + depth, y - size * 0.06],
    [x + half * side + depth, y - tall - size * 0.04],
    [x + half * side + depth * 0.5, y - tall - roof * 0.85],
    [x + half * side, y - tall],
  ]);
  fillShape(brush, css(palette.wall), [[x - half, y], [x + half, y], [x + half, y - tall], [
    x - half,
    y - tall,
  ]]);
  drawOpenings(brush, x, y, half, tall, style);
  drawTiledRoof(brush, x, y - tall, size, depth, palette);
}

/** A roof of two slopes over walls whose top is at y; its ridge is shifted by half of `depth`. */
function drawTiledRoof(
  brush: Brush,
  x: number,
  y: number,
  size: number,
  depth: number,
  palette: Palette,
): void {
  const half = size / 2, roof = size * 0.26;
  const ridgeLeft = x - half * 0.98 + depth * 0.5, ridgeRight = x + half * 0.98 + depth * 0.5;
  fillShape(brush, css(palette.roof), [
    [x - half * 1.16, y + size * 0.05],
    [x + half * 1.16, y + size * 0.05],
    [ridgeRight, y - roof],
    [ridgeLeft, y - roof],
  ]);
  brush.lineWidth = 0.5;
  brush.strokeStyle = css(palette.ink, 0.55);
  brush.beginPath();
  const numTiles = Math.max(4, Math.round(size / 4));
  for (let tile = 1; tile < numTiles; tile++) {
    const f = tile / numTiles;
    brush.moveTo(x - half * 1.16 + 2.32 * half * f, y + size * 0.05);
    brush.lineTo(ridgeLeft + (ridgeRight - ridgeLeft) * f, y - roof);
  }
  brush.stroke();
  brush.strokeStyle = css(palette.ink, 0.9);
  brush.lineWidth = Math.max(1, size * 0.035);
  brush.beginPath();
  brush.moveTo(ridgeLeft - size * 0.04, y - roof - size * 0.02);
  brush.quadraticCurveTo(
    x + depth * 0.5,
    y - roof + size * 0.02,
    ridgeRight + size * 0.04,
    y - roof - size * 0.02,
  );
  brush.stroke();
}

/** Door and windows of a front wall. */
function drawOpenings(brush: Brush, x: number, y: number, half: number, tall: number, style: Style): void {
  const { palette, lit } = style;
  brush.fillStyle = lit ? css(palette.light) : css(mix(palette.timber, palette.ink, 0.5));
  brush.fillRect(x - half * 0.16, y - tall * 0.72, half * 0.32, tall * 0.72);
  brush.fillRect(x - half * 0.74, y - tall * 0.68, half * 0.36, tall * 0.36);
  brush.fillRect(x + half * 0.38, y - tall * 0.68, half * 0.36, tall * 0.36);
  brush.strokeStyle = css(palette.timber);
  brush.lineWidth = Math.max(0.7, half * 0.06);
  brush.beginPath();
  for (const post of [-0.96, -0.26, 0.26, 0.96]) {
    brush.moveTo(x + half * post, y);
    brush.lineTo(x + half * post, y - tall);
  }
  brush.stroke();
}

/** Draws an open pavilion with a swept roof. */
export function drawPavilion(brush: Brush, x: number, y: number, size: number, style: Style): void {
  const { palette, lit } = style;
  const half = size / 2, tall = size * 0.46;
  fillShape(brush, css(mix(palette.wall, palette.ink, 0.25)), [
    [x - half * 0.95, y],
    [x + half * 0.95, y],
    [x + half * 0.85, y - size * 0.08],
    [x - half * 0.85, y - size * 0.08],
  ]);
  if (lit) {
    brush.fillStyle = css(palette.light, 0.8);
    brush.fillRect(x - half * 0.5, y - tall * 0.9, half, tall * 0.75);
  }
  brush.strokeStyle = css(palette.timber);
  brush.lineWidth = Math.max(1, size * 0.045);
  brush.beginPath();
  for (const post of [-0.72, -0.25, 0.25, 0.72]) {
    brush.moveTo(x + half * post, y - size * 0.06);
    brush.lineTo(x + half * post, y - tall - 1);
  }
  brush.stroke();
  brush.lineWidth = Math.max(0.6, size * 0.02);
  brush.beginPath();
  brush.moveTo(x - half * 0.72, y - size * 0.2);
  brush.lineTo(x + half * 0.72, y - size * 0.2);
  brush.stroke();
  drawSweptRoof(brush, x, y - tall, half * 1.12, size * 0.36, 0.12, style);
}

/** Draws a pagoda of five or seven storeys. */
export function drawPagoda(
  brush: Brush,
  random: Uniform,
  x: number,
  y: number,
  size: number,
  style: Style,
): void {
  const { palette, lit } = style;
  const numStoreys = random() < 0.5 ? 5 : 7;
  const storey = size * 0.86 / numStoreys;
  for (let i = 0; i < numStoreys; i++) {
    const half = size * 0.13 * (1 - 0.5 * i / numStoreys), foot = y - i * storey;
    fillShape(brush, css(mix(palette.wall, palette.timber, 0.25)), [
      [x - half, foot],
      [x + half, foot],
      [x + half * 0.94, foot - storey],
      [x - half * 0.94, foot - storey],
    ]);
    brush.fillStyle = lit ? css(palette.light) : css(mix(palette.ink, palette.timber, 0.3));
    brush.fillRect(x - half * 0.22, foot - storey * 0.55, half * 0.44, storey * 0.5);
    drawSweptRoof(
      brush,
      x,
      foot - storey * 0.72,
      half * 1.65,
      storey * 0.4,
      half * 0.7 / (half * 1.65),
      style,
    );
  }
  const tip = y - numStoreys * storey;
  brush.strokeStyle = css(palette.ink, 0.9);
  brush.lineWidth = 1.2;
  brush.beginPath();
  brush.moveTo(x, tip + storey * 0.1);
  brush.lineTo(x, tip - size * 0.13);
  brush.stroke();
}

/** A roof whose eaves turn up; `ridge` is the ridge's half length as a share of `half`. */
function drawSweptRoof(
  brush: Brush,
  x: number,
  y: number,
  half: number,
  tall: number,
  ridge: number,
  style: Style,
): void {
  const { palette } = style;
  brush.beginPath();
  brush.moveTo(x - half, y - tall * 0.12);
  brush.quadraticCurveTo(x, y + tall * 0.24, x + half, y - tall * 0.12);
  brush.quadraticCurveTo(x + half * (ridge + 0.3), y - tall * 0.25, x + half * ridge, y - tall);
  brush.lineTo(x - half * ridge, y - tall);
  brush.quadraticCurveTo(x - half * (ridge + 0.3), y - tall * 0.25, x - half, y - tall * 0.12);
  brush.fillStyle = css(palette.roof);
  brush.fill();
  brush.strokeStyle = css(palette.ink, 0.85);
  brush.lineWidth = 0.9;
  brush.stroke();
}

/** Draws an arched bridge from (x - size / 2) to (x + size / 2), its ends at height y. */
export function drawBridge(brush: Brush, x: number, y: number, size: number, style: Style): void {
  const { palette } = style;
  const half = size / 2, rise = size * 0.3;
  brush.beginPath();
  brush.moveTo(x - half, y);
  brush.quadraticCurveTo(x, y - rise * 2, x + half, y);
  brush.lineTo(x + half * 0.8, y + size * 0.06);
  brush.quadraticCurveTo(x + half * 0.5, y + size * 0.02, x + half * 0.42, y + size * 0.06);
  brush.quadraticCurveTo(x, y - rise * 1.45, x - half * 0.42, y + size * 0.06);
  brush.lineTo(x - half * 0.8, y + size * 0.06);
  brush.closePath();
  brush.fillStyle = css(mix(palette.wall, palette.ink, 0.22));
  brush.fill();
  brush.strokeStyle = css(palette.ink, 0.85);
  brush.lineWidth = 1;
  brush.stroke();
  brush.strokeStyle = css(palette.timber, 0.95);
  brush.beginPath();
  brush.moveTo(x - half, y - size * 0.06);
  brush.quadraticCurveTo(x, y - rise * 2 - size * 0.06, x + half, y - size * 0.06);
  for (let post = 0; post <= 8; post++) {
    const f = post / 8, deck = y - 4 * rise * f * (1 - f);
    brush.moveTo(x - half + size * f, deck);
    brush.lineTo(x - half + size * f, deck - size * 0.065);
  }
  brush.stroke();
}

type Corner = readonly [x: number, y: number];

function fillShape(brush: Brush, fill: string, corners: readonly Corner[]): void {
  brush.beginPath();
  for (const [x, y] of corners) brush.lineTo(x, y);
  brush.closePath();
  brush.fillStyle = fill;
  brush.fill();
  brush.stroke();
}
