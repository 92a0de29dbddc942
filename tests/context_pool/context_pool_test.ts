import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  addToPool,
  type ContextPool,
  emptyPool,
  type PatchCache,
  poolBytes,
  poolKey,
  poolSize,
  removeUnused,
  removeUnusedAfterWave,
  selectContext,
} from "../../lib/context_pool/mod.ts";
import { createTensor, createUniform, type PatchPosition } from "../../lib/core/mod.ts";
import { ORDER_NAMES, type Plan, scheduleOrder } from "../../lib/direction/mod.ts";

/** L 2, M 3, d 2: 24 numbers, 96 bytes. */
function cacheOf(position: PatchPosition): PatchCache {
  return { position, caches: createTensor([1, 2, 2, 1, 3, 2], new Float32Array(24)) };
}

function keys(positions: Iterable<PatchPosition>): string[] {
  return [...positions].map(poolKey).sort();
}

/** The finished patches that a step still to come has in its context: the definition of what must stay. */
function needed(plan: Plan, isDone: (step: number) => boolean): string[] {
  const finished = new Set(
    keys([...plan.known, ...plan.steps.filter((_, i) => isDone(i)).map((s) => s.position)]),
  );
  const wanted = plan.steps.flatMap(({ context }, step) => isDone(step) ? [] : keys(context));
  return [...new Set(wanted)].filter((key) => finished.has(key)).sort();
}

/** Plans on random canvases with random extents and known patches, one an order. */
function randomPlans(seed: number): Plan[] {
  const uniform = createUniform(seed);
  const upTo = (largest: number) => Math.floor(uniform() * (largest + 1));
  return ORDER_NAMES.map((order) => {
    const grid = { rows: 1 + upTo(4), columns: 1 + upTo(5), frames: 1 + upTo(2) };
    const extent = { width: upTo(2), height: upTo(2), frames: upTo(2) };
    const known = Array.from({ length: upTo(3) }, () => ({
      frame: upTo(grid.frames - 1),
      row: upTo(grid.rows - 1),
      column: upTo(grid.columns - 1),
    }));
    return scheduleOrder({ grid, extent, known, order, seed });
  });
}

function positionsOf(pool: ContextPool): PatchPosition[] {
  return [...pool.patches.values()].map(({ position }) => position);
}

Deno.test("removeUnused() keeps what a later step selects and nothing else", () => {
  for (let seed = 0; seed < 20; seed++) {
    for (const plan of randomPlans(seed)) {
      let pool = addToPool(emptyPool(), plan.known.map(cacheOf));
      let largest = poolSize(pool);
      for (const [step, { position, context }] of plan.steps.entries()) {
        assertEquals(selectContext(pool, plan, step).map((patch) => patch.position), [...context]);
        pool = removeUnused(addToPool(pool, [cacheOf(position)]), plan, step);
        assertEquals(keys(positionsOf(pool)), needed(plan, (other) => other <= step));
        largest = Math.max(largest, poolSize(pool));
      }
      assertEquals([largest, poolSize(pool)], [plan.peak, 0]);
    }
  }
});

Deno.test("removeUnusedAfterWave() keeps what a later wave selects and nothing else", () => {
  for (let seed = 20; seed < 40; seed++) {
    for (const plan of randomPlans(seed)) {
      let pool = addToPool(emptyPool(), plan.known.map(cacheOf));
      let largest = poolSize(pool);
      const done = new Set<number>();
      for (const [index, wave] of plan.waves.entries()) {
        const patches = wave.map((step) => {
          const { position, context } = plan.steps[step] ?? fail();
          assertEquals(selectContext(pool, plan, step).map((patch) => patch.position), [...context]);
          return cacheOf(position);
        });
        wave.forEach((step) => done.add(step));
        pool = removeUnusedAfterWave(addToPool(pool, patches), plan, index);
        assertEquals(keys(positionsOf(pool)), needed(plan, (step) => done.has(step)));
        largest = Math.max(largest, poolSize(pool));
      }
      assertEquals([largest, poolSize(pool)], [plan.wavePeak, 0]);
    }
  }
});

