import { patchIndex } from "../core/mod.ts";
import type { Plan } from "../direction/mod.ts";
import {
  type Canvas,
  canvasCells,
  canvasPanel,
  createCanvas,
  frameMarks,
  framePictures,
  sayThinned,
  toMatrix,
} from "./_canvas.ts";
import { axesOf, colorBar, createLayout, HEADER, LEFT, note, roundTicks } from "./_layout.ts";
import { orderPath } from "./_order_path.ts";
import { ACCENT, VIRIDIS } from "./_palette.ts";
import { findPlanFacts } from "./_plan_facts.ts";
import { sayCount, sayPatch } from "./_words.ts";
import { chooseTimes, createCurtain, createSlider, curtainAt } from "./_replay.ts";
import { placeOf } from "./_canvas.ts";
import { createFigure, type Figure, type Restyle, type ScatterTrace, type Trace } from "./figure.ts";
import type { PictureSource } from "./picture_url.ts";

/** What may lie under a figure of patches. */
export interface CanvasFigureOptions {
  /** One picture a frame, shown below the patches. @default none */
  readonly pictures?: readonly PictureSource[];
}

/**
 * Draws a generation order: numbers, arrows and colours by step; a slider replays it and marks what each patch sees.
 *
 * Source: the order figures of Wu et al. 2022, NUWA-Infinity, arXiv:2207.09814, section 3.2.
 *
 * @throws {RangeError} If there are pictures, but not one a frame.
 */
export function plotOrder(plan: Plan, options: CanvasFigureOptions = {}): Figure {
  return plotOrders([plan], options, `Generation order ${plan.orderName}`);
}

/**
 * Draws generation orders side by side, with one slider for all.
 *
 * @param plans At least one; best of the same canvas.
 * @throws {RangeError} If there is no plan.
 */
export function compareOrders(plans: readonly Plan[], options: CanvasFigureOptions = {}): Figure {
  if (plans.length === 0) throw new RangeError("Cannot compare orders: plans must number at least 1, got 0");
  return plotOrders(plans, options, `Generation orders ${plans.map((plan) => plan.orderName).join(", ")}`);
}

function plotOrders(plans: readonly Plan[], { pictures = [] }: CanvasFigureOptions, title: string): Figure {
  const { canvases, ...size } = layOutPlans(plans);
  const drawn = plans.map((plan, i) => {
    const canvas = canvases[i] ?? createCanvas(plan.grid, { left: 0, top: 0, width: 1, height: 1 });
    return { plan, canvas, panel: i, size, isOverPicture: pictures.length > 0 };
  });
  const marks = canvases.map((canvas, i) => frameMarks(canvas, i));
  const names = plans.length === 1 ? [] : drawn.map(({ plan, canvas: { box } }) => {
    return note(size, `<b>${plan.orderName}</b>`, { left: box.left, top: box.top - 12 }, "left");
  });
  const subtitle = describePlans(plans) + sayThinned(canvases[0] ?? { stride: 1 });
  const data = [...drawn.flatMap(drawOrder), ...drawn.flatMap(createReplayMarks)];
  const slider = createSlider(size, { left: LEFT, width: size.width - 2 * LEFT, top: size.height - 70 }, [
    ...replayOrders(drawn, data),
  ]);
  return createFigure({
    data,
    layout: createLayout({
      ...size,
      title,
      subtitle,
      panels: canvases.map(canvasPanel),
      images: canvases.flatMap((canvas, i) => framePictures(canvas, i, pictures)),
      shapes: marks.flatMap(({ shapes }) => shapes),
      annotations: [...marks.flatMap(({ annotations }) => annotations), ...names],
      slider,
    }),
    alt: `${title}: ${subtitle}. ${plans.map(sayPath).join(" ")}`,
  });
}

/** A plan with its place in the figure. */
interface Drawn {
  readonly plan: Plan;
  readonly canvas: Canvas;
  readonly panel: number;
  readonly size: { readonly width: number; readonly height: number };
  readonly isOverPicture: boolean;
}

