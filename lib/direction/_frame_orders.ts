import type { Uniform } from "../core/mod.ts";
import type { OrderName } from "./order_name.ts";
import { hilbert } from "./_hilbert.ts";
import { outward, type StartDirection } from "./_outward.ts";

/** One frame of a canvas, as an order sees it. Cells are numbered row by row. */
export interface Frame {
  readonly rows: number;
  readonly columns: number;
  /** 1 where a cell is known; shape `[rows * columns]`. */
  readonly known: Uint8Array;
  readonly uniform: Uniform;
  readonly startDirection: StartDirection;
}

/** Lists every cell of a frame in the order in which it is visited, known cells included. */
export type FrameOrder = (frame: Frame) => number[];

/** The orders by name. All of them are pure, but for the draws that `random` takes from `frame.uniform`. */
export const FRAME_ORDERS: Readonly<Record<Exclude<OrderName, "auto">, FrameOrder>> = {
  "down-right": ({ rows, columns }) => scan(columns, rows, (column, row) => row * columns + column),
  "down-left": ({ rows, columns }) => scan(columns, rows, (step, row) => (row + 1) * columns - 1 - step),
  "right-down": ({ rows, columns }) => scan(rows, columns, (row, column) => row * columns + column),
  "right-up": ({ rows, columns }) =>
    scan(rows, columns, (step, column) => (rows - 1 - step) * columns + column),
  "serpentine": ({ rows, columns }) =>
    scan(rows, columns, (row, step) => row * columns + (row % 2 === 0 ? step : columns - 1 - step)),
  outward,
  hilbert,
  "random": shuffle,
};

function scan(
  numOuter: number,
  numInner: number,
  cellAt: (outer: number, inner: number) => number,
): number[] {
  const cells: number[] = [];
  for (let outer = 0; outer < numOuter; outer++) {
    for (let inner = 0; inner < numInner; inner++) cells.push(cellAt(outer, inner));
  }
  return cells;
}

/** Fisher and Yates's shuffle. */
function shuffle({ rows, columns, uniform }: Frame): number[] {
  const cells = scan(rows, columns, (row, column) => row * columns + column);
  for (let last = cells.length - 1; last > 0; last--) {
    const other = Math.floor(uniform() * (last + 1));
    const moved = cells[last] ?? 0;
    cells[last] = cells[other] ?? 0;
    cells[other] = moved;
  }
  return cells;
}
