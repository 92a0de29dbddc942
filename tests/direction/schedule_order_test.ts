import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Extent, Grid, PatchPosition } from "../../lib/core/mod.ts";
import { generationOrder, scheduleOrder } from "../../lib/direction/mod.ts";

const BASIC = ["omega", "omega*", "zeta", "zeta*"];

function gridOf(rows: number, columns: number, frames: number): Grid {
  return { rows, columns, frames };
}

function extentOf(width: number, height: number, frames: number): Extent {
  return { width, height, frames };
}

function figures(grid: Grid, extent: Extent, order: string): number[] {
  const { maxContext, sumContext, peak } = scheduleOrder({ grid, extent, order });
  return [maxContext, sumContext, peak];
}

Deno.test("scheduleOrder() has the context and pool sizes of the paper's canvases", () => {
  // Counted from the definitions of Wu et al. 2022, section 3.3: max context, sum of contexts, peak.
  for (const order of BASIC) {
    assertEquals(figures(gridOf(4, 4, 1), extentOf(2, 2, 0), order), [10, 90, 10], order);
    const peak = order.startsWith("omega") ? 18 : 306;
    assertEquals(figures(gridOf(8, 152, 1), extentOf(2, 2, 0), order), [12, 12210, peak], order);
    assertEquals(figures(gridOf(4, 4, 5), extentOf(1, 1, 3), order), [31, 1110, 53], order);
    assertEquals(figures(gridOf(3, 3, 3), extentOf(1, 1, 1), order), [13, 158, 13], order);
  }
});

Deno.test("scheduleOrder() follows the closed forms on a large canvas", () => {
  // Closed form for peak and interior context.
  const rows = 12, columns = 15, frames = 6;
  for (const [width, height, back] of [[2, 2, 0], [1, 1, 3], [2, 2, 3], [3, 1, 1], [1, 3, 0]] as const) {
    const past = (2 * width + 1) * (2 * height + 1) * back;
    for (const order of BASIC) {
      const [fast, slow, side] = order.startsWith("omega") ? [height, width, rows] : [width, height, columns];
      const [maxContext, , peak] = figures(
        gridOf(rows, columns, frames),
        extentOf(width, height, back),
        order,
      );
      assertEquals(peak, back * rows * columns + slow * side + fast, `${order} ${width},${height},${back}`);
      assertEquals(maxContext, past + slow * (2 * fast + 1) + fast);
    }
  }
});