/** Canvases side by side, or one below the other where they are wide. */
function layOutPlans(plans: readonly Plan[]) {
  const isSide = plans.length > 1 &&
    plans.every(({ grid }) => grid.columns <= 3 * grid.rows && grid.frames < 3);
  const room = isSide ? Math.min(420, 880 / plans.length - 28) : 800;
  const canvases: Canvas[] = [];
  let left = LEFT, top = HEADER + (plans.length > 1 ? 26 : 8), bottom = top, right = 0;
  for (const { grid } of plans) {
    const canvas = createCanvas(grid, {
      left,
      top: top + (grid.frames > 1 ? 10 : 0),
      width: room,
      height: 440,
    });
    canvases.push(canvas);
    bottom = Math.max(bottom, canvas.box.top + canvas.box.height);
    right = Math.max(right, canvas.box.left + canvas.box.width);
    if (isSide) left = canvas.box.left + canvas.box.width + 32;
    else top = bottom + 34;
  }
  const hasBar = canvases.some(({ cell }) => cell < MIN_NUMBER_CELL);
  return {
    canvases,
    height: Math.ceil(bottom + 84),
    width: Math.ceil(Math.max(560, right + (hasBar ? 90 : LEFT))),
  };
}

/** Pixels of a cell below which no number fits into it, and colours need a bar instead. */
const MIN_NUMBER_CELL = 17;

/** More patches say only their step and place, so that figures stay small. */
const MAX_DESCRIBED = 600;

function drawOrder({ plan, canvas, panel, size, isOverPicture }: Drawn): Trace[] {
  const { stepOf, waveOf } = findPlanFacts(plan);
  const numSteps = plan.steps.length, showsNumbers = canvas.cell >= MIN_NUMBER_CELL;
  const describe = (patch: number) => {
    if (numSteps > MAX_DESCRIBED) return `step ${(stepOf[patch] ?? -1) + 1}, ${sayPatch(plan, patch)}`;
    const step = stepOf[patch] ?? -1, last = plan.lastUse[patch] ?? -1;
    const until = last > step ? `in the pool until step ${last + 1}` : "never in the pool";
    const start = step < 0
      ? "<b>known</b>"
      : `<b>step ${step + 1}</b> of ${numSteps}, wave ${(waveOf[patch] ?? 0) + 1}`;
    const sees = step < 0
      ? ""
      : `<br>sees ${sayCount(plan.steps[step]?.context.length ?? 0, "patch", "patches")}`;
    return `${start}<br>${sayPatch(plan, patch)}${sees}<br>${until}`;
  };
  const shared = {
    type: "heatmap" as const, // keeps the literal type through the spread
    ...canvasCells(canvas, panel),
    opacity: isOverPicture ? 0.5 : 1,
    hoverinfo: "text" as const, // likewise
    hovertext: toMatrix(canvas, describe, ""),
  };
  const write = (textOf: (patch: number) => string) =>
    showsNumbers
      ? {
        text: toMatrix(canvas, textOf, ""),
        texttemplate: "%{text}" as const, // likewise
        textfont: { size: Math.min(15, Math.max(9, canvas.cell * 0.32)) },
      }
      : {};
  const isKnown = (patch: number) => (stepOf[patch] ?? -1) < 0;
  const known: Trace[] = stepOf.includes(-1)
    ? [{
      ...shared,
      name: "known",
      z: toMatrix<number | null>(canvas, (patch) => isKnown(patch) ? 0 : null, null),
      zmin: 0,
      zmax: 1,
      colorscale: [[0, KNOWN], [1, KNOWN]],
      showscale: false,
      ...write((patch) => isKnown(patch) ? "known" : ""),
    }]
    : [];
  return [
    {
      ...shared,
      name: plan.orderName,
      z: toMatrix<number | null>(canvas, (patch) => isKnown(patch) ? null : (stepOf[patch] ?? 0) + 1, null),
      zmin: 1,
      zmax: Math.max(2, numSteps),
      colorscale: VIRIDIS,
      showscale: !showsNumbers && panel === 0,
      ...(showsNumbers || panel > 0
        ? {}
        : { colorbar: colorBar(size, canvas.box, "step", roundTicks(1, Math.max(2, numSteps), 4)) }),
      ...write((patch) => isKnown(patch) ? "" : String((stepOf[patch] ?? 0) + 1)),
    },
    ...known,
    ...orderPath(plan, canvas, panel),
    { ...createCurtain(canvas, panel, (patch) => stepOf[patch] ?? -1, numSteps), name: CURTAIN },
  ];
}

