import { createUniform, type Picture, type Uniform } from "../core/mod.ts";
import { cropPicture } from "../media/mod.ts";
import { describeWindow, renderWindow, SCROLL_HEIGHT } from "./handscroll/mod.ts";

/** A square crop to train on. */
export interface Crop {
  /** `[size, size, 3]` */
  readonly picture: Picture;
  /** What it shows, if known. */
  readonly caption?: string;
  /** Where its top lies in the whole picture, in pixels at the crop's scale. */
  readonly top: number;
  /** Height of the whole picture, in pixels at the crop's scale. */
  readonly fullHeight: number;
}

/** An endless supply of crops: a pure function of the random numbers that it is given. */
export interface CropSource {
  /**
   * Takes one crop.
   *
   * @param options.size Side, in pixels.
   * @param options.step Crops of the handscroll start at multiples of this from the top, in pixels. @default 1
   */
  sampleCrop(uniform: Uniform, options: { readonly size: number; readonly step?: number }): Promise<Crop>;
}

/** Scrolls with these seeds train; those from {@link HELD_OUT_SEED} on are held out. */
export const HELD_OUT_SEED = 1_000_000;

/** Width of the stretches that are rendered at once, in world pixels. */
const STRETCH = 2048;

/**
 * Crops of the handscroll world at its natural scale: `count` stretches, each of a scroll (so of a season and hour) of
 * its own, rendered when first needed and kept.
 *
 * Half of the captions describe the crop, half a wide window around it: a caption may be of a larger picture.
 */
export function createHandscrollSource(
  options: { readonly count: number; readonly firstSeed: number },
): CropSource {
  const { count, firstSeed } = options;
  const kept = new Map<number, Picture>();
  const stretchAt = (index: number) => {
    const seed = firstSeed + index;
    const found = kept.get(index) ?? renderWindow({ seed }, { x: startOf(seed), width: STRETCH });
    kept.set(index, found);
    return found;
  };
  return {
    sampleCrop(uniform, { size, step = 1 }) {
      if (size > SCROLL_HEIGHT) {
        throw new RangeError(
          `Cannot sample crop: size must be at most ${SCROLL_HEIGHT} for the handscroll, got ${size}`,
        );
      }
      const index = Math.floor(uniform() * count), seed = firstSeed + index;
      const x = step * Math.floor(uniform() * ((STRETCH - size) / step + 1));
      const y = step * Math.floor(uniform() * ((SCROLL_HEIGHT - size) / step + 1));
      const isWide = uniform() < 0.5, shift = uniform(), variant = Math.floor(uniform() * 1000);
      const wide = {
        x: startOf(seed) + x - Math.round(shift * (2 * SCROLL_HEIGHT - size)),
        width: 2 * SCROLL_HEIGHT,
      };
      const narrow = { x: startOf(seed) + x, y, width: size, height: size };
      const { caption } = describeWindow({ seed }, isWide ? wide : narrow, { variant });
      const picture = cropPicture(stretchAt(index), { x, y, width: size, height: size });
      return Promise.resolve({ picture, caption, top: y, fullHeight: SCROLL_HEIGHT });
    },
  };
}

/** Where along its scroll a stretch starts: anywhere, so that nothing is special about x = 0. */
function startOf(seed: number): number {
  return Math.floor(createUniform(seed, 7)() * 1e6);
}
