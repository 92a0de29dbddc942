import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { createPicture, type Picture } from "../../lib/core/mod.ts";
import { measureStrip, spreadStrips } from "../../lib/metrics/mod.ts";

function draw(colourAt: (x: number) => readonly number[]): Picture {
  const picture = createPicture(32, 256);
  for (let pixel = 0; pixel < 32 * 256; pixel++) picture.data.set(colourAt(pixel % 256), pixel * 3);
  return picture;
}

Deno.test("measureStrip() of patches that get brighter and meet with a step", () => {
  // By hand: neighbours differ by 1, across the 15 borders by |8 - 15| = 7; in the middle of the 16 patches by 1.
  const strip = measureStrip(
    draw((x) => {
      const value = 8 * Math.floor(x / 16) + x % 16;
      return [value, value, value];
    }),
    16,
  );
  assertEquals([strip.seamHorizontal, strip.seamVertical, strip.controlVertical], [7, 1, 1]);
  assertAlmostEquals(strip.controlHorizontal, 239 / (15 * 7 + 224), 1e-12);
  assertAlmostEquals(strip.driftBrightness, 8, 1e-9);
  assertAlmostEquals(strip.driftContrast, 0, 1e-9);
  assertAlmostEquals(strip.driftWarmth, 0, 1e-9);
});

Deno.test("measureStrip() tells warmth from brightness, and contrast from both", () => {
  const red = measureStrip(draw((x) => [3 * Math.floor(x / 16), 0, 0]), 16);
  assertAlmostEquals(red.driftBrightness, 1, 1e-9);
  assertAlmostEquals(red.driftWarmth, 3, 1e-9);
  const stripes = measureStrip(
    draw((x) => {
      const value = 128 + (x % 2 === 0 ? 1 : -1) * 2 * Math.floor(x / 16);
      return [value, value, value];
    }),
    16,
  );
  assertAlmostEquals(stripes.driftContrast, 2, 1e-9);
  assertAlmostEquals(stripes.driftBrightness, 0, 1e-9);
});

Deno.test("spreadStrips() gives mean and sample deviation of every figure", () => {
  const flat = measureStrip(createPicture(32, 256), 16);
  const { mean, deviation } = spreadStrips([
    { ...flat, driftBrightness: 1 },
    { ...flat, driftBrightness: 3 },
  ]);
  assertEquals(mean, { ...flat, driftBrightness: 2 });
  assertAlmostEquals(deviation.driftBrightness, Math.SQRT2, 1e-12);
  assertEquals(deviation.seamHorizontal, 0);
  assertThrows(
    () => spreadStrips([flat]),
    RangeError,
    "Cannot compute spread: strips must number at least 2, got 1",
  );
});
