import { patchIndex, type PatchPosition, type TokenGrid } from "../core/mod.ts";
import { BASIC_ORDER_NAMES, generationOrder, type Plan, scheduleOrder } from "../direction/mod.ts";
import type { CanvasLayout } from "./canvas_layout.ts";
import type { GenerateOptions } from "./generate.ts";

/** What decides in which sequence the patches of a canvas come. */
export type ScheduleCanvasOptions = Pick<GenerateOptions, "order" | "seed" | "known">;

/** A plan whose first steps are the known patches. */
export interface CanvasPlan {
  /** Every patch of the canvas is a step of it. */
  readonly plan: Plan;
  /** How many of its steps, from the first, are of known patches: their tokens are read instead of drawn. */
  readonly numKnown: number;
}

/**
 * Makes one plan of a whole canvas: first the known patches, then the others. The known ones come in the sequence of the
 * basic order that the others go on with (down-right for other orders), so that a pool of them is that of a picture
 * which was generated so far.
 *
 * Source: NUWA-Infinity, arXiv:2207.09814, algorithm 2, pre-caching of the image condition.
 */
export function scheduleCanvas(
  layout: CanvasLayout,
  { order = "auto", seed = 0, known: tokens }: ScheduleCanvasOptions,
): CanvasPlan {
  const { grid, extent } = layout;
  const known = tokens === undefined ? [] : listKnownPatches(layout, tokens);
  const rest = scheduleOrder({ grid, extent, order, seed, known });
  if (known.length === 0) return { plan: rest, numKnown: 0 };
  const isKnown = new Set(known.map((position) => patchIndex(grid, position)));
  const basic = BASIC_ORDER_NAMES.find((name) => name === rest.orderName) ?? "down-right";
  const first = generationOrder({ grid, order: basic })
    .filter((position) => isKnown.has(patchIndex(grid, position)));
  const whole = scheduleOrder({
    grid,
    extent,
    order: [...first, ...rest.steps.map(({ position }) => position)],
  });
  const maxContext = Math.max(whole.maxContext, rest.maxContext); // the latter holds for all seeds of `random`
  const plan = { ...whole, orderName: rest.orderName, maxContext, warnings: [] }; // no order would generate these first
  return { plan, numKnown: first.length };
}

/** The patches all of whose tokens are known. */
function listKnownPatches({ grid, patchTokens: { height, width } }: CanvasLayout, known: TokenGrid) {
  const shape = [grid.rows * height, grid.columns * width];
  if (known.shape.join() !== shape.join()) {
    throw new TypeError(
      `Cannot generate picture: known must have shape [${shape.join(", ")}], as the canvas, got [${
        known.shape.join(", ")
      }]`,
    );
  }
  const patches: PatchPosition[] = [];
  for (let row = 0; row < grid.rows; row++) {
    for (let column = 0; column < grid.columns; column++) {
      const position = { frame: 0, row, column };
      if (readTokens(known, position, { height, width }).every((id) => id >= 0)) patches.push(position);
    }
  }
  return patches;
}

/** The codes of one patch, `[M]`: the inverse of `placePatches`. */
export function readTokens(
  tokens: TokenGrid,
  { row, column }: PatchPosition,
  { height, width }: CanvasLayout["patchTokens"],
): Int32Array {
  return Int32Array.from({ length: height * width }, (_, index) => {
    return tokens.get(row * height + Math.floor(index / width), column * width + index % width);
  });
}

/** @throws {RangeError} If a token is neither a code nor -1. */
export function assertCodes(known: TokenGrid, codebookSize: number): void {
  const [h = 0, w = 0] = known.shape;
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const id = known.get(y, x);
      if (Number.isInteger(id) && id >= -1 && id < codebookSize) continue;
      throw new RangeError(
        `Cannot generate picture: known must hold codes below ${codebookSize}, or -1 where nothing is known, got ${id}`,
      );
    }
  }
}

/**
 * Which steps' patches must be put into the pool: those that are drawn, and known ones that one of these sees, directly or
 * through others. What is left out cannot matter. Shape `[P]`.
 */
export function findPooled({ plan: { grid, steps }, numKnown }: CanvasPlan): readonly boolean[] {
  const isPooled: boolean[] = new Array(steps.length).fill(false); // by patch index, [P]
  for (const [index, { position, context }] of [...steps.entries()].reverse()) {
    const patch = patchIndex(grid, position);
    if (index >= numKnown) isPooled[patch] = true;
    if (isPooled[patch]) { for (const seen of context) isPooled[patchIndex(grid, seen)] = true; }
  }
  return steps.map(({ position }) => isPooled[patchIndex(grid, position)] === true);
}
