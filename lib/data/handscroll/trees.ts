import type { Uniform } from "../../core/mod.ts";
import { drawBroadleaf, type Joint } from "./broadleaf.ts";
import { css, mix, type Palette } from "./palette.ts";
import type { Brush } from "./view.ts";
import type { Season } from "./world.ts";

export type TreeKind = "pine" | "willow" | "broadleaf" | "bamboo";

/** Draws one tree that stands at (x, y); `size` is its height in world pixels. */
export function drawTree(
  brush: Brush,
  random: Uniform,
  kind: TreeKind,
  x: number,
  y: number,
  size: number,
  palette: Palette,
  season: Season,
): void {
  if (kind === "pine") drawPine(brush, random, x, y, size, palette, season);
  else if (kind === "willow") drawWillow(brush, random, x, y, size, palette, season);
  else if (kind === "bamboo") drawBamboo(brush, random, x, y, size, palette);
  else drawBroadleaf(brush, random, x, y, size, palette, season);
}

/** Draws a tapering, wandering trunk and returns its joints from foot to top. */
function drawTrunk(
  brush: Brush,
  random: Uniform,
  x: number,
  y: number,
  size: number,
  bend: number,
  colour: string,
): Joint[] {
  const joints: Joint[] = [];
  const numJoints = 7;
  const lean = (random() - 0.5) * bend * size;
  const curve = (random() - 0.5) * bend * size;
  for (let i = 0; i <= numJoints; i++) {
    const f = i / numJoints;
    const wander = (random() - 0.5) * size * 0.04;
    joints.push({
      x: x + lean * f + curve * Math.sin(f * Math.PI) + (i > 0 ? wander : 0),
      y: y - size * f,
      thickness: Math.max(0.5, size * 0.05 * (1 - 0.8 * f) * (i === 0 ? 1.35 : 1)),
    });
  }
  brush.fillStyle = colour;
  brush.beginPath();
  for (const joint of joints) brush.lineTo(joint.x - joint.thickness, joint.y);
  for (const joint of joints.toReversed()) brush.lineTo(joint.x + joint.thickness, joint.y);
  brush.closePath();
  brush.fill();
  return joints;
}

/** A pine: bent trunk, level boughs, and flat clouds of needles drawn as fans. */
function drawPine(
  brush: Brush,
  random: Uniform,
  x: number,
  y: number,
  size: number,
  palette: Palette,
  season: Season,
): void {
  const bark = mix(palette.bark, palette.ink, 0.35);
  const joints = drawTrunk(brush, random, x, y, size, 0.5, css(bark));
  const numBoughs = size < 30 ? 4 : 6;
  for (let bough = 0; bough < numBoughs; bough++) {
    const f = 0.42 + 0.58 * (bough + 0.6 * random()) / numBoughs;
    const joint = joints[Math.min(joints.length - 1, Math.round(f * 7))];
    if (!joint) continue;
    const side = bough % 2 === 0 ? 1 : -1;
    const length = size * (0.42 - 0.3 * (f - 0.42)) * (0.6 + 0.6 * random()) *
      (bough === numBoughs - 1 ? 0.15 : 1);
    const tipX = joint.x + side * length, tipY = joint.y - size * 0.05 * (random() - 0.2);
    brush.strokeStyle = css(bark);
    brush.lineWidth = Math.max(0.7, size * 0.018);
    brush.beginPath();
    brush.moveTo(joint.x, joint.y);
    brush.quadraticCurveTo(joint.x + side * length * 0.5, joint.y + size * 0.05, tipX, tipY);
    brush.stroke();
    drawPads(brush, random, joint, { x: tipX, y: tipY }, size, palette, season);
  }
}

/** Needle pads along a bough, from its tip inwards. */
function drawPads(
  brush: Brush,
  random: Uniform,
  joint: Joint,
  tip: { readonly x: number; readonly y: number },
  size: number,
  palette: Palette,
  season: Season,
): void {
  const numPads = size < 30 ? 2 : 3;
  for (let pad = 0; pad < numPads; pad++) {
    const g = 1 - pad * 0.36;
    drawNeedlePad(
      brush,
      random,
      joint.x + (tip.x - joint.x) * g,
      joint.y + (tip.y - joint.y) * g - size * 0.015,
      size * (0.13 + 0.05 * random()),
      palette,
      season,
    );
  }
}

