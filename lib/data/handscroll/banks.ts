import { createCellRandom, fractal1, noise2, smoothstep } from "./noise.ts";
import { mix, type Palette } from "./palette.ts";
import { mountainAmount } from "./rhythm.ts";
import { blend, type Pixels, type View, worldX } from "./view.ts";
import type { ResolvedWorld } from "./world.ts";

/** A low piece of land in the water: a spit, a sandbar, an islet. */
export interface Bank {
  readonly cell: number;
  readonly centre: number;
  readonly halfWidth: number;
  /** World y of its waterline at the ends. */
  readonly level: number;
  readonly rise: number;
  readonly sink: number;
  readonly lane: number;
  /** Carries houses and trees. */
  readonly settled: boolean;
}

const BANK_CELL = 210;
/** The farthest that a bank reaches from its cell's left edge, in world pixels. */
export const BANK_REACH = 460;

/** The banks that may show between two world x, far to near. */
export function banksBetween(world: ResolvedWorld, from: number, to: number): Bank[] {
  const banks: Bank[] = [];
  const last = Math.floor((to + BANK_REACH) / BANK_CELL);
  for (let cell = Math.floor((from - BANK_REACH) / BANK_CELL); cell <= last; cell++) {
    banks.push(...createBanks(world, cell));
  }
  return banks.sort((a, b) => a.level - b.level || a.centre - b.centre);
}

function createBanks(world: ResolvedWorld, cell: number): Bank[] {
  const random = createCellRandom(world.seed, 21, cell);
  const centre = (cell + random()) * BANK_CELL;
  const amount = mountainAmount(centre, world.lane);
  const banks: Bank[] = [];
  const create = (bank: Omit<Bank, "cell" | "lane">) =>
    banks.push({ ...bank, cell, lane: Math.floor(random() * 12000) });
  if (random() < 0.35 + 0.55 * amount) {
    const halfWidth = 90 + 130 * random() * (0.5 + amount);
    create({
      centre,
      halfWidth,
      level: 352 + 26 * random(),
      rise: 14 + 16 * random(),
      sink: 9 + 9 * random(),
      settled: true,
    });
  }
  if (random() < 0.3) {
    const halfWidth = 40 + 80 * random();
    create({
      centre: centre + 100 * (random() - 0.5),
      halfWidth,
      level: 392 + 44 * random(),
      rise: 4 + 6 * random(),
      sink: 4 + 4 * random(),
      settled: random() < 0.5,
    });
  }
  return banks;
}

/** The upper edge of a bank at `x`. */
export function bankTop(bank: Bank, x: number): number {
  const u = (x - bank.centre) / bank.halfWidth;
  const lens = Math.max(0, 1 - u * u);
  return bank.level - bank.rise * lens ** 0.8 * (0.75 + 0.6 * fractal1(x / 60, bank.lane, 4));
}

/** The waterline of a bank at `x`. */
export function bankFoot(bank: Bank, x: number): number {
  const u = (x - bank.centre) / bank.halfWidth;
  const lens = Math.max(0, 1 - u * u);
  return bank.level + bank.sink * lens ** 0.7 * (0.8 + 0.7 * fractal1(x / 44, bank.lane + 9, 4));
}

/** Paints a bank: green above, ochre towards the water, an ink edge and a pale line of wet sand. */
export function paintBank(pixels: Pixels, view: View, palette: Palette, bank: Bank): void {
  const first = Math.max(0, Math.floor((bank.centre - bank.halfWidth - view.left) * view.scale));
  const last = Math.min(view.width, Math.ceil((bank.centre + bank.halfWidth - view.left) * view.scale));
  const sand = mix(palette.bank, palette.mist, 0.3);
  for (let column = first; column < last; column++) {
    const x = worldX(view, column);
    const top = bankTop(bank, x), foot = bankFoot(bank, x);
    const tall = foot - top;
    const end = Math.min(view.height, Math.ceil((foot + 5) * view.scale));
    for (let row = Math.max(0, Math.floor((top - 1) * view.scale)); row < end; row++) {
      const y = (row + 0.5) / view.scale;
      const i = 4 * (row * view.width + column);
      const inside = Math.min(1, Math.max(0, (y - top) + 0.5)) * Math.min(1, Math.max(0, foot - y + 0.5));
      const shadow = 0.3 * smoothstep(foot + 5, foot, y) * Math.min(1, tall / 8);
      blend(
        pixels,
        i,
        palette.waterLine[0],
        palette.waterLine[1],
        palette.waterLine[2],
        y > foot ? shadow : 0,
      );
      const grass = smoothstep(
        0.75,
        0.1,
        (y - top) / Math.max(6, tall) + 0.5 * (noise2(x / 15, y / 6 + bank.lane) - 0.5),
      );
      const edge = 0.6 * Math.max(0, 1 - Math.abs(y - top - 0.6) / 1.1) +
        0.45 * Math.max(0, 1 - Math.abs(foot - y - 0.5) / 0.9);
      const colour = mix(mix(sand, palette.bankTop, grass), palette.ink, edge);
      blend(pixels, i, colour[0], colour[1], colour[2], inside);
    }
  }
}
