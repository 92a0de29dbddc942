import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  addToPool,
  compareOrders,
  emptyPool,
  type Figure,
  type HeatmapTrace,
  patchIndex,
  plotNeighbours,
  plotOrder,
  plotPool,
  plotPoolBytes,
  plotPoolLives,
  plotWaves,
  poolPeakClosedForm,
  poolSize,
  removeUnused,
  scheduleOrder,
} from "nuwa-infinity";
import { cubePlan, PICTURE_EXTENT, planOf, samplePicture, spiralPlan } from "./_fixtures.ts";

/** The first heat map of a figure. */
function heatmapOf({ data }: Figure): HeatmapTrace {
  const found = data.find((trace) => trace.type === "heatmap");
  if (found?.type !== "heatmap") throw new TypeError("no heat map");
  return found;
}

Deno.test("plotOrder() numbers the 27 patches of the paper's example, frame after frame", () => {
  const { z } = heatmapOf(plotOrder(cubePlan()));
  // PAPER.md 1.2: frame-major, then omega (top to bottom, next column to the right); a column of nothing between frames.
  assertEquals(z, [
    [1, 4, 7, null, 10, 13, 16, null, 19, 22, 25],
    [2, 5, 8, null, 11, 14, 17, null, 20, 23, 26],
    [3, 6, 9, null, 12, 15, 18, null, 21, 24, 27],
  ]);
});

Deno.test("plotOrder() draws the spiral of 52 patches around what is known", () => {
  const figure = plotOrder(spiralPlan());
  const numbers = heatmapOf(figure).z.flat().filter((number) => number !== null);
  assertEquals(numbers.toSorted((a, b) => a - b), Array.from({ length: 52 }, (_, i) => i + 1));
  const known = figure.data.find(({ name }) => name === "known");
  assert(known?.type === "heatmap");
  assertEquals(known.z.flat().filter((value) => value === 0).length, 4);
  assert(figure.alt.includes("52 patches on 7 x 8"), figure.alt);
});

Deno.test("plotOrder() replays: at step 24 of the spiral only 24 patches show, with the context of the 24th", () => {
  const plan = spiralPlan(), figure = plotOrder(plan);
  const step = figure.layout.sliders[0]?.steps[23];
  assertEquals(step?.label, "step 24");
  const [changes, traces] = step?.args ?? [{}, []];
  assertEquals(traces.map((trace) => figure.data[trace]?.name), ["to come", "its context", "patch at hand"]);
  const curtain = figure.data[traces[0] ?? -1];
  assert(curtain?.type === "heatmap" && Array.isArray(changes.zmin) && Array.isArray(changes.x));
  const [last] = changes.zmin;
  const shown = curtain.z.flat().filter((value) => value !== null && value >= 0 && value <= last);
  assertEquals(shown.length, 24);
  assertEquals(changes.x[1].length, plan.steps[23]?.context.length);
  assertEquals(changes.x[2], [plan.steps[23]?.position.column]);
});

Deno.test("plotOrder() thins sliders and canvases that are too large, and says so", () => {
  const long = plotOrder(planOf(8, 152, "omega"));
  assert((long.layout.sliders[0]?.steps.length ?? 999) <= 66);
  assert(JSON.stringify(long).length < 300_000);
  const huge = plotOrder(scheduleOrder({
    grid: { rows: 150, columns: 150, frames: 1 },
    order: "right-down",
    extent: { width: 1, height: 0, frames: 0 },
  }));
  assertEquals(heatmapOf(huge).z.length, 75);
  assert(huge.alt.includes("only every 2nd row and column is shown"), huge.alt);
});

Deno.test("compareOrders() moves both orders with one slider", () => {
  const figure = compareOrders([planOf(4, 6, "omega"), planOf(4, 6, "zeta")]);
  assertEquals(figure.layout.sliders.length, 1);
  assertEquals(figure.layout.sliders[0]?.steps[0]?.args[1].length, 6); // a curtain and two kinds of squares for each
  assertThrows(
    () => compareOrders([]),
    RangeError,
    "Cannot compare orders: plans must number at least 1, got 0",
  );
});

Deno.test("plotOrder() takes one picture a frame", () => {
  const picture = samplePicture(64, 96);
  assertEquals(plotOrder(planOf(4, 6, "omega"), { pictures: [picture] }).layout.images.length, 1);
  assertThrows(
    () => plotOrder(cubePlan(), { pictures: [picture] }),
    RangeError,
    "Cannot draw canvas: pictures must be one a frame, 3, got 1",
  );
});

Deno.test("plotWaves() shows the wave of each patch", () => {
  // A patch of omega with extent 2 waits for the one above and, at the latest, for two rows below in the column before.
  const plan = planOf(2, 2, "omega");
  assertEquals(heatmapOf(plotWaves(plan)).z, [[1, 3], [2, 4]]);
});

Deno.test("plotNeighbours() gives patch 27 of the paper's example its seven offsets", () => {
  const plan = cubePlan(), figure = plotNeighbours(plan, 26);
  const { z, hovertext } = heatmapOf(figure);
  assertEquals(z.flat().filter((role) => role === 2).length, 7);
  // PAPER.md 1.2: labels a, d, b, e of the frame before and j, m, k of this one, counted from a = 0.
  const embeddings = (hovertext ?? []).flat().flatMap((text) => text.match(/embedding (\d+)/)?.[1] ?? []).map(
    Number,
  );
  assertEquals(embeddings.toSorted((a, b) => a - b), [0, 1, 3, 4, 9, 10, 12]);
  assertThrows(
    () => plotNeighbours(plan, 27),
    RangeError,
    "Cannot draw neighbours: stepIndex must be an index of 27 steps, got 27",
  );
});

