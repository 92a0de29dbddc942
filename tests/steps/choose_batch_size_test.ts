import { assertEquals } from "@std/assert";
import { scheduleOrder } from "../../lib/direction/mod.ts";
import { chooseBatchSize } from "../../lib/steps/mod.ts";

function choose(rows: number, columns: number, order: string, reach: number): number {
  const extent = { width: reach, height: reach, frames: 0 };
  return chooseBatchSize(scheduleOrder({ grid: { rows, columns, frames: 1 }, order, extent }));
}

Deno.test("chooseBatchSize() is 1 where every patch waits for the one before", () => {
  assertEquals(choose(1, 1, "down-right", 2), 1);
  assertEquals(choose(8, 8, "serpentine", 2), 1);
});

Deno.test("chooseBatchSize() follows the width of the waves, up to 4", () => {
  // Most waves of 8 x 32 patches in columns have three patches at extent 2, four at extent 1.
  assertEquals(choose(8, 32, "down-right", 2), 3);
  assertEquals(choose(8, 32, "down-right", 1), 4);
  assertEquals(choose(64, 64, "down-right", 1), 4);
});
