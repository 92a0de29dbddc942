import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { createPicture, createUniform, ndarray, type Picture } from "../../lib/core/mod.ts";
import { columnMoments, driftSlope, psnr, seamRatio, ssim } from "../../lib/metrics/mod.ts";

/** A grey picture whose values are given by place. */
function draw(height: number, width: number, valueAt: (y: number, x: number) => number): Picture {
  const picture = createPicture(height, width);
  for (let pixel = 0; pixel < height * width; pixel++) {
    picture.data.fill(valueAt(Math.floor(pixel / width), pixel % width), pixel * 3, pixel * 3 + 3);
  }
  return picture;
}

function noise(height: number, width: number, seed: number): Picture {
  const uniform = createUniform(seed);
  return draw(height, width, () => Math.floor(uniform() * 256));
}

const dark = draw(32, 40, () => 100), light = draw(32, 40, () => 150);

Deno.test("psnr() of constant pictures", () => {
  // Computed with numpy 2.4 and scipy 1.17.
  assertAlmostEquals(psnr(dark, light), 14.151403521958727, 1e-12);
  assertEquals(psnr(dark, dark), Infinity);
});

Deno.test("ssim() of constant pictures", () => {
  // Computed with numpy 2.4 and scipy 1.17.
  assertAlmostEquals(ssim(dark, light), 0.923092310530793, 1e-12);
  assertAlmostEquals(ssim(dark, dark), 1, 1e-12);
});

Deno.test("ssim() is near 0 for independent noise and symmetric", () => {
  const a = noise(64, 64, 1), b = noise(64, 64, 2);
  assert(Math.abs(ssim(a, b)) < 0.05);
  assertAlmostEquals(ssim(a, b), ssim(b, a), 1e-12);
});

Deno.test("psnr() and ssim() read views with strides", () => {
  const whole = noise(40, 40, 3);
  const view = ndarray(whole.data, [32, 32, 3], [120, 3, 1], 8 * 120 + 8 * 3);
  const copy = draw(32, 32, (y, x) => whole.get(y + 8, x + 8, 0));
  assertEquals(psnr(view, copy), Infinity);
  assertAlmostEquals(ssim(view, copy), 1, 1e-12);
});

Deno.test("psnr() and ssim() refuse pictures that do not fit", () => {
  const message = "both pictures must have the same shape [H, W, 3], got [32, 40, 3] and [40, 32, 3]";
  assertThrows(() => psnr(dark, createPicture(40, 32)), TypeError, `Cannot compute psnr: ${message}`);
  assertThrows(() => ssim(dark, createPicture(40, 32)), TypeError, `Cannot compute ssim: ${message}`);
  assertThrows(
    () => ssim(createPicture(10, 40), createPicture(10, 40)),
    RangeError,
    "Cannot compute ssim: pictures must have sides of at least 11 pixels, got 40 x 10",
  );
});

Deno.test("seamRatio() of ramps, of a step and of noise", () => {
  // By hand; for noise, the expectation.
  assertEquals(seamRatio(draw(64, 64, (y, x) => x + y), { period: 16 }), { horizontal: 1, vertical: 1 });
  const step = draw(16, 16, (y, x) => x + y + (x >= 8 ? 5 : 0));
  assertEquals(seamRatio(step, { period: 8 }), { horizontal: 6, vertical: 1 });
  assertEquals(seamRatio(step, { period: 8, offset: 4 }).vertical, 1);
  assert(seamRatio(step, { period: 8, offset: 4 }).horizontal < 1);
  const { horizontal, vertical } = seamRatio(noise(512, 512, 4), { period: 16 });
  assertAlmostEquals(horizontal, 1, 0.02);
  assertAlmostEquals(vertical, 1, 0.02);
});

Deno.test("seamRatio() is 1 without borders or differences, and infinite for flat tiles", () => {
  assertEquals(seamRatio(dark, { period: 64 }), { horizontal: 1, vertical: 1 });
  assertEquals(seamRatio(dark, { period: 8 }), { horizontal: 1, vertical: 1 });
  const tiles = draw(8, 16, (_, x) => x < 8 ? 0 : 9);
  assertEquals(seamRatio(tiles, { period: 8 }), { horizontal: Infinity, vertical: 1 });
  assertThrows(
    () => seamRatio(dark, { period: 1 }),
    RangeError,
    "Cannot compute seam ratio: period must be an integer >= 2, got 1",
  );
});

Deno.test("columnMoments() and driftSlope() find a picture that grows lighter", () => {
  const ramp = draw(8, 70, (_, x) => 10 + 3 * Math.floor(x / 16));
  const moments = columnMoments(ramp, 16);
  assertEquals(moments.map(({ mean }) => mean[0]), [10, 13, 16, 19]);
  assertEquals(moments[0]?.deviation, [0, 0, 0]);
  assertAlmostEquals(driftSlope(moments.map(({ mean }) => mean[1] ?? 0)), 3, 1e-12);
  const [half] = columnMoments(draw(2, 2, (_, x) => 20 * x), 2);
  assertEquals(half, { mean: [10, 10, 10], deviation: [10, 10, 10] });
  assertThrows(
    () => columnMoments(ramp, 71),
    RangeError,
    "blockWidth must be an integer from 1 to 70, got 71",
  );
});

Deno.test("driftSlope() is the least-squares slope", () => {
  // By hand: x 0, 1, 3; y 1, 2, 2; means 4/3 and 5/3; 4/3 over 14/3.
  assertAlmostEquals(driftSlope([1, 2, 2], [0, 1, 3]), 2 / 7, 1e-12);
  assertEquals(driftSlope([5, 5, 5]), 0);
  assertThrows(
    () => driftSlope([1]),
    RangeError,
    "Cannot compute drift slope: distances must be 1 numbers, not all equal",
  );
});
