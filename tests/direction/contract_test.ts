/** One contract for all orders: permutation, contexts, waves and last use, against definitions by brute force. */
import { assert, assertEquals } from "@std/assert";
import { type Extent, type Grid, patchIndex, type PatchPosition } from "../../lib/core/mod.ts";
import {
  type Order,
  ORDER_NAMES,
  type Plan,
  relativeOffset,
  scheduleOrder,
} from "../../lib/direction/mod.ts";

const CANVASES: { grid: Grid; extent: Extent; known: PatchPosition[] }[] = [
  { grid: { rows: 1, columns: 1, frames: 1 }, extent: { width: 2, height: 2, frames: 0 }, known: [] },
  { grid: { rows: 5, columns: 4, frames: 1 }, extent: { width: 2, height: 1, frames: 0 }, known: [] },
  {
    grid: { rows: 4, columns: 6, frames: 1 },
    extent: { width: 2, height: 2, frames: 0 },
    known: [{ frame: 0, row: 1, column: 2 }, { frame: 0, row: 2, column: 4 }, {
      frame: 0,
      row: 1,
      column: 2,
    }],
  },
  {
    grid: { rows: 3, columns: 4, frames: 3 },
    extent: { width: 1, height: 1, frames: 1 },
    known: [{ frame: 0, row: 0, column: 0 }, { frame: 2, row: 1, column: 1 }],
  },
];

const COMPARATORS: [string, Order][] = [
  ["diagonal comparator", (a, b) => a.row + a.column - b.row - b.column],
  ["constant comparator", () => 0],
];

/** The steps that a step may select, known patches apart, by the definition. */
function selectable({ steps, extent }: Plan, step: number): number[] {
  const target = steps[step]?.position;
  if (target === undefined) return [];
  return steps.flatMap(({ position }, other) =>
    isNear(extent, target, position) && other < step ? [other] : []
  );
}

function isNear(extent: Extent, target: PatchPosition, context: PatchPosition): boolean {
  const { frames, row, column } = relativeOffset(target, context);
  return frames <= 0 && -frames <= extent.frames && Math.abs(row) <= extent.height &&
    Math.abs(column) <= extent.width;
}

for (const [name, order] of [...ORDER_NAMES.map((name): [string, Order] => [name, name]), ...COMPARATORS]) {
  Deno.test(`scheduleOrder() keeps the contract in order ${name}`, () => {
    for (const { grid, extent, known } of CANVASES) {
      checkPlan(scheduleOrder({ grid, extent, known, order, seed: 5 }), known);
    }
  });
}

Deno.test("scheduleOrder() keeps the contract for a list that mixes frames", () => {
  const grid = { rows: 2, columns: 2, frames: 2 }, extent = { width: 1, height: 1, frames: 1 };
  const order = [0, 1, 2, 3].flatMap((cell) =>
    [1, 0].map((frame) => ({ frame, row: cell >> 1, column: cell & 1 }))
  );
  checkPlan(scheduleOrder({ grid, extent, order }), []);
});

function checkPlan(plan: Plan, known: readonly PatchPosition[]): void {
  const { grid, extent, steps, lastUse } = plan;
  const indices = [...steps.map(({ position }) => position), ...known].map((position) =>
    patchIndex(grid, position)
  );
  const all = Array.from({ length: lastUse.length }, (_, index) => index);
  assertEquals([...new Set(indices)].sort((a, b) => a - b), all, "a permutation of what is not known");
  assertEquals(steps.length + new Set(known.map((position) => patchIndex(grid, position))).size, all.length);
  checkContexts(plan, known);
  checkWaves(plan);
  for (const [step, { position, lastUse: last }] of steps.entries()) {
    const uses = steps.flatMap((_, other) => selectable(plan, other).includes(step) ? [other] : []);
    assertEquals(last, Math.max(step, ...uses));
    assertEquals(lastUse[patchIndex(grid, position)], last);
  }
  for (const position of known) {
    const uses = steps.flatMap((step, other) => isNear(extent, step.position, position) ? [other] : []);
    assertEquals(lastUse[patchIndex(grid, position)], Math.max(-1, ...uses));
    assertEquals(plan.known.some((p) => patchIndex(grid, p) === patchIndex(grid, position)), uses.length > 0);
  }
}

function checkContexts(plan: Plan, known: readonly PatchPosition[]): void {
  const { grid, extent, steps } = plan;
  const knownIndices = [...new Set(known.map((position) => patchIndex(grid, position)))].sort((a, b) =>
    a - b
  );
  for (const [step, { position, context, offsets }] of steps.entries()) {
    const fromKnown = plan.known.filter((p) => isNear(extent, position, p)).map((p) => patchIndex(grid, p));
    assert(fromKnown.every((index) => knownIndices.includes(index)));
    const fromSteps = selectable(plan, step).map((other) =>
      patchIndex(grid, steps[other]?.position ?? position)
    );
    assertEquals(context.map((p) => patchIndex(grid, p)), [...fromKnown, ...fromSteps]);
    const { width, height } = extent;
    const expected = context.map((p) => relativeOffset(position, p)).map(({ frames, row, column }) =>
      (frames + extent.frames) * (2 * height + 1) * (2 * width + 1) + (row + height) * (2 * width + 1) +
      column + width
    );
    assertEquals(offsets, expected);
  }
}

/** Waves are the levels of the dependency graph: found here by taking, again and again, all that is ready. */
function checkWaves(plan: Plan): void {
  const isDone = new Set<number>();
  for (const wave of plan.waves) {
    const ready = plan.steps.flatMap((_, step) =>
      !isDone.has(step) && selectable(plan, step).every((other) => isDone.has(other)) ? [step] : []
    );
    assertEquals([...wave], ready);
    wave.forEach((step) => isDone.add(step));
  }
  assertEquals(isDone.size, plan.steps.length);
}
