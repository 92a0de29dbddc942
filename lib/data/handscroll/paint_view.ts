import { createCanvas } from "@napi-rs/canvas";
import { type Bank, BANK_REACH, banksBetween, paintBank } from "./banks.ts";
import { drawFlock } from "./birds.ts";
import { drawBoat } from "./boats.ts";
import { drawBridge, drawHouse, drawPagoda, drawPavilion } from "./buildings.ts";
import { crestOf, type Face, paintFace } from "./face.ts";
import { facesBetween, RANGES } from "./massifs.ts";
import { paintMist } from "./mist.ts";
import { drawRock, paintNearBank } from "./near_bank.ts";
import { createCellRandom } from "./noise.ts";
import {
  boatsBetween,
  discsBetween,
  flocksBetween,
  nearStandersBetween,
  type Stander,
  standersBetween,
} from "./scene.ts";
import { paintDiscs, paintFarRidges, paintSilk } from "./sky.ts";
import { drawFarTree } from "./far_tree.ts";
import { drawTree } from "./trees.ts";
import type { Brush, Pixels, View } from "./view.ts";
import { paintGlitter, paintWater } from "./water.ts";
import type { ResolvedWorld } from "./world.ts";

/** Paints from far to near: washes by pixel, strokes by brush, in turns. */
export function paintView(world: ResolvedWorld, view: View): Pixels {
  const canvas = createCanvas(view.width, view.height);
  const brush = canvas.getContext("2d");
  brush.setTransform(view.scale, 0, 0, view.scale, -view.left * view.scale, 0);
  brush.lineJoin = "round";
  const image = brush.createImageData(view.width, view.height);
  let pixels: Pixels = image.data;
  const right = view.left + view.width / view.scale;
  const stroke = (draw: () => void) => {
    image.data.set(pixels);
    brush.putImageData(image, 0, 0);
    draw();
    pixels = brush.getImageData(0, 0, view.width, view.height).data;
  };
  const discs = discsBetween(world, view.left, right);
  paintSilk(pixels, view, world);
  paintDiscs(pixels, view, world, discs);
  paintFarRidges(pixels, view, world);
  for (const [index, range] of RANGES.entries()) {
    const faces = facesBetween(world, range, view.left, right);
    for (const face of faces) paintFace(pixels, view, world.palette, face);
    stroke(() => drawCrestTrees(brush, world, faces, view.left, right));
    paintMist(pixels, view, world, {
      y: 258 + 42 * index,
      thickness: 52,
      strength: 0.86,
      speed: 3 + index,
      lane: index,
    });
  }
  paintWater(pixels, view, world);
  paintGlitter(pixels, view, world, discs);
  const banks: readonly Bank[] = banksBetween(world, view.left - BANK_REACH, right + BANK_REACH);
  for (const bank of banks) paintBank(pixels, view, world.palette, bank);
  stroke(() => drawMiddle(brush, world, view, right));
  paintNearBank(pixels, view, world);
  stroke(() => drawNear(brush, world, view, right));
  return pixels;
}

/** Small trees along the crests that no nearer face hides. */
function drawCrestTrees(
  brush: Brush,
  world: ResolvedWorld,
  faces: readonly Face[],
  from: number,
  to: number,
): void {
  for (const [order, face] of faces.entries()) {
    const random = createCellRandom(world.seed, 81, face.lane * 7919 + Math.floor(face.centre));
    const numTrees = Math.floor(random() * face.halfWidth / 9);
    const grove = (random() - 0.5) * 1.2;
    for (let tree = 0; tree < numTrees; tree++) {
      const u = grove + (random() + random() - 1) * 0.55;
      const x = face.centre + u * face.halfWidth, size = (7 + 7 * random()) * (1 - 0.45 * face.haze);
      const key = Math.floor(random() * 2 ** 31);
      const droop = 1 + 8 * random() * random(); // drawn before any test, so that no view shifts the sequence
      if (x < from - 20 || x > to + 20 || Math.abs(u) > 0.9) continue;
      const y = crestOf(face, x) + droop;
      if (y > face.base - face.height * 0.2) continue;
      if (faces.some((other, later) => later > order && crestOf(other, x) < y)) continue;
      drawFarTree(brush, createCellRandom(key, 82, 0), x, y, size, world.palette, world.season, face.haze);
    }
  }
}

function drawMiddle(brush: Brush, world: ResolvedWorld, view: View, right: number): void {
  const lit = world.hour === "night";
  const standers = standersBetween(world, view.left, right).map((stander) => ({
    y: stander.y,
    draw: () => drawStander(brush, world, stander),
  }));
  const boats = boatsBetween(world, view.left, right, view.time).map((boat) => ({
    y: boat.y,
    draw: () =>
      drawBoat(
        brush,
        createCellRandom(boat.key, 83, 0),
        boat.x,
        boat.y,
        boat.size,
        boat.facing,
        boat.kind === "sail",
        world.palette,
        lit,
      ),
  }));
  for (const { draw } of [...standers, ...boats].sort((a, b) => a.y - b.y)) draw();
}

function drawNear(brush: Brush, world: ResolvedWorld, view: View, right: number): void {
  for (const stander of nearStandersBetween(world, view.left, right)) drawStander(brush, world, stander);
  for (const flock of flocksBetween(world, view.left, right, view.time)) {
    drawFlock(
      brush,
      flock.x,
      flock.y,
      flock.size,
      flock.facing,
      view.time * 5 + flock.key,
      flock.kind === "cranes",
      world.palette,
    );
  }
}

function drawStander(brush: Brush, world: ResolvedWorld, { kind, x, y, size, key }: Stander): void {
  const random = createCellRandom(key, 84, 0);
  const style = { palette: world.palette, lit: world.hour === "night" };
  if (kind === "house") drawHouse(brush, random, x, y, size, style);
  else if (kind === "pavilion") drawPavilion(brush, x, y, size, style);
  else if (kind === "pagoda") drawPagoda(brush, random, x, y, size, style);
  else if (kind === "bridge") drawBridge(brush, x, y, size, style);
  else if (kind === "rock") drawRock(brush, random, x, y, size, world.palette);
  else drawTree(brush, random, kind, x, y, size, world.palette, world.season);
}
