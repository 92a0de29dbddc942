import { assertEquals, assertThrows } from "@std/assert";
import type { PatchPosition } from "../../lib/core/mod.ts";
import { generationOrder, ORDER_NAMES } from "../../lib/direction/mod.ts";

const at = (row: number, column: number, frame = 0): PatchPosition => ({ frame, row, column });
const grid = { rows: 2, columns: 3, frames: 1 };

/** The numbers that a picture of the order would show: the step of every patch, row by row. */
function numbers(rows: number, columns: number, order: string): number[] {
  const positions = generationOrder({ grid: { rows, columns, frames: 1 }, order, seed: 1 });
  const steps = new Array<number>(rows * columns).fill(-1);
  positions.forEach(({ row, column }, step) => steps[row * columns + column] = step);
  return steps;
}

Deno.test("generationOrder() follows the arrows of the paper's four orders", () => {
  // Wu et al. 2022, section 3.2: the arrows of omega, omega*, zeta and zeta*.
  assertEquals(numbers(2, 3, "down-right"), [0, 2, 4, 1, 3, 5]);
  assertEquals(numbers(2, 3, "down-left"), [4, 2, 0, 5, 3, 1]);
  assertEquals(numbers(2, 3, "right-down"), [0, 1, 2, 3, 4, 5]);
  assertEquals(numbers(2, 3, "right-up"), [3, 4, 5, 0, 1, 2]);
});

Deno.test("generationOrder() accepts the paper's Greek names", () => {
  const pairs = [["omega", "down-right"], ["omega*", "down-left"], ["zeta", "right-down"], [
    "zeta*",
    "right-up",
  ]];
  for (const [greek = "", name = ""] of pairs) assertEquals(numbers(3, 4, greek), numbers(3, 4, name));
});

Deno.test("generationOrder() turns round at the end of every row in serpentine order", () => {
  assertEquals(numbers(3, 3, "serpentine"), [0, 1, 2, 5, 4, 3, 6, 7, 8]);
});

Deno.test("generationOrder() grows the 52-patch spiral of the paper", () => {
  // Wu et al. 2022, figure on outpainting: the only rings that fit its 52 numbers; side and length of every strip.
  const strips = "L2 D3 R3 U4 L4 D5 R5 U6 L6 D7 R7".split(" ");
  const known = [at(2, 3), at(2, 4), at(3, 3), at(3, 4)];
  const positions = generationOrder({ grid: { rows: 7, columns: 8, frames: 1 }, order: "outward", known });
  assertEquals(positions.length, 52);
  let top = 2, left = 3, bottom = 3, right = 4, start = 0;
  for (const strip of strips) {
    const length = Number(strip.slice(1)), side = strip[0];
    const patches = positions.slice(start, start += length);
    if (side === "L") left--, assertEquals(patches, patches.map((_, i) => at(top + i, left)));
    if (side === "R") right++, assertEquals(patches, patches.map((_, i) => at(top + i, right)));
    if (side === "D") bottom++, assertEquals(patches, patches.map((_, i) => at(bottom, left + i)));
    if (side === "U") top--, assertEquals(patches, patches.map((_, i) => at(top, left + i)));
  }
  assertEquals([top, left, bottom, right, start], [0, 0, 6, 7, 52]);
});

Deno.test("generationOrder() starts the spiral on the side asked for and passes over the canvas's edges", () => {
  const options = { grid: { rows: 2, columns: 3, frames: 1 }, order: "outward", known: [at(0, 1)] };
  assertEquals(generationOrder({ ...options, startDirection: "right" }), [
    at(0, 2),
    at(0, 0),
    at(1, 0),
    at(1, 1),
    at(1, 2),
  ]);
});

Deno.test("generationOrder() starts the spiral in the middle where nothing is known, in each frame", () => {
  const positions = generationOrder({
    grid: { rows: 3, columns: 3, frames: 2 },
    order: "outward",
    known: [at(0, 0, 1)],
  });
  assertEquals(positions.slice(0, 3), [at(1, 1), at(1, 0), at(2, 0)]);
  assertEquals(positions.slice(9, 11), [at(1, 0, 1), at(0, 1, 1)]);
});

