import { assertEquals, assertThrows } from "@std/assert";
import { assertGrid, countPatches, patchAt, patchIndex } from "../../lib/core/mod.ts";

const grid = { rows: 3, columns: 5, frames: 2 };

Deno.test("patchIndex() and patchAt() undo each other", () => {
  const indices = Array.from({ length: countPatches(grid) }, (_, index) => index);
  assertEquals(indices.map((index) => patchIndex(grid, patchAt(grid, index))), indices);
});

Deno.test("patchIndex() counts frames, then rows, then columns", () => {
  assertEquals(countPatches(grid), 30);
  assertEquals(patchIndex(grid, { frame: 0, row: 0, column: 4 }), 4);
  assertEquals(patchIndex(grid, { frame: 0, row: 1, column: 0 }), 5);
  assertEquals(patchIndex(grid, { frame: 1, row: 0, column: 0 }), 15);
  assertEquals(patchAt(grid, 29), { frame: 1, row: 2, column: 4 });
});

Deno.test("assertGrid() names the side that is not a positive integer", () => {
  assertGrid({ rows: 1, columns: 1, frames: 1 });
  for (const value of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(
      () => assertGrid({ ...grid, columns: value }),
      RangeError,
      `Cannot use grid: columns must be a positive integer, got ${value}`,
    );
  }
});
