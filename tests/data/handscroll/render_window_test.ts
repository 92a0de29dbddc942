import { assert, assertEquals, assertGreater, assertLess, assertThrows } from "@std/assert";
import { renderWindow, type Season, SEASONS, type Window, type World } from "../../../lib/data/mod.ts";
import { paintView } from "../../../lib/data/handscroll/paint_view.ts";
import { resolveWorld } from "../../../lib/data/handscroll/world.ts";
import { createUniform } from "../../../lib/core/mod.ts";

/** The largest difference of `part` from the same pixels of `whole`, at an offset in output pixels. */
function largestDifference(
  whole: Window,
  part: Window,
  world: World,
  offset: { x: number; y: number },
): number {
  const a = renderWindow(world, whole), b = renderWindow(world, part);
  let largest = 0;
  for (let row = 0; row < (b.shape[0] ?? 0); row++) {
    for (let column = 0; column < (b.shape[1] ?? 0); column++) {
      for (let channel = 0; channel < 3; channel++) {
        const expected = a.get(row + offset.y, column + offset.x, channel);
        largest = Math.max(largest, Math.abs(expected - b.get(row, column, channel)));
      }
    }
  }
  return largest;
}

/** The mean absolute difference of two pictures of one shape. */
function meanDifference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] ?? 0)), 0) / a.length;
}

Deno.test("renderWindow() gives height x width x 3 pixels, scaled", () => {
  assertEquals(renderWindow({ seed: 1 }, { x: 5, width: 40 }).shape, [512, 40, 3]);
  assertEquals(renderWindow({ seed: 1 }, { x: 5, y: 256, width: 40, height: 20, scale: 1.5 }).shape, [
    30,
    60,
    3,
  ]);
});

Deno.test("renderWindow() joins: a window equals the crop of a larger one, byte for byte", () => {
  const uniform = createUniform(11);
  for (const [index, season] of SEASONS.entries()) {
    const left = Math.floor((uniform() - 0.5) * 8000), time = index * 7.3;
    const x = Math.floor(uniform() * 500), y = Math.floor(uniform() * 300);
    const whole = { x: left, width: 700, time };
    const part = { x: left + x, y, width: 150, height: 200, time };
    assertEquals(largestDifference(whole, part, { seed: index, season }, { x, y }), 0);
  }
});

Deno.test("renderWindow() joins at negative x, scale 1.5 and fractional x", () => {
  const world: World = { seed: 5, season: "winter", hour: "night" };
  const whole = { x: -300.5, width: 400, scale: 1.5, time: 2 };
  const part = { x: -300.5 + 100 / 1.5, y: 50 / 1.5, width: 100, height: 80, scale: 1.5, time: 2 };
  assertEquals(largestDifference(whole, part, world, { x: 100, y: 50 }), 0);
});

Deno.test("paintView() is the same across tile borders, up to anti-aliasing", () => {
  const hours = ["day", "dusk", "night", "day"] as const;
  for (const [index, season] of SEASONS.entries()) {
    const world = resolveWorld({ seed: 20 + index, season, hour: hours[index] ?? "day" });
    const left = -1024 + 1536 * index;
    const whole = paintView(world, { left, scale: 1, width: 768, height: 512, time: 3 });
    const middle = paintView(world, { left: left + 256, scale: 1, width: 256, height: 512, time: 3 });
    let numOff = 0, largest = 0;
    for (let i = 0; i < middle.length; i++) {
      const row = Math.floor(i / 1024), byte = i % 1024;
      const difference = Math.abs((middle[i] ?? 0) - (whole[row * 3072 + 1024 + byte] ?? 0));
      largest = Math.max(largest, difference);
      if (difference > 8) numOff++;
    }
    assertLess(largest, 80); // a tree cut off at a border would reach 100 and more
    assertLess(numOff / middle.length, 1e-3);
  }
});

Deno.test("renderWindow() is deterministic and depends on the seed", () => {
  const window = { x: 90, width: 64 };
  const first = renderWindow({ seed: 3 }, window).data.slice();
  assertEquals(renderWindow({ seed: 3 }, window).data, first);
  assertGreater(meanDifference(renderWindow({ seed: 4 }, window).data, first), 1);
});

Deno.test("renderWindow() moves a little and smoothly with time", () => {
  const world: World = { seed: 8, season: "spring", hour: "day" };
  const at = (time: number) => renderWindow(world, { x: 0, width: 512, time }).data;
  const start = at(0), soon = at(0.2), later = at(20);
  const small = meanDifference(start, soon);
  assertGreater(small, 0.01);
  assertLess(small, 2);
  assertGreater(meanDifference(start, later), small);
});

Deno.test("renderWindow() shows season and hour in the palette of any crop", () => {
  const meanOf = (season: Season, hour: "day" | "dusk" | "night", y: number) => {
    const { data } = renderWindow({ seed: 2, season, hour }, { x: 300, y, width: 256, height: 256 });
    return [0, 1, 2].map((c) =>
      data.reduce((sum, v, i) => i % 3 === c ? sum + v : sum, 0) / (data.length / 3)
    );
  };
  for (const y of [0, 128, 256]) {
    for (const season of SEASONS) {
      const [day = 0] = meanOf(season, "day", y), [night = 0] = meanOf(season, "night", y);
      assertLess(night, day - 40);
      const [red = 0, , blue = 0] = meanOf(season, "dusk", y);
      assert(red > blue + 20, `dusk of ${season} at ${y} is warm: ${red} ${blue}`);
    }
  }
});

Deno.test("renderWindow() refuses windows that cannot be drawn", () => {
  const refuse = (window: Window, message: string) =>
    assertThrows(() => renderWindow({ seed: 1 }, window), RangeError, message);
  refuse({ x: 0, width: 0 }, "Cannot render window: width must be positive, got 0");
  refuse({ x: NaN, width: 1 }, "Cannot render window: x must be a finite number, got NaN");
  refuse({ x: 0, width: 2 ** 20 }, "at most 2^28 output pixels, got 1048576x512");
  refuse({ x: 0, y: 500, width: 10, height: 13 }, "within the scroll's 0 to 512, got 500 and 13");
  refuse({ x: 0, width: 10, scale: 0 }, "scale must be between 1/16 and 16, got 0");
  refuse({ x: 0, width: 10, time: Infinity }, "time must be a finite number, got Infinity");
});

Deno.test("renderWindow() refuses worlds that do not exist", () => {
  assertThrows(
    () => renderWindow({ seed: 0.5 }, { x: 0, width: 1 }),
    RangeError,
    "Cannot use world: seed must be a safe integer, got 0.5",
  );
  // A caller without types, e.g. the command line.
  const world = JSON.parse('{"seed":1,"season":"monsoon"}');
  assertThrows(
    () => renderWindow(world, { x: 0, width: 1 }),
    RangeError,
    "season must be one of spring, summer, autumn, winter, got monsoon",
  );
});
