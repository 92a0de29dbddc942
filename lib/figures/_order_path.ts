import type { PatchPosition } from "../core/mod.ts";
import type { Plan } from "../direction/mod.ts";
import { type Canvas, placeOf } from "./_canvas.ts";
import { axesOf } from "./_layout.ts";
import type { ScatterTrace } from "./figure.ts";

/** The most moves whose arrows can be told apart. */
const MAX_ARROWS = 400;

/**
 * The path of an order: short arrows between neighbours, dotted lines for jumps, the patches' numbers left free. White
 * with a dark rim, so that it shows on every colour. A frame's path ends with the frame.
 */
export function orderPath(plan: Plan, canvas: Canvas, panel: number): ScatterTrace[] {
  if (plan.steps.length > MAX_ARROWS || canvas.cell < 9) return [];
  const near: Move[] = [], far: Move[] = [];
  plan.steps.forEach(({ position }, step) => {
    const next = plan.steps[step + 1]?.position;
    if (next === undefined || next.frame !== position.frame) return;
    const isNear = Math.max(Math.abs(next.row - position.row), Math.abs(next.column - position.column)) === 1;
    (isNear ? near : far).push(createMove(canvas, position, next));
  });
  const line = (
    moves: readonly Move[],
    color: string,
    width: number,
    dash: "solid" | "dot",
  ): ScatterTrace => ({
    type: "scatter",
    mode: "lines",
    ...alternate(moves),
    ...axesOf(panel),
    hoverinfo: "skip",
    line: { color, width, dash },
  });
  const head = (color: string, size: number): ScatterTrace => ({
    type: "scatter",
    mode: "markers",
    ...alternate(near),
    ...axesOf(panel),
    hoverinfo: "skip",
    marker: { color, symbol: "arrow", angleref: "previous", size: near.flatMap(() => [0, size, 0]) },
  });
  return [
    ...(far.length === 0
      ? []
      : [line(far, RIM, 2.4, "solid"), line(far, "rgba(255,255,255,0.8)", 1.2, "dot")]),
    ...(near.length === 0
      ? []
      : [line(near, RIM, 4, "solid"), head(RIM, 12), line(near, "#ffffff", 1.8, "solid")]),
    ...(near.length === 0 ? [] : [head("#ffffff", 8)]),
  ];
}

const RIM = "rgba(0,0,0,0.4)";

/** A straight piece, from near one centre to near the next. */
interface Move {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

function createMove(canvas: Canvas, from: PatchPosition, to: PatchPosition): Move {
  const a = placeOf(canvas, from), b = placeOf(canvas, to);
  const length = Math.max(Math.abs(b.x - a.x), Math.abs(b.y - a.y));
  const free = (canvas.cell >= 26 ? 0.3 : 0.12) / length;
  const at = (start: number, end: number, part: number) => Number((start + (end - start) * part).toFixed(3));
  return { x: [at(a.x, b.x, free), at(a.x, b.x, 1 - free)], y: [at(a.y, b.y, free), at(a.y, b.y, 1 - free)] };
}

/** Pieces one after another, with gaps. */
function alternate(moves: readonly Move[]): { readonly x: (number | null)[]; readonly y: (number | null)[] } {
  return { x: moves.flatMap(({ x }) => [...x, null]), y: moves.flatMap(({ y }) => [...y, null]) };
}
