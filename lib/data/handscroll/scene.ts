import { type Bank, BANK_REACH, bankFoot, banksBetween, bankTop } from "./banks.ts";
import { createCellRandom } from "./noise.ts";
import { mountainAmount, nearBank, villageAmount } from "./rhythm.ts";
import type { TreeKind } from "./trees.ts";
import type { ResolvedWorld } from "./world.ts";

/** Something that stands on land. */
export interface Stander {
  readonly kind: TreeKind | "house" | "pavilion" | "pagoda" | "bridge" | "rock";
  readonly x: number;
  /** World y of its foot. */
  readonly y: number;
  readonly size: number;
  /** Seeds the strokes of this one. */
  readonly key: number;
}

/** Something that moves. */
export interface Mover {
  readonly kind: "boat" | "sail" | "cranes" | "geese";
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly facing: 1 | -1;
  readonly key: number;
}

/** No stander or mover shows farther than this from its x, in world pixels. */
export const STANDER_REACH = 190;

/** Everything that stands on the far and middle banks between two world x, far to near. */
export function standersBetween(world: ResolvedWorld, from: number, to: number): Stander[] {
  const banks = banksBetween(world, from - BANK_REACH, to + BANK_REACH);
  const standers = banks.flatMap((bank, order) => settleBank(world, bank, banks.slice(order + 1)));
  return [...standers, ...bridgesOf(banks)]
    .filter(({ x }) => x > from - STANDER_REACH && x < to + STANDER_REACH)
    .sort((a, b) => a.y - b.y || a.x - b.x);
}

/** A bridge wherever a strait between two high banks at about one level is narrow enough. */
function bridgesOf(banks: readonly Bank[]): Stander[] {
  const high = banks.filter((bank) => bank.rise >= 12).toSorted((a, b) => a.centre - b.centre);
  return high.flatMap((left, index): Stander[] => {
    const right = high[index + 1];
    if (!right || Math.abs(left.level - right.level) > 18) return [];
    const from = left.centre + left.halfWidth, to = right.centre - right.halfWidth;
    if (to - from < -26 || to - from > 86) return [];
    const size = Math.max(44, to - from + 30);
    return [{
      kind: "bridge",
      x: (from + to) / 2,
      y: (left.level + right.level) / 2 + 3,
      size,
      key: left.lane,
    }];
  });
}

/** Houses, then trees around them, on one bank; nothing whose foot a nearer bank hides. */
function settleBank(world: ResolvedWorld, bank: Bank, nearer: readonly Bank[]): Stander[] {
  const random = createCellRandom(
    world.seed,
    31,
    bank.cell * 4 + (bank.settled ? 1 : 0) + (bank.level > 385 ? 2 : 0),
  );
  const standers: Stander[] = [];
  const place = (kind: Stander["kind"], u: number, depth: number, size: number) => {
    const x = bank.centre + u * bank.halfWidth;
    const top = bankTop(bank, x), foot = bankFoot(bank, x);
    const y = top + (foot - top) * depth;
    const key = Math.floor(random() * 2 ** 31);
    if (Math.abs(u) > 0.86 || foot - top < 7) return;
    if (nearer.some((other) => Math.abs(x - other.centre) < other.halfWidth && bankTop(other, x) < y)) return;
    standers.push({ kind, x, y, size, key });
  };
  if (!bank.settled) return standers;
  const lively = villageAmount(bank.centre, world.lane);
  const small = bank.rise < 12;
  const heart = (random() - 0.5) * 0.7;
  if (random() < 0.22 && !small) {
    place("pagoda", heart + (random() < 0.5 ? 0.35 : -0.35), 0.25, 78 + 30 * random());
  }
  const numHouses = small ? 0 : Math.floor(lively * (2 + 5 * random()) + 0.3);
  for (let house = 0; house < numHouses; house++) {
    place(
      "house",
      heart + (house - numHouses / 2) * 24 / bank.halfWidth + 0.1 * random(),
      0.3 + 0.4 * random(),
      21 + 9 * random(),
    );
  }
  if (random() < (small ? 0.35 : 0.25)) place("pavilion", small ? 0 : -heart * 1.1, 0.5, 28 + 6 * random());
  plantGroves(random, place, bank, small);
  return standers;
}

type Place = (kind: Stander["kind"], u: number, depth: number, size: number) => void;

/** Trees come in groves of one main kind, with gaps between. */
function plantGroves(random: () => number, place: Place, bank: Bank, small: boolean): void {
  const numGroves = small ? 1 : 1 + Math.floor(random() * 3 * bank.halfWidth / 150);
  for (let grove = 0; grove < numGroves; grove++) {
    const at = (random() - 0.5) * 1.5,
      kinds: readonly TreeKind[] = ["pine", "broadleaf", "willow", "pine", "broadleaf", "bamboo"];
    const kind = kinds[Math.floor(random() * kinds.length)] ?? "pine";
    const numTrees = kind === "bamboo" ? 1 : 2 + Math.floor(random() * 4);
    const tall = (small ? 30 : 36) + 26 * random();
    for (let tree = 0; tree < numTrees; tree++) {
      const other: TreeKind = random() < 0.2 ? "broadleaf" : kind;
      place(
        other,
        at + (random() - 0.5) * 70 / bank.halfWidth,
        0.1 + 0.75 * random(),
        tall * (0.6 + 0.5 * random()),
      );
    }
  }
}