Deno.test("scheduleOrder() gives patch 27 of the 27-patch example its context and offsets", () => {
  // Wu et al. 2022, section 3.2: context {14,15,17,18,23,24,26} with labels {a,d,b,e,j,m,k}; patch 14 sees 1 to 13.
  const grid = gridOf(3, 3, 3);
  const patches = generationOrder({ grid, order: "omega" });
  const { steps } = scheduleOrder({ grid, order: "omega", extent: extentOf(1, 1, 1) });
  const numbersOf = (context: readonly PatchPosition[] = []) =>
    context.map((wanted) => patches.findIndex((p) => JSON.stringify(p) === JSON.stringify(wanted)) + 1);
  assertEquals(numbersOf(steps[26]?.context), [14, 15, 17, 18, 23, 24, 26]);
  assertEquals(steps[26]?.offsets.map((offset) => "abcdefghijklmnopqr"[offset]), [
    "a",
    "d",
    "b",
    "e",
    "j",
    "m",
    "k",
  ]);
  assertEquals(numbersOf(steps[13]?.context), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
});

Deno.test("scheduleOrder() chooses the order whose pool is bounded in the direction of growth", () => {
  const extent = extentOf(2, 2, 0);
  const choices = [[8, 152], [152, 8], [5, 5]].map(([rows = 1, columns = 1]) =>
    scheduleOrder({ grid: gridOf(rows, columns, 1), extent, order: "auto" })
  );
  assertEquals(choices.map(({ orderName, peak }) => [orderName, peak]), [
    ["down-right", 18],
    ["right-down", 18],
    ["down-right", 12],
  ]);
  assertEquals(choices.flatMap(({ warnings }) => warnings), []);
});

Deno.test("scheduleOrder() grows away from a known half", () => {
  const grid = gridOf(8, 40, 1), extent = extentOf(2, 2, 0);
  const all = generationOrder({ grid, order: "zeta" });
  const chosen = (isKnown: (position: PatchPosition) => boolean) =>
    scheduleOrder({ grid, extent, order: "auto", known: all.filter(isKnown) }).orderName;
  assertEquals(chosen(({ column }) => column < 20), "down-right");
  assertEquals(chosen(({ column }) => column >= 20), "down-left");
});

Deno.test("scheduleOrder() warns of an order that needs a larger pool than the best of the four", () => {
  const grid = gridOf(8, 152, 1), extent = extentOf(2, 2, 0);
  assertEquals(scheduleOrder({ grid, extent, order: "zeta" }).warnings, [
    "Order right-down keeps up to 306 patches in the context pool; down-right would keep 18",
  ]);
  assertEquals(scheduleOrder({ grid, extent, order: "omega*" }).warnings, []);
});

Deno.test("scheduleOrder() lists as known only what some step selects", () => {
  const grid = gridOf(1, 6, 1);
  const known = [0, 1, 2].map((column) => ({ frame: 0, row: 0, column }));
  const plan = scheduleOrder({ grid, order: "down-right", known, extent: extentOf(1, 1, 0) });
  assertEquals(plan.known, [{ frame: 0, row: 0, column: 2 }]);
  assertEquals(plan.lastUse, new Int32Array([-1, -1, 0, 1, 2, 2]));
  assertEquals([plan.peak, plan.sumContext], [1, 3]);
});

Deno.test("scheduleOrder() plans nothing where all is known", () => {
  const known = [{ frame: 0, row: 0, column: 0 }];
  const plan = scheduleOrder({ grid: gridOf(1, 1, 1), order: "auto", known, extent: extentOf(2, 2, 0) });
  assertEquals([plan.steps, plan.waves, plan.known, plan.peak, plan.maxContext], [[], [], [], 0, 0]);
});

Deno.test("scheduleOrder() without extent makes one wave of everything", () => {
  const plan = scheduleOrder({ grid: gridOf(3, 4, 1), order: "random", extent: extentOf(0, 0, 0) });
  assertEquals([plan.waves.length, plan.waves[0]?.length, plan.peak, plan.wavePeak], [1, 12, 0, 0]);
});

Deno.test("scheduleOrder() plans large canvases", () => {
  for (const [rows, columns] of [[64, 64], [8, 512]] as const) {
    const plan = scheduleOrder({ grid: gridOf(rows, columns, 1), order: "auto", extent: extentOf(2, 2, 0) });
    assertEquals(plan.steps.length, rows * columns);
    assertEquals(plan.peak, 2 * rows + 2);
    assert(plan.waves.length < plan.steps.length / 2);
  }
});

Deno.test("scheduleOrder() refuses what would never end", () => {
  const order = "auto";
  assertThrows(
    () => scheduleOrder({ grid: gridOf(8000, 8000, 1), order, extent: extentOf(2, 2, 0) }),
    RangeError,
    "Cannot schedule order: patches times nearby patches must be at most 500000000, got 1600000000",
  );
  assertThrows(
    () => scheduleOrder({ grid: gridOf(4, 4, 1), order, extent: extentOf(2, 0.5, 0) }),
    RangeError,
    "Cannot use extent: height must be a non-negative integer, got 0.5",
  );
});

Deno.test("scheduleOrder() gives plans of random orders one maxContext, whatever the seed", () => {
  for (const seed of [0, 1, 2, 3]) {
    const plan = scheduleOrder({ grid: gridOf(6, 4, 1), order: "random", seed, extent: extentOf(2, 2, 0) });
    assertEquals(plan.maxContext, 5 * 4 - 1); // a patch in the middle, if it comes last
  }
});
