import { type Extent, type Grid, patchAt, type PatchPosition } from "../core/mod.ts";
import { assertCanvas, markKnown } from "./_canvas.ts";
import { chooseOrder } from "./_choose_order.ts";
import { orderPatches, type PatchComparator } from "./_order_patches.ts";
import { START_DIRECTIONS, type StartDirection } from "./_outward.ts";
import { parseOrderName } from "./order_name.ts";
import { assertExtent } from "./relative_offset.ts";

/**
 * A generation order: a name of {@link ORDER_NAMES} (or the paper's Greek one), a list of all positions to generate,
 * or a comparator of the positions of a frame.
 */
export type Order = string | readonly PatchPosition[] | PatchComparator;

/** What {@link generationOrder} orders, and how. */
export interface GenerationOrderOptions {
  /** The canvas. */
  readonly grid: Grid;
  /** A name, a list or a comparator. */
  readonly order: Order;
  /** Patches that are there already; they are not generated. @default [] */
  readonly known?: readonly PatchPosition[];
  /** Which shuffle `random` gives. @default 0 */
  readonly seed?: number;
  /** The side on which `outward` starts. @default "left" */
  readonly startDirection?: StartDirection;
  /** The extent for which `auto` chooses. @default the paper's 2, 2, 0 */
  readonly extent?: Extent;
}

/** The extent that the paper uses for pictures. */
const PICTURE_EXTENT: Extent = { width: 2, height: 2, frames: 0 };

/**
 * Lists the patches to generate, in generation order.
 *
 * Frames come one after another, each in the same order; only a caller's own list may mix them.
 *
 * Source: Wu et al. 2022, NUWA-Infinity, arXiv:2207.09814, section 3.2, Split of the Arbitrary Direction Controller.
 *
 * @returns All positions of the canvas that are not known; shape `[P]`.
 * @throws {RangeError} If the order has no such name, a known patch lies outside the canvas, the canvas is absurdly
 * large, or a list does not hold every unknown patch once.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { generationOrder } from "nuwa-infinity";
 * const order = generationOrder({ grid: { rows: 2, columns: 2, frames: 1 }, order: "down-left" });
 * assertEquals(order.map(({ row, column }) => [row, column]), [[0, 1], [1, 1], [0, 0], [1, 0]]);
 * ```
 */
export function generationOrder(options: GenerationOrderOptions): PatchPosition[] {
  return Array.from(resolveOrder(options).patches, (patch) => patchAt(options.grid, patch));
}

/** An order as indices of patches, with the name that it goes by. For this folder only. */
export interface ResolvedOrder {
  readonly name: string;
  readonly patches: Int32Array;
  readonly known: Uint8Array;
}

/** Checks the options, chooses where they say `auto`, and orders. For this folder only. */
export function resolveOrder(options: GenerationOrderOptions): ResolvedOrder {
  const { grid, order, seed = 0, startDirection = "left", extent = PICTURE_EXTENT } = options;
  assertCanvas(grid);
  assertExtent(extent);
  if (!START_DIRECTIONS.includes(startDirection)) {
    throw new RangeError(
      `Cannot order patches: startDirection must be one of ${
        START_DIRECTIONS.join(", ")
      }, got ${startDirection}`,
    );
  }
  const known = markKnown(grid, options.known ?? []);
  const shared = { grid, known, seed, startDirection };
  if (typeof order !== "string") {
    return { name: "custom", patches: orderPatches({ ...shared, order }), known };
  }
  const asked = parseOrderName(order);
  const name = asked === "auto" ? chooseOrder(grid, extent, known).name : asked;
  return { name, patches: orderPatches({ ...shared, order: name }), known };
}
