import { type Extent, type Grid, patchAt, type PatchPosition } from "../core/mod.ts";
import { chooseOrder } from "./_choose_order.ts";
import { findLastUse, findPeak, rankPatches, visitNearby } from "./_lifetimes.ts";
import { type GenerationOrderOptions, resolveOrder } from "./generation_order.ts";

/** One patch to generate: where it lies, and what it may look at. */
export interface PlanStep {
  /** The patch to generate. */
  readonly position: PatchPosition;
  /** Earlier patches within the extent, known ones first, then in generation order; shape `[N]`. */
  readonly context: readonly PatchPosition[];
  /** The row of the table of relative position embeddings for each context patch; shape `[N]`. */
  readonly offsets: readonly number[];
  /** Index of the last step that selects this patch; its own index where none does. */
  readonly lastUse: number;
}

/** An order with everything that follows from it: contexts, waves, and how long the pool must keep a patch. */
export interface Plan {
  /** The canvas. */
  readonly grid: Grid;
  /** How far context may lie. */
  readonly extent: Extent;
  /** The order's name, the chosen one where `auto` was asked; `custom` for a caller's list or comparator. */
  readonly orderName: string;
  /** One a patch to generate, in generation order. */
  readonly steps: readonly PlanStep[];
  /** The known patches that some step selects: their caches must be in the pool before the first step. */
  readonly known: readonly PatchPosition[];
  /** Indices of steps that can be filled together, because all their context is finished; shape `[W][...]`. */
  readonly waves: readonly (readonly number[])[];
  /** By patch index, the last step that selects a patch; -1 for a known patch that none selects. Shape `[P]`. */
  readonly lastUse: Int32Array;
  /** By patch index, the last wave that selects a patch, in the same manner. Shape `[P]`. */
  readonly lastWave: Int32Array;
  /** The most patches that the pool holds after Remove, step by step, the known ones at the start included. */
  readonly peak: number;
  /** The same where each wave is added, and then what no later wave selects is removed. */
  readonly wavePeak: number;
  /**
   * The largest number of context patches of a step; for `random`, of a step of any shuffle, so that plans of all seeds
   * fit what was compiled for one.
   */
  readonly maxContext: number;
  /** The number of context patches of all steps together: the work to be done. */
  readonly sumContext: number;
  /** Sentences for the user, e.g. that another order would need a smaller pool. */
  readonly warnings: readonly string[];
}

/** {@link GenerationOrderOptions}, with the extent that the model was trained for. */
export interface ScheduleOrderOptions extends GenerationOrderOptions {
  /** How far context may lie. */
  readonly extent: Extent;
}

/** The most pairs of patches that a plan may have to look at. */
const MAX_PAIRS = 500_000_000;

/**
 * Turns an order into a plan: for every patch its context and when it leaves the pool; waves; the pool's peak.
 *
 * On a large canvas the peak is `frames * rows * columns + across * S + along`, where S is the number of patches of a
 * column (down-right, down-left) or a row (right-down, right-up), `across` is the extent across it and `along` the
 * extent along it. So it is constant in the direction of growth only if the inner loop is the bounded side.
 *
 * Source: Wu et al. 2022, NUWA-Infinity, arXiv:2207.09814, sections 3.2 and 3.3. Waves and peaks are ours.
 *
 * @throws {RangeError} As {@link generationOrder}; or if extent and canvas are too large together.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { scheduleOrder } from "nuwa-infinity";
 * const extent = { width: 2, height: 2, frames: 0 };
 * const plan = scheduleOrder({ grid: { rows: 8, columns: 152, frames: 1 }, order: "auto", extent });
 * assertEquals([plan.orderName, plan.peak], ["down-right", 18]);
 * ```
 */
