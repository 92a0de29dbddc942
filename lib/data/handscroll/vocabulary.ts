import type { Hour, Season } from "./world.ts";

// Every word that a caption may use stands in a table of this file; HANDSCROLL_VOCABULARY is their union.

export const SEASON_WORDS: Readonly<Record<Season, readonly string[]>> = {
  spring: ["spring"],
  summer: ["summer"],
  autumn: ["autumn", "autumn", "fall"],
  winter: ["winter"],
};

export const HOUR_WORDS: Readonly<Record<Hour, readonly string[]>> = {
  day: ["day", "day", "daylight"],
  dusk: ["dusk", "dusk", "sunset", "evening"],
  night: ["night", "night", "moonlight"],
};

export const SCROLL_WORDS: readonly string[] = [
  "handscroll",
  "landscape",
  "chinese landscape",
  "scroll painting",
  "landscape painting",
];

/** Peaks as the season shows them. */
export const PEAK_WORDS: Readonly<Record<Season, readonly string[]>> = {
  spring: ["fresh green peaks", "green mountains", "blue and green mountains", "spring hills", "mountains"],
  summer: ["blue and green mountains", "deep blue peaks", "green mountains", "steep cliffs", "mountains"],
  autumn: ["ochre mountains", "golden hills", "brown and grey peaks", "autumn mountains", "mountains"],
  winter: ["snowy peaks", "snowy mountains", "white peaks", "snow covered mountains", "mountains"],
};

export const FAR_WORDS: readonly string[] = ["distant ridges in mist", "far hills", "pale distant mountains"];
export const MIST_WORDS: readonly string[] = ["behind drifting mist", "in mist", "rising from mist", ""];
/** Only for windows that show water. */
export const RIVER_WORDS: readonly string[] = ["above a river", "above the water", "by a river"];
export const OPEN_WATER_WORDS: readonly string[] = [
  "open water",
  "a wide river",
  "calm water",
  "a quiet lake",
];
export const SKY_WORDS: readonly string[] = ["an open sky", "empty silk sky"];
export const SIDE_WORDS: readonly string[] = ["on the left", "in the middle", "on the right"];
export const JOIN_WORDS: readonly string[] = ["a", "an", "and", "at", "in", "with"];

/** One of a kind, and many of a kind. */
interface Naming {
  readonly one: readonly string[];
  readonly many: readonly string[];
}

/** What a caption may call an object; broadleaf trees depend on the season: see {@link BROADLEAF_NAMES}. */
export const NAMES: Readonly<Record<string, Naming>> = {
  moon: { one: ["a full moon", "the moon", "a bright moon"], many: ["the moon"] },
  sun: { one: ["a red sun", "a low sun", "the setting sun"], many: ["a red sun"] },
  pagoda: { one: ["a pagoda", "a tall pagoda", "a tower"], many: ["pagodas", "two pagodas"] },
  pavilion: { one: ["a pavilion", "a small pavilion"], many: ["pavilions"] },
  bridge: { one: ["an arched bridge", "a bridge", "a stone bridge"], many: ["bridges", "arched bridges"] },
  house: {
    one: ["a house", "a lonely house"],
    many: ["a village", "houses", "a village by the river", "tiled roofs"],
  },
  boat: { one: ["a fishing boat", "a small boat", "a boat"], many: ["fishing boats", "boats"] },
  sail: { one: ["a sailing boat", "a boat with a sail", "a sail"], many: ["sailing boats", "sails"] },
  cranes: { one: ["cranes in flight", "white cranes", "flying cranes"], many: ["cranes in flight"] },
  geese: { one: ["wild geese", "a flock of birds", "birds in flight"], many: ["flocks of birds"] },
  waterfall: { one: ["a waterfall", "a thin waterfall"], many: ["waterfalls"] },
  pine: { one: ["a pine", "a pine tree", "an old pine"], many: ["pines", "old pines", "pine trees"] },
  willow: { one: ["a willow", "a willow tree"], many: ["willows", "willow trees"] },
  bamboo: { one: ["bamboo", "a bamboo grove"], many: ["bamboo", "bamboo groves"] },
  rock: { one: ["a rock"], many: ["rocks", "rocks on the near shore"] },
};

export const BROADLEAF_NAMES: Readonly<Record<Season, Naming>> = {
  spring: {
    one: ["a blossom tree", "a pink blossom tree"],
    many: ["blossom trees", "pink blossom", "peach blossom"],
  },
  summer: { one: ["a leafy tree", "a tree"], many: ["leafy trees", "trees", "green trees"] },
  autumn: { one: ["a red maple", "a maple"], many: ["red maples", "red autumn leaves", "maple trees"] },
  winter: { one: ["a bare tree"], many: ["bare trees", "trees without leaves"] },
};

/** The closed set of words of all captions, sorted. */
export const HANDSCROLL_VOCABULARY: readonly string[] = listWords([
  SEASON_WORDS,
  HOUR_WORDS,
  SCROLL_WORDS,
  PEAK_WORDS,
  FAR_WORDS,
  MIST_WORDS,
  RIVER_WORDS,
  OPEN_WATER_WORDS,
  SKY_WORDS,
  SIDE_WORDS,
  JOIN_WORDS,
  NAMES,
  BROADLEAF_NAMES,
]);

/** The distinct words of all strings in nested tables. */
function listWords(tables: unknown): string[] {
  const words = new Set<string>();
  const visit = (value: unknown) => {
    if (typeof value === "string") { for (const word of value.split(" ").filter(Boolean)) words.add(word); }
    else if (typeof value === "object" && value !== null) Object.values(value).forEach(visit);
  };
  visit(tables);
  return [...words].sort();
}
