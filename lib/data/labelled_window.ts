import { createUniform, type Picture } from "../core/mod.ts";
import { cropPicture } from "../media/mod.ts";
import {
  describeWindow,
  type Hour,
  HOURS,
  renderWindow,
  SCROLL_HEIGHT,
  type Season,
  SEASONS,
} from "./handscroll/mod.ts";

/** A square window of the handscroll world, with what is true of it. */
export interface LabelledWindow {
  /** `[size, size, 3]` */
  readonly picture: Picture;
  /** What the window shows; names season and hour. */
  readonly caption: string;
  /** The scroll's season. */
  readonly season: Season;
  /** The scroll's hour. */
  readonly hour: Hour;
  /** Where the window's top lies in the scroll, in pixels. */
  readonly top: number;
}

/** Neighbours on one stretch of a scroll, which is then rendered once. */
const WINDOWS_PER_SCROLL = 4;

/**
 * Draws the window of an index: every four come from a scroll of their own, and any twelve scrolls in a row have every
 * season at every hour.
 *
 * @param index 0, 1, 2, ...
 * @param options `firstSeed`: the first scroll's; `size`: side, in pixels; `step`: the window's top is a multiple of it.
 * @throws {RangeError} If the window is higher than a scroll.
 */
export function drawLabelledWindow(
  index: number,
  options: { readonly firstSeed: number; readonly size: number; readonly step: number },
): LabelledWindow {
  const { firstSeed, size, step } = options;
  if (size > SCROLL_HEIGHT) {
    throw new RangeError(
      `Cannot draw window: size must be at most ${SCROLL_HEIGHT} for the handscroll, got ${size}`,
    );
  }
  const scroll = Math.floor(index / WINDOWS_PER_SCROLL), seed = firstSeed + scroll;
  const season = SEASONS[scroll % SEASONS.length] ?? "spring";
  const hour = HOURS[Math.floor(scroll / SEASONS.length) % HOURS.length] ?? "day";
  const world = { seed, season, hour };
  const left = 2 * size * Math.floor(createUniform(seed, 8)() * 1000);
  const uniform = createUniform(seed, 9 + index % WINDOWS_PER_SCROLL);
  const x = Math.floor(uniform() * (size + 1));
  const y = step * Math.floor(uniform() * (Math.floor((SCROLL_HEIGHT - size) / step) + 1));
  const stretch = renderWindow(world, { x: left, width: 2 * size }); // cheap where it was rendered before
  const { caption } = describeWindow(
    world,
    { x: left + x, y, width: size, height: size },
    { variant: Math.floor(uniform() * 1000) },
  );
  return {
    picture: cropPicture(stretch, { x, y, width: size, height: size }),
    caption,
    season,
    hour,
    top: y,
  };
}
