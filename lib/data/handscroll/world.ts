import { createCellRandom } from "./noise.ts";
import { createPalette, type Palette } from "./palette.ts";

/** The season of a whole scroll. */
export type Season = "spring" | "summer" | "autumn" | "winter";
/** The hour of a whole scroll. */
export type Hour = "day" | "dusk" | "night";

/** All seasons, in the order of the year. */
export const SEASONS: readonly Season[] = ["spring", "summer", "autumn", "winter"];
/** All hours, in the order of the day. */
export const HOURS: readonly Hour[] = ["day", "dusk", "night"];

/** The height of the scroll in world pixels: sky at the top, the near shore at the bottom. */
export const SCROLL_HEIGHT = 512;

/** One endless scroll. Season and hour are constant along it; where absent they derive from the seed. */
export interface World {
  /** Any safe integer. */
  readonly seed: number;
  /** Rules pigments and foliage. @default one that derives from the seed */
  readonly season?: Season;
  /** Rules the light. @default one that derives from the seed */
  readonly hour?: Hour;
}

/** A rectangle of the scroll at one moment, in world pixels from the scroll's top left. */
export interface Window {
  /** Any number up to 2^40 in size; snapped to whole output pixels. */
  readonly x: number;
  /** World pixels, 0 or more; `y + height` is at most {@link SCROLL_HEIGHT}. @default 0 */
  readonly y?: number;
  /** World pixels. */
  readonly width: number;
  /** World pixels, more than 0. @default 512 */
  readonly height?: number;
  /** Seconds. @default 0 */
  readonly time?: number;
  /** Output pixels per world pixel. @default 1 */
  readonly scale?: number;
}

/** Something that a window shows, at its visual centre in world pixels. */
export interface HandscrollObject {
  /** "peak", "moon", "house", "pine", "boat" and so on: `describeWindow` names them. */
  readonly kind: string;
  /** World pixels from the scroll's origin. */
  readonly x: number;
  /** World pixels from the scroll's top. */
  readonly y: number;
}

/** A world with everything that derives from its seed. */
export interface ResolvedWorld {
  readonly seed: number;
  readonly season: Season;
  readonly hour: Hour;
  readonly palette: Palette;
  /** Chooses this world's noise curves; an integer. */
  readonly lane: number;
}

/**
 * Fills in what a world leaves open.
 *
 * @throws {RangeError} If the seed is not a safe integer, or season or hour are unknown.
 */
export function resolveWorld(world: World): ResolvedWorld {
  if (!Number.isSafeInteger(world.seed)) {
    throw new RangeError(`Cannot use world: seed must be a safe integer, got ${world.seed}`);
  }
  const random = createCellRandom(world.seed, 1, 0);
  const season = world.season ?? SEASONS[Math.floor(random() * 4)] ?? "spring";
  const hour = world.hour ?? HOURS[Math.floor(random() * 3)] ?? "day";
  if (!SEASONS.includes(season)) throw unknownChoice("season", SEASONS, season);
  if (!HOURS.includes(hour)) throw unknownChoice("hour", HOURS, hour);
  const lane = Math.floor(createCellRandom(world.seed, 2, 0)() * 16000);
  return { seed: world.seed, season, hour, palette: createPalette(season, hour), lane };
}

function unknownChoice(name: string, choices: readonly string[], got: string): RangeError {
  return new RangeError(`Cannot use world: ${name} must be one of ${choices.join(", ")}, got ${got}`);
}