/** The big trees and rocks of the near bank between two world x, far to near. */
export function nearStandersBetween(world: ResolvedWorld, from: number, to: number): Stander[] {
  const cellWidth = 46;
  const standers: Stander[] = [];
  const last = Math.floor((to + STANDER_REACH) / cellWidth);
  for (let cell = Math.floor((from - STANDER_REACH) / cellWidth) - 1; cell <= last; cell++) {
    const random = createCellRandom(world.seed, 41, cell);
    const x = (cell + random()) * cellWidth, edge = nearBank(x, world.lane);
    const key = Math.floor(random() * 2 ** 31);
    if (edge > 500) continue;
    const y = edge + 6 + random() * (512 - edge) * 0.7;
    const roll = random();
    if (roll < 0.34) standers.push({ kind: "pine", x, y, size: 74 + 56 * random(), key });
    else if (roll < 0.52) standers.push({ kind: "broadleaf", x, y, size: 54 + 40 * random(), key });
    else if (roll < 0.8) standers.push({ kind: "rock", x, y: y + 6, size: 20 + 30 * random(), key });
    else if (roll < 0.87) standers.push({ kind: "bamboo", x, y, size: 60 + 24 * random(), key });
  }
  return standers.sort((a, b) => a.y - b.y || a.x - b.x);
}

/** Boats between two world x at a moment, far to near. Each swings to and fro about its own reach of water. */
export function boatsBetween(world: ResolvedWorld, from: number, to: number, time: number): Mover[] {
  const cellWidth = 190, swing = 46;
  const banks = banksBetween(world, from - 2 * BANK_REACH, to + 2 * BANK_REACH);
  const movers: Mover[] = [];
  const last = Math.floor((to + 200) / cellWidth);
  for (let cell = Math.floor((from - 200) / cellWidth) - 1; cell <= last; cell++) {
    const random = createCellRandom(world.seed, 51, cell);
    const home = (cell + random()) * cellWidth, y = 386 + 84 * random(), key = Math.floor(random() * 2 ** 31);
    const phase = random() * 2 * Math.PI, period = 50 + 50 * random();
    const wanted = random() < 0.42 + 0.25 * (1 - mountainAmount(home, world.lane));
    const sails = random() < 0.45;
    const size = (20 + (y - 380) * 0.2) * (sails ? 1.25 : 1);
    const reach = swing + size;
    const blocked = banks.some((bank) =>
      Math.abs(bank.centre - home) < bank.halfWidth + reach && bank.level + bank.sink > y - 10 &&
      bank.level - 26 < y
    ) || [-1, 0, 1].some((side) =>
      nearBank(home + side * reach, world.lane) < y + 8
    );
    if (!wanted || blocked) continue;
    const angle = phase + time * 2 * Math.PI / period;
    movers.push({
      kind: sails ? "sail" : "boat",
      x: home + swing * Math.sin(angle),
      y: y + 0.7 * Math.sin(time * 1.3 + phase),
      size,
      facing: phase < Math.PI ? 1 : -1,
      key,
    });
  }
  return movers.sort((a, b) => a.y - b.y || a.x - b.x);
}

/** Flocks between two world x at a moment: each circles a long, flat loop. */
export function flocksBetween(world: ResolvedWorld, from: number, to: number, time: number): Mover[] {
  const cellWidth = 640, swing = 260;
  const movers: Mover[] = [];
  const last = Math.floor((to + swing + 200) / cellWidth);
  for (let cell = Math.floor((from - swing - 200) / cellWidth) - 1; cell <= last; cell++) {
    const random = createCellRandom(world.seed, 61, cell);
    const home = (cell + random()) * cellWidth, phase = random() * 2 * Math.PI, period = 70 + 40 * random();
    const y = 60 + 90 * random(), key = Math.floor(random() * 2 ** 31);
    if (random() < 0.3) continue;
    const angle = phase + time * 2 * Math.PI / period;
    const x = home + swing * Math.sin(angle);
    if (x < from - STANDER_REACH || x > to + STANDER_REACH) continue;
    movers.push({
      kind: random() < 0.5 ? "cranes" : "geese",
      x,
      y: y + 14 * Math.cos(angle),
      size: 3 + Math.floor(random() * 6),
      facing: Math.cos(angle) >= 0 ? 1 : -1,
      key,
    });
  }
  return movers;
}

/** Moons (at night) or low suns (at dusk) between two world x: one every fifteen hundred pixels or so. */
export function discsBetween(
  world: ResolvedWorld,
  from: number,
  to: number,
): { kind: string; x: number; y: number }[] {
  if (world.hour === "day") return [];
  const cellWidth = 1300;
  const discs: { kind: string; x: number; y: number }[] = [];
  for (let cell = Math.floor(from / cellWidth) - 1; cell <= Math.floor(to / cellWidth) + 1; cell++) {
    const random = createCellRandom(world.seed, 71, cell);
    const x = (cell + 0.15 + 0.7 * random()) * cellWidth;
    const y = world.hour === "night" ? 52 + 46 * random() : 96 + 50 * random();
    discs.push({ kind: world.hour === "night" ? "moon" : "sun", x, y });
  }
  return discs;
}