Deno.test("plotPool() and plotPoolLives() count what a pool that is really filled holds", () => {
  for (const plan of [cubePlan(), planOf(4, 6, "zeta*"), planOf(3, 3, "hilbert")]) {
    const counts: number[] = [];
    let pool = emptyPool();
    plan.steps.forEach(({ position }, step) => {
      counts.push(poolSize(pool));
      const caches = { shape: [1, 1, 2, 1, 1, 1], data: new Float32Array(2) };
      pool = removeUnused(addToPool(pool, [{ position, caches }]), plan, step);
    });
    const labels = plotPool(plan).layout.sliders[0]?.steps.map(({ label }) => label);
    assertEquals(
      labels,
      counts.map((count, i) => `step ${i + 1}: ${count} patch${count === 1 ? "" : "es"} in the pool`),
    );
    const bars = plotPoolLives(plan).data.find(({ type }) => type === "bar");
    assert(bars?.type === "bar");
    // A life of n steps is counted n times.
    assertEquals(
      bars.x.reduce((sum, life) => sum + life, 0),
      counts.reduce((sum, count) => sum + count, 0) + poolSize(pool),
    );
  }
});

Deno.test("plotPool() marks a given pool and the context", () => {
  const plan = planOf(4, 4, "omega");
  const caches = { shape: [1, 1, 2, 1, 1, 1], data: new Float32Array(2) };
  const pool = addToPool(emptyPool(), [{ position: { frame: 0, row: 1, column: 2 }, caches }]);
  const marks = plotPool(plan, { stepIndex: 5, pool }).data.find(({ name }) => name === "in the pool given");
  assert(marks?.type === "scatter");
  assertEquals([marks.x, marks.y], [[2], [1]]);
  assert(plotPool(plan, { pool: emptyPool() }).alt.includes("at most 10 patches of 16"));
  assertThrows(
    () => plotPool(plan, { stepIndex: 16 }),
    RangeError,
    "Cannot draw pool: stepIndex must be an index of 16 steps, got 16",
  );
});

Deno.test("poolPeakClosedForm() gives the peaks of PAPER.md 1.3, and so do plans", () => {
  const table = [
    [[4, 4, 1], [2, 2, 0], ["omega", "omega*", "zeta", "zeta*"], 10],
    [[8, 152, 1], [2, 2, 0], ["omega", "omega*"], 18],
    [[8, 152, 1], [2, 2, 0], ["zeta", "zeta*"], 306],
    [[4, 4, 5], [1, 1, 3], ["omega", "omega*", "zeta", "zeta*"], 53],
    [[3, 3, 3], [1, 1, 1], ["omega", "omega*", "zeta", "zeta*"], 13],
  ] as const;
  for (const [[rows, columns, frames], [width, height, back], orders, peak] of table) {
    for (const order of orders) {
      const plan = scheduleOrder({
        grid: { rows, columns, frames },
        order,
        extent: { width, height, frames: back },
      });
      assertEquals([plan.peak, poolPeakClosedForm(plan)], [peak, peak]);
    }
  }
  assertEquals(poolPeakClosedForm(planOf(4, 4, "hilbert")), undefined);
});

Deno.test("plotPoolBytes() draws 306 caches of the paper's largest model as 4.48 GiB", () => {
  // PAPER.md 1.3: 24 * 256 * 1280 numbers a patch, 15 MiB in half precision; 306 of them against 18.
  const figure = plotPoolBytes([planOf(8, 152, "zeta"), planOf(8, 152, "omega")], {
    bytesPerPatch: 24 * 256 * 1280 * 2,
  });
  const highest = figure.data.map((trace) =>
    trace.type === "scatter" ? Math.max(...trace.y.map((y) => y ?? 0)) : 0
  );
  assertEquals(highest.map((value) => value.toFixed(3)), ["4.482", "4.482", "0.264", "0.264"]);
  assertEquals(figure.layout.yaxis?.title?.text, "GiB");
  assertThrows(
    () => plotPoolBytes([planOf(1, 1, "omega")], { bytesPerPatch: NaN }),
    RangeError,
    "Cannot draw pool: bytesPerPatch must be a positive number, got NaN",
  );
  const strange = plotPoolBytes([planOf(2, 2, "omega")], { bytesPerPatch: 8, measured: [8, NaN, Infinity] });
  assert(strange.alt.includes("2 measured values are not numbers"), strange.alt);
});

Deno.test("figures of one patch are figures, and plain JSON", () => {
  const plan = scheduleOrder({
    grid: { rows: 1, columns: 1, frames: 1 },
    order: "omega",
    extent: PICTURE_EXTENT,
  });
  assertEquals(patchIndex(plan.grid, { frame: 0, row: 0, column: 0 }), 0);
  const figures = [
    plotOrder(plan),
    plotWaves(plan),
    plotNeighbours(plan, 0),
    plotPool(plan),
    plotPoolLives(plan),
    plotPoolBytes([plan], { bytesPerPatch: 1 }),
  ];
  for (const figure of figures) {
    assert(figure.alt.length > 20);
    assertEquals(JSON.parse(JSON.stringify(figure)), { ...figure });
  }
});
