import { assertEquals, assertThrows } from "@std/assert";
import { generationOrder, numOffsets, offsetIndex, relativeOffset } from "../../lib/direction/mod.ts";

Deno.test("offsetIndex() gives the labels of the paper's 27-patch example", () => {
  // Wu et al. 2022, section 3.2, figure of the 3 x 3 x 3 canvas.
  const labels = { 14: "a", 15: "d", 17: "b", 18: "e", 23: "j", 24: "m", 26: "k", 27: "n" };
  const patches = generationOrder({ grid: { rows: 3, columns: 3, frames: 3 }, order: "omega" });
  const [target] = patches.slice(26);
  for (const [number, label] of Object.entries(labels)) {
    const [context] = patches.slice(Number(number) - 1);
    if (target === undefined || context === undefined) throw new RangeError("the canvas has 27 patches");
    const index = offsetIndex({ width: 1, height: 1, frames: 1 }, relativeOffset(target, context));
    assertEquals("abcdefghijklmnopqr"[index], label);
  }
});

Deno.test("numOffsets() counts the embeddings of the paper's extents", () => {
  // Wu et al. 2022, section 3.2, for (1,1,1); by the same formula, (2,2,0), (1,1,3), (2,2,3).
  const counts = [[1, 1, 1], [2, 2, 0], [1, 1, 3], [2, 2, 3]]
    .map(([width = 0, height = 0, frames = 0]) => numOffsets({ width, height, frames }));
  assertEquals(counts, [18, 25, 36, 100]);
});

Deno.test("offsetIndex() numbers all offsets once, in order", () => {
  const extent = { width: 2, height: 1, frames: 1 };
  const indices = [];
  for (const frames of [-1, 0]) {
    for (let row = -1; row <= 1; row++) {
      for (let column = -2; column <= 2; column++) indices.push(offsetIndex(extent, { frames, row, column }));
    }
  }
  assertEquals(indices, Array.from({ length: numOffsets(extent) }, (_, index) => index));
});

Deno.test("offsetIndex() refuses what lies outside the extent", () => {
  const extent = { width: 1, height: 1, frames: 0 };
  assertThrows(
    () => offsetIndex(extent, { frames: 0, row: 2, column: 0 }),
    RangeError,
    "Cannot index offset: offset must lie within extent 1,1,0, got frames 0, row 2, column 0",
  );
  assertThrows(() => offsetIndex(extent, { frames: 1, row: 0, column: 0 }), RangeError);
  assertThrows(
    () => numOffsets({ width: -1, height: 0, frames: 0 }),
    RangeError,
    "width must be a non-negative integer",
  );
});