function fail(): never {
  throw new RangeError("a wave names a step that does not exist");
}

Deno.test("removeUnused() bounds the pool's bytes on a large canvas, whatever its width", () => {
  // For omega growth, pool bytes must not depend on the width.
  const largest = [40, 160].map((columns) => {
    const plan = scheduleOrder({
      grid: { rows: 8, columns, frames: 1 },
      order: "omega",
      extent: { width: 2, height: 2, frames: 0 },
    });
    let pool = emptyPool(), bytes = 0;
    for (const [step, { position }] of plan.steps.entries()) {
      pool = removeUnused(addToPool(pool, [cacheOf(position)]), plan, step);
      bytes = Math.max(bytes, poolBytes(pool));
    }
    return bytes;
  });
  assertEquals(largest, [18 * 96, 18 * 96]);
});

Deno.test("removeUnused() drops at step -1 the known patches that nobody selects", () => {
  const known = [0, 1, 2].map((column) => ({ frame: 0, row: 0, column }));
  const extent = { width: 1, height: 0, frames: 0 };
  const plan = scheduleOrder({ grid: { rows: 1, columns: 5, frames: 1 }, order: "zeta", known, extent });
  const pool = addToPool(emptyPool(), known.map(cacheOf));
  assertEquals(keys(positionsOf(removeUnused(pool, plan, -1))), ["0,0,2"]);
  assertEquals(keys(positionsOf(removeUnusedAfterWave(pool, plan, -1))), ["0,0,2"]);
});

Deno.test("addToPool() leaves the pool that it was given alone, and replaces a patch", () => {
  const position = { frame: 0, row: 0, column: 0 };
  const empty = emptyPool(), one = addToPool(empty, [cacheOf(position)]);
  const newer = { ...cacheOf(position), tokens: new Int32Array(3) };
  const two = addToPool(one, [newer]);
  assertEquals([poolSize(empty), poolSize(one), poolSize(two)], [0, 1, 1]);
  assertEquals([poolBytes(empty), poolBytes(one), poolBytes(two)], [0, 96, 108]);
  assert(two.patches.get(poolKey(position)) === newer);
});

Deno.test("addToPool() refuses caches of another shape", () => {
  const position = { frame: 0, row: 0, column: 0 };
  const wrong = { position, caches: createTensor([2, 2, 3], new Float32Array(12)) };
  assertThrows(
    () => addToPool(emptyPool(), [wrong]),
    TypeError,
    "Cannot add to pool: caches must have shape [streams, L, 2, heads, M, headDim], got [2, 2, 3]",
  );
  const other = { position, caches: createTensor([1, 2, 2, 1, 3, 4], new Float32Array(48)) };
  assertThrows(
    () => addToPool(addToPool(emptyPool(), [cacheOf(position)]), [other]),
    TypeError,
    "Cannot add to pool: caches must have shape [1, 2, 2, 1, 3, 2] like the others, got [1, 2, 2, 1, 3, 4]",
  );
});

Deno.test("selectContext() names the patch that is missing", () => {
  const grid = { rows: 1, columns: 2, frames: 1 }, extent = { width: 1, height: 1, frames: 0 };
  const plan = scheduleOrder({ grid, order: "zeta", extent });
  assertEquals(selectContext(emptyPool(), plan, 0), []);
  assertThrows(
    () => selectContext(emptyPool(), plan, 1),
    RangeError,
    "Cannot select context of step 1: pool must hold frame 0, row 0, column 0, got 0 others",
  );
  assertThrows(
    () => selectContext(emptyPool(), plan, 2),
    RangeError,
    "Cannot select context: stepIndex must be an index of 2 steps, got 2",
  );
});