Deno.test("generationOrder() fills holes between known patches first", () => {
  const known = [at(0, 0), at(0, 2), at(2, 1)];
  const positions = generationOrder({ grid: { rows: 4, columns: 3, frames: 1 }, order: "outward", known });
  assertEquals(positions.slice(0, 2), [at(0, 1), at(1, 0)]);
});

Deno.test("generationOrder() walks a Hilbert curve from neighbour to neighbour", () => {
  assertEquals(numbers(2, 2, "hilbert"), [0, 3, 1, 2]);
  for (const [rows, columns] of [[8, 8], [5, 9], [9, 5], [1, 7], [7, 1], [8, 152], [3, 1000]] as const) {
    const positions = generationOrder({ grid: { rows, columns, frames: 1 }, order: "hilbert" });
    positions.slice(1).forEach((position, i) => {
      const before = positions[i] ?? position;
      assertEquals(
        Math.max(Math.abs(position.row - before.row), Math.abs(position.column - before.column)),
        1,
      );
    });
  }
});

Deno.test("generationOrder() shuffles by seed", () => {
  const shuffled = (seed: number) =>
    generationOrder({ grid: { rows: 5, columns: 5, frames: 2 }, order: "random", seed });
  assertEquals(shuffled(3), shuffled(3));
  assertEquals(JSON.stringify(shuffled(3)) === JSON.stringify(shuffled(4)), false);
});

Deno.test("generationOrder() takes a comparator, frame by frame", () => {
  const positions = generationOrder({
    grid: { rows: 1, columns: 3, frames: 2 },
    order: (a, b) => b.column - a.column,
    known: [at(0, 1, 1)],
  });
  assertEquals(positions, [at(0, 2), at(0, 1), at(0, 0), at(0, 2, 1), at(0, 0, 1)]);
});

Deno.test("generationOrder() chooses the order that extends what is known", () => {
  const whole = generationOrder({ grid: { rows: 4, columns: 4, frames: 1 }, order: "right-down" });
  const halves: [string, (position: PatchPosition) => boolean][] = [
    ["down-right", ({ column }) => column < 2],
    ["down-left", ({ column }) => column >= 2],
    ["right-down", ({ row }) => row < 2],
    ["right-up", ({ row }) => row >= 2],
  ];
  for (const [expected, isKnown] of halves) {
    const options = { grid: { rows: 4, columns: 4, frames: 1 }, known: whole.filter(isKnown) };
    assertEquals(
      generationOrder({ ...options, order: "auto" }),
      generationOrder({ ...options, order: expected }),
    );
  }
});

Deno.test("generationOrder() names what is wrong", () => {
  const list = generationOrder({ grid, order: "right-down" });
  const check = (options: Parameters<typeof generationOrder>[0], message: string) =>
    assertThrows(() => generationOrder(options), RangeError, message);
  check(
    { grid, order: "spiral" },
    `must be one of ${ORDER_NAMES.join(", ")}, omega, omega*, zeta, zeta*, got "spiral"`,
  );
  check(
    { grid, order: [...list, at(0, 2)] },
    "order[6] must not repeat an earlier position, got frame 0, row 0, column 2",
  );
  check(
    { grid, order: list.slice(1) },
    "order must list every unknown patch, got none at frame 0, row 0, column 0",
  );
  check(
    { grid, order: [at(0, 3), ...list] },
    "order[0] must lie on the canvas, got frame 0, row 0, column 3",
  );
  check(
    { grid, order: list, known: [at(1, 1)] },
    "order[4] must not be a known patch, got frame 0, row 1, column 1",
  );
  check(
    { grid, order: "auto", known: [at(0, 0), at(0, 0.5)] },
    "known[1] must lie on the canvas of 2 rows, 3 columns and 1 frames, got frame 0, row 0, column 0.5",
  );
  check(
    { grid: { rows: 4096, columns: 4096, frames: 1 }, order: "auto" },
    "grid must have at most 4000000 patches",
  );
  check(
    { grid: { rows: 0, columns: 1, frames: 1 }, order: "auto" },
    "rows must be a positive integer, got 0",
  );
});

Deno.test("generationOrder() gives nothing where all is known, and leaves its input alone", () => {
  const known = Object.freeze(generationOrder({ grid, order: "right-down" }));
  for (const order of ORDER_NAMES) assertEquals(generationOrder({ grid, order, known }), []);
  assertEquals(generationOrder({ grid, order: [], known }), []);
});
