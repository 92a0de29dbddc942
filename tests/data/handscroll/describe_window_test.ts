import {
  assert,
  assertEquals,
  assertGreater,
  assertLessOrEqual,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { describeWindow, HANDSCROLL_VOCABULARY, HOURS, SEASONS } from "../../../lib/data/mod.ts";
import { HOUR_WORDS, SEASON_WORDS } from "../../../lib/data/handscroll/vocabulary.ts";

/** The words of a caption, without punctuation. */
function wordsOf(caption: string): string[] {
  return caption.split(/[\s,:]+/).filter(Boolean);
}

Deno.test("describeWindow() uses a closed vocabulary, at most 40 words, and names season and hour", () => {
  const known = new Set(HANDSCROLL_VOCABULARY);
  assertLessOrEqual(known.size, 500);
  for (let variant = 0; variant < 300; variant++) {
    const { caption, season, hour } = describeWindow({ seed: variant }, { x: variant * 311, width: 512 }, {
      variant,
    });
    const words = wordsOf(caption);
    assertLessOrEqual(words.length, 40);
    assertEquals(words.filter((word) => !known.has(word)), []);
    assert(SEASON_WORDS[season].some((word) => words.includes(word)), caption);
    assert(HOUR_WORDS[hour].some((word) => words.includes(word)), caption);
  }
});

Deno.test("describeWindow() keeps the season and hour that the world names", () => {
  for (const season of SEASONS) {
    for (const hour of HOURS) {
      const found = describeWindow({ seed: 9, season, hour }, { x: 0, width: 256 });
      assertEquals([found.season, found.hour], [season, hour]);
    }
  }
});

Deno.test("describeWindow() lists only objects inside the window, and the same ones from any window", () => {
  const world = { seed: 12, season: "summer", hour: "night" } as const;
  const whole = describeWindow(world, { x: -2000, width: 4000, time: 4 }).objects;
  const part = describeWindow(world, { x: -256, y: 128, width: 512, height: 256, time: 4 }).objects;
  const inside = whole.filter(({ x, y }) => x >= -256 && x < 256 && y >= 128 && y < 384);
  assertGreater(part.length, 3);
  const sorted = (objects: typeof part) => objects.map(({ kind, x, y }) => `${kind} ${x} ${y}`).sort();
  assertEquals(sorted(part), sorted(inside));
});

Deno.test("describeWindow() varies its words with the variant, and repeats them", () => {
  const captions = Array.from(
    { length: 12 },
    (_, variant) => describeWindow({ seed: 2 }, { x: 0, width: 512 }, { variant }).caption,
  );
  assertGreater(new Set(captions).size, 8);
  assertEquals(describeWindow({ seed: 2 }, { x: 0, width: 512 }, { variant: 3 }).caption, captions[3]);
  assertNotEquals(captions[0], describeWindow({ seed: 3 }, { x: 0, width: 512 }).caption);
});

Deno.test("describeWindow() speaks of a moon only where one is listed", () => {
  for (let seed = 0; seed < 60; seed++) {
    const { caption, objects } = describeWindow({ seed, hour: "night" }, { x: 100 * seed, width: 640 });
    if (wordsOf(caption).includes("moon")) assert(objects.some(({ kind }) => kind === "moon"), caption);
  }
});

Deno.test("describeWindow() refuses a variant out of range", () => {
  assertThrows(
    () => describeWindow({ seed: 1 }, { x: 0, width: 10 }, { variant: -1 }),
    RangeError,
    "Cannot describe window: variant must be an integer from 0 to 32767, got -1",
  );
});
