import { crestOf, type Face } from "./face.ts";
import { facesBetween, RANGES } from "./massifs.ts";
import { boatsBetween, discsBetween, flocksBetween, nearStandersBetween, standersBetween } from "./scene.ts";
import type { HandscrollObject, ResolvedWorld } from "./world.ts";

/** A rectangle in world pixels at a moment. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly time: number;
}

/** Everything nameable whose visual centre lies in a region, in no particular order. */
export function listObjects(world: ResolvedWorld, region: Region): HandscrollObject[] {
  const from = region.x, to = region.x + region.width;
  const standers = [...standersBetween(world, from, to), ...nearStandersBetween(world, from, to)];
  const movers = [
    ...boatsBetween(world, from, to, region.time),
    ...flocksBetween(world, from, to, region.time),
  ];
  const objects: HandscrollObject[] = [
    ...discsBetween(world, from, to),
    ...listSummits(world, from, to),
    ...standers.map(({ kind, x, y, size }) => ({ kind, x, y: y - size * (kind === "pagoda" ? 0.5 : 0.3) })),
    ...movers.map(({ kind, x, y, size }) => ({
      kind,
      x,
      y: kind === "boat" || kind === "sail" ? y - size * 0.2 : y,
    })),
  ];
  return objects.filter(({ x, y }) => x >= from && x < to && y >= region.y && y < region.y + region.height);
}

/** Summits and waterfalls of the two nearer ranges that no nearer face of their range hides. */
function listSummits(world: ResolvedWorld, from: number, to: number): HandscrollObject[] {
  const objects: HandscrollObject[] = [];
  for (const range of RANGES.slice(1)) {
    const faces = facesBetween(world, range, from, to);
    for (const [order, face] of faces.entries()) {
      const nearer = faces.slice(order + 1);
      const summit = { kind: "peak", x: face.centre, y: crestOf(face, face.centre) + 4 };
      if (face.height > 60 && isVisible(summit, nearer)) objects.push(summit);
      if (Number.isNaN(face.fall)) continue;
      const crest = crestOf(face, face.fall);
      const fall = { kind: "waterfall", x: face.fall, y: crest + 0.3 * (face.base - crest) };
      if (face.base - crest > 60 && isVisible(fall, nearer)) objects.push(fall);
    }
  }
  return objects;
}

function isVisible(object: HandscrollObject, nearer: readonly Face[]): boolean {
  return nearer.every((face) => crestOf(face, object.x) >= object.y);
}
