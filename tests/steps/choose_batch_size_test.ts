import { assertEquals } from "@std/assert";
import { scheduleOrder } from "../../lib/direction/mod.ts";
import { chooseBatchSize } from "../../lib/steps/mod.ts";

function choose(rows: number, columns: number, order: string, reach: number, numPictures = 1): number {
  const extent = { width: reach, height: reach, frames: 0 };
  return chooseBatchSize(scheduleOrder({ grid: { rows, columns, frames: 1 }, order, extent }), numPictures);
}

Deno.test("chooseBatchSize() is 1 where every patch waits for the one before", () => {
  assertEquals(choose(1, 1, "down-right", 2), 1);
  assertEquals(choose(8, 8, "serpentine", 2), 1);
});

Deno.test("chooseBatchSize() follows the width of the waves", () => {
  // Most waves of 8 x 32 patches in columns have three patches at extent 2, four at extent 1.
  assertEquals(choose(8, 32, "down-right", 2), 3);
  assertEquals(choose(8, 32, "down-right", 1), 4);
});

Deno.test("chooseBatchSize() makes room for all pictures, up to 16 patches, or deals them out evenly", () => {
  assertEquals(choose(8, 8, "serpentine", 2, 5), 5);
  assertEquals(choose(8, 8, "serpentine", 2, 16), 16);
  assertEquals(choose(8, 8, "serpentine", 2, 20), 10);
});
