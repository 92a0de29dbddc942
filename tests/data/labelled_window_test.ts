import { assertEquals, assertThrows } from "@std/assert";
import { drawLabelledWindow } from "../../lib/data/mod.ts";

const OPTIONS = { firstSeed: 77, size: 64, step: 64 };

/** Words that name a season or an hour. */
const NAMES = {
  ...{ spring: ["spring"], summer: ["summer"], autumn: ["autumn", "fall"], winter: ["winter"] },
  day: ["day", "daylight"],
  dusk: ["dusk", "sunset", "evening"],
  night: ["night", "moonlight"],
};

Deno.test("drawLabelledWindow() has every season at every hour, and captions that say so", () => {
  const seen = new Set<string>();
  for (let scroll = 0; scroll < 12; scroll++) {
    const { caption, season, hour, picture, top } = drawLabelledWindow(4 * scroll, OPTIONS);
    seen.add(`${season} ${hour}`);
    const words = caption.split(/[ ,:]+/);
    for (const label of [season, hour] as const) {
      assertEquals(words.some((word) => NAMES[label].includes(word)), true, `${label}: ${caption}`);
    }
    assertEquals(picture.shape, [64, 64, 3]);
    assertEquals([top % 64, top >= 0 && top <= 448], [0, true]);
  }
  assertEquals(seen.size, 12);
});

Deno.test("drawLabelledWindow() depends on its index alone; four windows share a scroll", () => {
  const [first, again, second] = [0, 0, 1].map((index) => drawLabelledWindow(index, OPTIONS));
  assertEquals(first?.picture.data, again?.picture.data);
  assertEquals([first?.season, first?.hour, first?.caption], [again?.season, again?.hour, again?.caption]);
  assertEquals([first?.season, first?.hour], [second?.season, second?.hour]);
  assertEquals(
    [first?.top, ...first?.picture.data ?? []].join() === [second?.top, ...second?.picture.data ?? []].join(),
    false,
  );
});

Deno.test("drawLabelledWindow() refuses windows higher than a scroll", () => {
  assertThrows(
    () => drawLabelledWindow(0, { ...OPTIONS, size: 513 }),
    RangeError,
    "Cannot draw window: size must be at most 512 for the handscroll, got 513",
  );
});
