import type { Uniform } from "../../core/mod.ts";
import { checkWindow } from "./check_window.ts";
import { listObjects, type Region } from "./list_objects.ts";
import { createCellRandom } from "./noise.ts";
import {
  BROADLEAF_NAMES,
  FAR_WORDS,
  HOUR_WORDS,
  MIST_WORDS,
  NAMES,
  OPEN_WATER_WORDS,
  PEAK_WORDS,
  RIVER_WORDS,
  SCROLL_WORDS,
  SEASON_WORDS,
  SIDE_WORDS,
  SKY_WORDS,
} from "./vocabulary.ts";
import {
  type HandscrollObject,
  type Hour,
  resolveWorld,
  type Season,
  type Window,
  type World,
} from "./world.ts";

/** What a window shows, in words and as a list. */
export interface WindowDescription {
  /** At most 40 words of {@link HANDSCROLL_VOCABULARY}, with commas and a colon. */
  readonly caption: string;
  /** The scroll's season. */
  readonly season: Season;
  /** The scroll's hour. */
  readonly hour: Hour;
  /** Peaks, waterfalls, buildings, trees, boats, birds, moon or sun inside the window. */
  readonly objects: readonly HandscrollObject[];
}

/** Kinds from the most to the least telling; captions prefer the first ones. */
const SALIENCE = [
  "moon",
  "sun",
  "pagoda",
  "bridge",
  "house",
  "sail",
  "cranes",
  "waterfall",
  "boat",
  "pavilion",
  "geese",
  "broadleaf",
  "willow",
  "pine",
  "bamboo",
  "rock",
];

/**
 * Says what a window shows: the same words for the same world, window and variant.
 *
 * @param world The scroll.
 * @param window The window, as for `renderWindow`; `scale` changes nothing but the snapping.
 * @param options `variant`: chooses another wording, 0 to 32767. @default 0
 * @throws {RangeError} If `renderWindow` would refuse the window, or `variant` is out of range.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describeWindow } from "nuwa-infinity";
 * const { season, caption } = describeWindow({ seed: 1, season: "winter" }, { x: 0, width: 512 });
 * assertEquals(season, "winter");
 * assertEquals(caption.includes("winter"), true);
 * ```
 */
export function describeWindow(
  world: World,
  window: Window,
  options: { readonly variant?: number } = {},
): WindowDescription {
  const resolved = resolveWorld(world);
  const { left, top, width, height, scale, time } = checkWindow(window);
  const variant = options.variant ?? 0;
  if (!Number.isInteger(variant) || variant < 0 || variant > 32767) {
    throw new RangeError(
      `Cannot describe window: variant must be an integer from 0 to 32767, got ${variant}`,
    );
  }
  const region = { x: left / scale, y: top / scale, width: width / scale, height: height / scale, time };
  const objects = listObjects(resolved, region);
  const random = createCellRandom(resolved.seed, 1000 + variant, Math.floor(region.x));
  const caption = writeCaption(random, resolved.season, resolved.hour, region, objects);
  return { caption, season: resolved.season, hour: resolved.hour, objects };
}

function writeCaption(
  random: Uniform,
  season: Season,
  hour: Hour,
  region: Region,
  objects: readonly HandscrollObject[],
): string {
  const seasonWord = pick(random, SEASON_WORDS[season]), hourWord = pick(random, HOUR_WORDS[hour]);
  const ground = nameGround(random, season, region, objects);
  const form = Math.floor(random() * 6);
  const numThings = form === 5 ? 0 : 1 + Math.floor(random() * 4);
  const things = nameThings(random, season, region, objects, numThings);
  const list = [ground, ...things].join(", ");
  if (form <= 1) {
    return `${articleOf(seasonWord)} ${seasonWord} ${hourWord} ${pick(random, SCROLL_WORDS)}: ${list}`;
  }
  if (form === 2) return `${list}, ${seasonWord}, ${hourWord}`;
  if (form === 3) return `${pick(random, SCROLL_WORDS)}, ${seasonWord} ${hourWord}, ${list}`;
  if (form === 4) return `${seasonWord} ${hourWord} with ${list}`;
  return `${ground}, ${seasonWord} ${hourWord}`;
}

/** The lie of the land: peaks, far hills, water or sky, whichever the window shows most. */
function nameGround(
  random: Uniform,
  season: Season,
  region: Region,
  objects: readonly HandscrollObject[],
): string {
  const numPeaks = objects.filter(({ kind }) => kind === "peak").length;
  const showsWater = region.y + region.height > 400;
  const around = showsWater ? [...MIST_WORDS, ...RIVER_WORDS] : MIST_WORDS;
  if (numPeaks > 0) return `${pick(random, PEAK_WORDS[season])} ${pick(random, around)}`.trim();
  if (showsWater) return pick(random, OPEN_WATER_WORDS);
  return pick(random, region.y + region.height < 150 ? SKY_WORDS : FAR_WORDS);
}

/** Names up to `count` kinds of things, telling ones first, sometimes with their side of the window. */
function nameThings(
  random: Uniform,
  season: Season,
  region: Region,
  objects: readonly HandscrollObject[],
  count: number,
): string[] {
  const ranked = SALIENCE
    .map((kind, rank) => ({
      kind,
      found: objects.filter((object) => object.kind === kind),
      order: rank + 7 * random(),
    }))
    .filter(({ found }) => found.length > 0)
    .sort((a, b) => a.order - b.order)
    .slice(0, count);
  return ranked.map(({ kind, found }) => {
    const naming = kind === "broadleaf" ? BROADLEAF_NAMES[season] : NAMES[kind];
    const name = pick(random, (found.length > 1 ? naming?.many : naming?.one) ?? [kind]);
    const thirds = found.map(({ x }) => Math.min(2, Math.floor(3 * (x - region.x) / region.width)));
    const side = thirds[0] ?? 1;
    const together = thirds.every((third) => third === side);
    return together && random() < 0.6 ? `${name} ${SIDE_WORDS[side] ?? ""}` : name;
  });
}

function pick(random: Uniform, choices: readonly string[]): string {
  return choices[Math.floor(random() * choices.length)] ?? "";
}

function articleOf(word: string): string {
  return /^[aeiou]/.test(word) ? "an" : "a";
}