/** A flat cloud of needles: a dark wash, then fans of fine strokes, then snow. */
function drawNeedlePad(
  brush: Brush,
  random: Uniform,
  x: number,
  y: number,
  radius: number,
  palette: Palette,
  season: Season,
): void {
  brush.fillStyle = css(palette.pine, 0.62);
  brush.beginPath();
  brush.ellipse(x, y - radius * 0.1, radius * 1.15, radius * 0.42, 0, 0, Math.PI * 2);
  brush.fill();
  const numFans = radius < 4 ? 2 : 4;
  brush.strokeStyle = css(mix(palette.pine, palette.ink, 0.55), 0.85);
  brush.lineWidth = Math.max(0.45, Math.min(0.9, radius * 0.09));
  brush.beginPath();
  for (let fan = 0; fan < numFans; fan++) {
    const cx = x + (fan / (numFans - 1) - 0.5) * radius * 1.7;
    const cy = y + (random() - 0.3) * radius * 0.24;
    for (let needle = 0; needle <= 6; needle++) {
      const angle = Math.PI * (1.04 + 0.92 * needle / 6);
      const length = radius * (0.46 + 0.16 * random());
      brush.moveTo(cx, cy);
      brush.lineTo(cx + Math.cos(angle) * length, cy + Math.sin(angle) * length);
    }
  }
  brush.stroke();
  if (season !== "winter") return;
  brush.fillStyle = css(palette.snow, 0.88);
  brush.beginPath();
  brush.ellipse(x, y - radius * 0.38, radius * 0.95, radius * 0.2, 0, 0, Math.PI * 2);
  brush.fill();
}

/** A willow: a short trunk and long hanging threads. */
function drawWillow(
  brush: Brush,
  random: Uniform,
  x: number,
  y: number,
  size: number,
  palette: Palette,
  season: Season,
): void {
  const joints = drawTrunk(brush, random, x, y, size * 0.62, 0.5, css(palette.bark));
  const top = joints[joints.length - 1] ?? { x, y, thickness: 1 };
  const bare = season === "winter";
  for (let thread = 0; thread < 46; thread++) {
    const spread = (random() - 0.5) * 2;
    const rootX = top.x + spread * size * 0.34,
      rootY = top.y - size * 0.3 * Math.sqrt(1 - spread * spread) * random();
    const length = size * (0.25 + 0.42 * random());
    brush.strokeStyle = css(
      mix(bare ? palette.bark : palette.willow, palette.pine, random() * 0.45),
      bare ? 0.6 : 0.8,
    );
    brush.lineWidth = bare ? 0.6 : 0.9 + 0.5 * random();
    brush.beginPath();
    brush.moveTo(top.x + spread * 2, top.y + 3);
    brush.bezierCurveTo(
      rootX * 0.6 + top.x * 0.4,
      rootY - size * 0.1,
      rootX + spread * size * 0.12,
      rootY,
      rootX + spread * size * 0.14,
      Math.min(y - 1, rootY + length),
    );
    brush.stroke();
  }
}

/** Bamboo: slender jointed stems with leaves that hang in threes. */
function drawBamboo(
  brush: Brush,
  random: Uniform,
  x: number,
  y: number,
  size: number,
  palette: Palette,
): void {
  for (let stem = 0; stem < 6; stem++) {
    const foot = x + (stem - 2.5) * size * 0.09 + (random() - 0.5) * 3;
    const tall = size * (0.6 + 0.4 * random()), lean = (random() - 0.5) * size * 0.25;
    brush.strokeStyle = css(mix(palette.leaf, palette.pine, random() * 0.6));
    brush.lineWidth = Math.max(0.8, size * 0.022);
    brush.beginPath();
    brush.moveTo(foot, y);
    brush.quadraticCurveTo(foot, y - tall * 0.6, foot + lean, y - tall);
    brush.stroke();
    brush.lineWidth = 1.1;
    brush.beginPath();
    for (let leaf = 0; leaf < 16; leaf++) {
      const f = 0.35 + 0.65 * random();
      const lx = foot + lean * f * f, ly = y - tall * f, side = random() < 0.5 ? -1 : 1;
      brush.moveTo(lx, ly);
      brush.lineTo(lx + side * size * (0.06 + 0.08 * random()), ly + size * (0.01 + 0.07 * random()));
    }
    brush.stroke();
  }
}