export function scheduleOrder(options: ScheduleOrderOptions): Plan {
  const { grid, extent } = options;
  assertPairs(grid, extent);
  const { name, patches, known } = resolveOrder(options);
  const ranks = rankPatches(patches, known.length);
  const lastUse = findLastUse(grid, extent, patches, ranks);
  const peak = findPeak(ranks, lastUse);
  const positions = Array.from(known, (_, patch) => patchAt(grid, patch)); // [P], shared by all contexts
  const tables = { grid, extent, positions, ranks, lastUse };
  const steps = Array.from(patches, (patch, step) => createStep(tables, patch, step));
  return {
    grid,
    extent,
    orderName: name,
    steps,
    known: listKnown(grid, known, lastUse),
    ...findWaves(grid, extent, patches, ranks),
    lastUse,
    peak,
    maxContext: name === "random" && steps.length > 0
      ? countWindow(grid, extent) - 1
      : steps.reduce((largest, { context }) => Math.max(largest, context.length), 0),
    sumContext: steps.reduce((sum, { context }) => sum + context.length, 0),
    warnings: warnAboutPeak(name, peak, chooseOrder(grid, extent, known)),
  };
}

/** The most patches within the extent of a patch, itself included. */
function countWindow(grid: Grid, extent: Extent): number {
  return Math.min(grid.rows, 2 * extent.height + 1) * Math.min(grid.columns, 2 * extent.width + 1) *
    Math.min(grid.frames, extent.frames + 1);
}

function assertPairs(grid: Grid, extent: Extent): void {
  const numPairs = grid.rows * grid.columns * grid.frames * countWindow(grid, extent);
  if (numPairs > MAX_PAIRS) {
    throw new RangeError(
      `Cannot schedule order: patches times nearby patches must be at most ${MAX_PAIRS}, got ${numPairs}`,
    );
  }
}

interface Tables {
  readonly grid: Grid;
  readonly extent: Extent;
  readonly positions: readonly PatchPosition[];
  readonly ranks: Int32Array;
  readonly lastUse: Int32Array;
}

function createStep(
  { grid, extent, positions, ranks, lastUse }: Tables,
  patch: number,
  step: number,
): PlanStep {
  const positionOf = (index: number) => positions[index] ?? patchAt(grid, index);
  const nearby: { readonly patch: number; readonly offset: number; readonly rank: number }[] = [];
  visitNearby(grid, extent, patch, (other, offset) => {
    const rank = ranks[other] ?? step;
    if (rank < step) nearby.push({ patch: other, offset, rank });
  });
  nearby.sort((a, b) => a.rank - b.rank || a.patch - b.patch);
  return {
    position: positionOf(patch),
    context: nearby.map((other) => positionOf(other.patch)), // [N]
    offsets: nearby.map((other) => other.offset), // [N]
    lastUse: lastUse[patch] ?? step,
  };
}

function listKnown(grid: Grid, known: Uint8Array, lastUse: Int32Array): PatchPosition[] {
  const positions: PatchPosition[] = [];
  known.forEach((isKnown, patch) => {
    if (isKnown && (lastUse[patch] ?? -1) >= 0) positions.push(patchAt(grid, patch));
  });
  return positions;
}

/** A step belongs to the wave after the last one of its context. */
function findWaves(
  grid: Grid,
  extent: Extent,
  patches: Int32Array,
  ranks: Int32Array,
): Pick<Plan, "waves" | "lastWave" | "wavePeak"> {
  const waveOf = new Int32Array(ranks.length).fill(-1); // [P]
  const lastWave = new Int32Array(ranks.length).fill(-1); // [P]
  const waves: number[][] = [];
  patches.forEach((patch, step) => {
    const context: number[] = [];
    visitNearby(grid, extent, patch, (other) => (ranks[other] ?? step) < step && context.push(other));
    const wave = context.reduce((latest, other) => Math.max(latest, waveOf[other] ?? -1), -1) + 1;
    waveOf[patch] = lastWave[patch] = wave;
    for (const other of context) lastWave[other] = Math.max(lastWave[other] ?? -1, wave);
    (waves[wave] ??= []).push(step);
  });
  return { waves, lastWave, wavePeak: findPeak(waveOf, lastWave) };
}

function warnAboutPeak(
  name: string,
  peak: number,
  best: { readonly name: string; readonly peak: number },
): string[] {
  if (peak <= best.peak) return [];
  return [
    `Order ${name} keeps up to ${peak} patches in the context pool; ${best.name} would keep ${best.peak}`,
  ];
}
