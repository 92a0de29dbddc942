import type { Uniform } from "../../core/mod.ts";
import type { Face } from "./face.ts";
import { createCellRandom } from "./noise.ts";
import { mountainAmount } from "./rhythm.ts";
import type { ResolvedWorld } from "./world.ts";

/** A range of massifs at one distance. */
export interface Range {
  readonly purpose: number;
  /** World pixels between massifs. */
  readonly cell: number;
  readonly base: number;
  readonly low: number;
  readonly high: number;
  readonly haze: number;
  /** Cells with fewer mountains than this stay open. */
  readonly threshold: number;
}

/** From far to near. */
export const RANGES: readonly Range[] = [
  { purpose: 11, cell: 150, base: 262, low: 48, high: 178, haze: 0.5, threshold: 0.12 },
  { purpose: 12, cell: 190, base: 306, low: 56, high: 232, haze: 0.14, threshold: 0.3 },
  { purpose: 13, cell: 170, base: 348, low: 34, high: 104, haze: 0, threshold: 0.42 },
];

/** The farthest that a massif reaches from its cell's left edge, in world pixels. */
export const MASSIF_REACH = 640;

/** The faces of a range that may show between two world x, back to front. */
export function facesBetween(world: ResolvedWorld, range: Range, from: number, to: number): Face[] {
  const faces: Face[] = [];
  const last = Math.floor((to + MASSIF_REACH) / range.cell);
  for (let cell = Math.floor((from - MASSIF_REACH) / range.cell); cell <= last; cell++) {
    faces.push(...createMassif(world, range, cell));
  }
  const showing = faces.filter(({ centre, halfWidth }) =>
    centre + halfWidth > from - 24 && centre - halfWidth < to + 24
  );
  return showing.sort((a, b) => a.base - b.base || a.centre - b.centre);
}

/** One massif: a main summit and lower faces that step forward from it, each paler at the foot. */
function createMassif(world: ResolvedWorld, range: Range, cell: number): Face[] {
  const random = createCellRandom(world.seed, range.purpose, cell);
  const centre = (cell + 0.2 + 0.6 * random()) * range.cell;
  const amount = mountainAmount(centre, world.lane);
  if (amount < range.threshold + 0.1 * random()) return [];
  const height = range.low + (range.high - range.low) * amount * (0.45 + 0.55 * random());
  const base = range.base + (random() - 0.5) * 26;
  const width = Math.min(190, 42 + height * (0.42 + 0.4 * random()));
  const blueness = random();
  const numFaces = 3 + Math.floor(random() * 4 + amount * 3);
  return Array.from({ length: numFaces }, (_, index) => {
    const step = index / numFaces;
    return createFace(
      random,
      { centre, height, base, width, blueness, step, haze: range.haze },
      range.purpose,
    );
  });
}

interface MassifShape {
  readonly centre: number;
  readonly height: number;
  readonly base: number;
  readonly width: number;
  readonly blueness: number;
  /** 0 for the main summit, towards 1 for the nearest face. */
  readonly step: number;
  readonly haze: number;
}

function createFace(random: Uniform, shape: MassifShape, purpose: number): Face {
  const { step, width } = shape;
  const centre = shape.centre + (random() - 0.5) * 2 * width * (0.25 + 0.75 * step) * (step > 0 ? 1 : 0.1);
  const height = shape.height * (1 - 0.74 * step) * (0.8 + 0.4 * random());
  const lone = step === 0 && random() < 0.4;
  return {
    centre,
    height,
    halfWidth: Math.max(26, width * (lone ? 0.6 : 0.95 - 0.35 * step) * (0.75 + 0.5 * random())),
    base: shape.base + 22 * step + 3 * random(),
    sharpness: (lone ? 1.2 : 0.75) + 0.8 * random(),
    lean: (random() - 0.5) * 0.6,
    lane: Math.floor(random() * 12000),
    blueness: Math.min(1, Math.max(0, shape.blueness + (random() - 0.5) * 0.9)),
    haze: shape.haze * (1 - 0.25 * step),
    fall: purpose === 12 && height > 110 && random() < 0.15 ? centre + (random() - 0.5) * 30 : NaN,
  };
}