const KNOWN = "#8a8f98";
const CURTAIN = "to come";

/** Squares around the patch at hand and around what it sees; nothing at the end, where the figure starts. */
function createReplayMarks({ canvas, panel }: Drawn): Trace[] {
  const square = (name: string, color: string): ScatterTrace => ({
    type: "scatter",
    mode: "markers",
    name,
    x: [],
    y: [],
    ...axesOf(panel),
    hoverinfo: "skip",
    marker: {
      color,
      size: Math.max(5, canvas.cell * 0.84),
      symbol: "square-open",
      line: { color, width: Math.min(3, Math.max(1.5, canvas.cell / 14)) },
    },
  });
  return [square("its context", "#ffffff"), square("patch at hand", ACCENT)];
}

/** One position a step: draws the curtain to it, and moves the squares. */
function replayOrders(drawn: readonly Drawn[], data: readonly Trace[]): Restyle[] {
  const curtains = data.flatMap(({ name }, i) => name === CURTAIN ? [i] : []);
  const firstMark = data.length - 2 * drawn.length;
  const marks = drawn.flatMap((_, i) => [firstMark + 2 * i, firstMark + 2 * i + 1]);
  const longest = Math.max(...drawn.map(({ plan }) => plan.steps.length));
  const at = (time: number): Restyle["args"] => {
    const [zmin, zmax] = curtainAt(time - 1);
    const squares = drawn.flatMap(({ plan, canvas }) => {
      const step = plan.steps[time - 1];
      if (step === undefined) return [[], []];
      return [step.context.map((place) => placeOf(canvas, place)), [placeOf(canvas, step.position)]];
    });
    const none = curtains.map(() => null);
    return [{
      zmin: [...curtains.map(() => zmin), ...squares.map(() => null)],
      zmax: [...curtains.map(() => zmax), ...squares.map(() => null)],
      x: [...none, ...squares.map((list) => list.map(({ x }) => x))],
      y: [...none, ...squares.map((list) => list.map(({ y }) => y))],
    }, [...curtains, ...marks]];
  };
  const steps = chooseTimes(longest).map((time): Restyle => ({
    label: `step ${time}`,
    method: "restyle",
    args: at(time),
  }));
  return [...steps, { label: "all done", method: "restyle", args: at(longest + 1) }];
}

function describePlans(plans: readonly Plan[]): string {
  const [first] = plans;
  if (first === undefined) return "";
  const { rows, columns, frames } = first.grid, { width, height, frames: back } = first.extent;
  const canvas = `${rows} x ${columns}${frames > 1 ? ` x ${frames} frames` : ""}`;
  const peaks = plans.map(({ peak }) => peak.toLocaleString("en-US")).join(" and ");
  return `${
    sayCount(first.steps.length, "patch", "patches")
  } on ${canvas}, extent ${width}, ${height}, ${back}; ` +
    `the pool keeps up to ${peaks}`;
}

function sayPath(plan: Plan): string {
  const places = plan.steps.slice(0, 3).map(({ position }) =>
    sayPatch(plan, patchIndex(plan.grid, position))
  );
  return places.length === 0
    ? `Order ${plan.orderName} has nothing to generate.`
    : `Order ${plan.orderName} starts at ${places.join("; ")}.`;
}
