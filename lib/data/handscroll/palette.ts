import type { Hour, Season } from "./world.ts";

/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [number, number, number];

/** The pigments of one scroll, already seen in the light of its hour. */
export interface Palette {
  readonly skyTop: Rgb;
  readonly skyLow: Rgb;
  readonly mist: Rgb;
  readonly far: Rgb;
  /** The crest of a face: the deepest pigment, or snow. */
  readonly crest: Rgb;
  readonly azurite: Rgb;
  readonly malachite: Rgb;
  readonly ochre: Rgb;
  readonly ink: Rgb;
  readonly water: Rgb;
  readonly waterLine: Rgb;
  readonly bank: Rgb;
  readonly bankTop: Rgb;
  readonly pine: Rgb;
  readonly leaf: Rgb;
  readonly willow: Rgb;
  /** Blossom in spring, red leaves in autumn. */
  readonly accent: Rgb;
  readonly accent2: Rgb;
  readonly bark: Rgb;
  readonly roof: Rgb;
  readonly wall: Rgb;
  readonly timber: Rgb;
  readonly snow: Rgb;
  /** Sun, moon: not graded. */
  readonly disc: Rgb;
  /** Lit windows and lanterns at night, dull paper windows by day. */
  readonly light: Rgb;
}

type Pigments = Omit<Palette, "disc" | "light">;

const SUMMER: Pigments = {
  skyTop: [176, 152, 112],
  skyLow: [222, 203, 160],
  mist: [226, 211, 174],
  far: [104, 128, 134],
  crest: [20, 58, 98],
  azurite: [36, 96, 142],
  malachite: [48, 134, 112],
  ochre: [184, 134, 82],
  ink: [36, 36, 36],
  water: [150, 164, 140],
  waterLine: [84, 112, 110],
  bank: [190, 146, 92],
  bankTop: [70, 132, 96],
  pine: [30, 70, 58],
  leaf: [48, 98, 66],
  willow: [88, 126, 70],
  accent: [62, 112, 74],
  accent2: [40, 90, 72],
  bark: [70, 52, 40],
  roof: [70, 76, 82],
  wall: [226, 214, 188],
  timber: [132, 66, 44],
  snow: [240, 238, 230],
};

const SEASON_PIGMENTS: Readonly<Record<Season, Pigments>> = {
  summer: SUMMER,
  spring: {
    ...SUMMER,
    skyTop: [196, 188, 158],
    skyLow: [232, 222, 190],
    mist: [238, 230, 206],
    far: [134, 160, 158],
    crest: [52, 104, 92],
    azurite: [84, 146, 138],
    malachite: [132, 176, 106],
    ochre: [206, 172, 122],
    water: [178, 194, 170],
    waterLine: [108, 140, 128],
    bank: [204, 176, 124],
    bankTop: [146, 180, 102],
    pine: [50, 92, 66],
    leaf: [120, 158, 84],
    willow: [148, 176, 84],
    accent: [226, 140, 156],
    accent2: [244, 196, 200],
  },
  autumn: {
    ...SUMMER,
    skyTop: [190, 154, 102],
    skyLow: [228, 198, 144],
    mist: [232, 208, 162],
    far: [140, 132, 122],
    crest: [74, 62, 56],
    azurite: [98, 112, 114],
    malachite: [178, 134, 66],
    ochre: [204, 146, 82],
    water: [180, 168, 132],
    waterLine: [116, 104, 82],
    bank: [196, 144, 84],
    bankTop: [176, 138, 66],
    pine: [62, 72, 46],
    leaf: [196, 126, 44],
    willow: [176, 142, 60],
    accent: [184, 54, 34],
    accent2: [216, 104, 40],
  },
  winter: {
    ...SUMMER,
    skyTop: [136, 140, 144],
    skyLow: [190, 190, 184],
    mist: [206, 206, 200],
    far: [166, 174, 180],
    crest: [238, 240, 238],
    azurite: [206, 214, 218],
    malachite: [176, 186, 190],
    ochre: [158, 154, 146],
    ink: [44, 48, 54],
    water: [146, 156, 162],
    waterLine: [96, 108, 118],
    bank: [206, 206, 200],
    bankTop: [236, 238, 236],
    pine: [58, 74, 72],
    leaf: [110, 108, 104],
    willow: [128, 122, 112],
    accent: [120, 112, 104],
    accent2: [140, 130, 120],
    bark: [62, 56, 52],
    roof: [232, 234, 232],
    wall: [206, 196, 178],
    timber: [122, 70, 54],
    snow: [244, 245, 242],
  },
};

/** Mixes `a` and `b`; `amount` 0 gives `a`. */
export function mix(a: Rgb, b: Rgb, amount: number): Rgb {
  return [a[0] + (b[0] - a[0]) * amount, a[1] + (b[1] - a[1]) * amount, a[2] + (b[2] - a[2]) * amount];
}

/** A colour as a CSS string for the canvas. */
export function css(colour: Rgb, alpha = 1): string {
  return `rgba(${Math.round(colour[0])},${Math.round(colour[1])},${Math.round(colour[2])},${alpha})`;
}

/** The colour as the light of the hour shows it. */
function grade(colour: Rgb, hour: Hour): Rgb {
  if (hour === "day") return colour;
  const grey = 0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2];
  if (hour === "dusk") {
    const [r, g, b] = mix(colour, [grey, grey, grey], 0.12);
    return [r * 0.84 + 24, g * 0.69 + 10, b * 0.68 + 24];
  }
  const [r, g, b] = mix(colour, [grey, grey, grey], 0.3);
  return [r * 0.34 + 4, g * 0.42 + 8, b * 0.54 + 24];
}

/** The pigments of a season in the light of an hour. */
export function createPalette(season: Season, hour: Hour): Palette {
  const pigments = SEASON_PIGMENTS[season];
  const graded = Object.fromEntries(
    Object.entries(pigments).map(([name, colour]) => [name, grade(colour, hour)]),
  ) as unknown as Pigments; // fromEntries forgets the names; they are those of `pigments`
  const palette: Palette = {
    ...graded,
    disc: hour === "night" ? [244, 238, 208] : [206, 62, 38],
    light: hour === "night" ? [255, 196, 92] : hour === "dusk" ? [250, 176, 96] : [120, 96, 72],
  };
  if (hour === "dusk") {
    const warmth: Rgb = season === "winter" ? [236, 168, 150] : [240, 160, 92];
    return {
      ...palette,
      skyTop: mix(palette.skyTop, [126, 84, 104], 0.55),
      skyLow: mix(palette.skyLow, warmth, 0.7),
      mist: mix(palette.mist, warmth, 0.36),
      water: mix(palette.water, warmth, 0.3),
    };
  }
  if (hour === "night") return { ...palette, skyTop: mix(palette.skyTop, [14, 22, 48], 0.6) };
  return palette;
}
