import type { ContextPool } from "../context_pool/mod.ts";
import type { Plan } from "../direction/mod.ts";
import {
  type Canvas,
  canvasCells,
  canvasPanel,
  createCanvas,
  frameMarks,
  framePictures,
  placeOf,
  sayThinned,
  toMatrix,
} from "./_canvas.ts";
import { axesOf, createLayout, HEADER, LEFT } from "./_layout.ts";
import { ACCENT } from "./_palette.ts";
import { countPooled, findPlanFacts } from "./_plan_facts.ts";
import { sayCount, sayPatch } from "./_words.ts";
import { chooseTimes, createCurtain, createSlider, curtainAt } from "./_replay.ts";
import {
  createFigure,
  type Figure,
  type HeatmapTrace,
  type Restyle,
  type ScatterTrace,
  type Trace,
} from "./figure.ts";
import type { CanvasFigureOptions } from "./plot_order.ts";

/** What {@link plotPool} shows besides the plan. */
export interface PlotPoolOptions extends CanvasFigureOptions {
  /** The step before which the pool is shown first, from 0. @default the one with the fullest pool */
  readonly stepIndex?: number;
  /** The pool itself: its patches are outlined, so that a wrong one shows. @default as planned */
  readonly pool?: ContextPool;
}

const POOLED = "#2a87c8";
const DROPPED = "#33373d";
const TO_COME = "#878d95";

/**
 * Draws what the context pool holds while a step is taken: the finished patches that this or a later step selects. With
 * pictures, the part of the picture that the model can still see shows through. A slider goes through all steps.
 *
 * Source: Wu et al. 2022, NUWA-Infinity, arXiv:2207.09814, section 3.3.
 *
 * @throws {RangeError} If there are no steps, `stepIndex` is none, or there are pictures, but not one a frame.
 */
export function plotPool(plan: Plan, { pictures = [], pool, stepIndex }: PlotPoolOptions = {}): Figure {
  const pooled = countPooled(plan), numSteps = plan.steps.length;
  const start = stepIndex ?? findFullest(pooled.slice(0, numSteps));
  if (!Number.isInteger(start) || start < 0 || start >= numSteps) {
    throw new RangeError(`Cannot draw pool: stepIndex must be an index of ${numSteps} steps, got ${start}`);
  }
  const inset = plan.grid.frames > 1 ? 44 : 34;
  const canvas = createCanvas(plan.grid, { left: LEFT, top: HEADER + inset, width: 800, height: 440 });
  const { box } = canvas, marks = frameMarks(canvas, 0);
  const size = {
    width: Math.ceil(Math.max(600, box.left + box.width + LEFT)),
    height: Math.ceil(box.top + box.height + 84),
  };
  const times = [...new Set([...chooseTimes(numSteps), start + 1])].sort((a, b) => a - b);
  const subtitle =
    `at most ${sayCount(plan.peak, "patch", "patches")} of ${plan.steps.length + plan.known.length}; ` +
    `order ${plan.orderName}${sayThinned(canvas)}`;
  const slider = createSlider(size, { left: LEFT, width: size.width - 2 * LEFT, top: size.height - 70 }, [
    ...times.map((time) => moveTo(plan, canvas, time - 1, pooled)),
  ]);
  const title = `Context pool at step ${start + 1}: ${sayCount(pooled[start] ?? 0, "patch", "patches")}`;
  return createFigure({
    data: [
      ...drawLives(plan, canvas, start, pictures.length > 0),
      squares(
        "its context",
        canvas.cell < 9 ? "rgba(0,0,0,0)" : "#ffffff",
        canvas,
        plan.steps[start]?.context ?? [],
      ),
      squares(
        "patch at hand",
        ACCENT,
        canvas,
        plan.steps.slice(start, start + 1).map(({ position }) => position),
      ),
      ...(pool === undefined ? [] : [{
        ...squares(
          "in the pool given",
          "#e8d400",
          canvas,
          [...pool.patches.values()].map(({ position }) => position),
        ),
        showlegend: true,
      }]),
    ],
    layout: createLayout({
      ...size,
      title: "Context pool: what the model can still see",
      subtitle,
      panels: [canvasPanel(canvas)],
      images: framePictures(canvas, 0, pictures),
      ...marks,
      legendTop: HEADER + 12,
      slider: { ...slider, active: times.indexOf(start + 1) },
    }),
    alt: `${title}, ${subtitle}.`,
  });
}

/** Of the steps with the fullest pool, the one that is nearest to two thirds of the way. */
function findFullest(pooled: readonly number[]): number {
  const fullest = pooled.reduce((most, count) => Math.max(most, count), 0), aim = pooled.length * 2 / 3;
  return pooled.reduce((best, count, step) => {
    return count === fullest && (pooled[best] !== fullest || Math.abs(step - aim) < Math.abs(best - aim))
      ? step
      : best;
  }, 0);
}

/** Cells by state: a base, a curtain over what is dropped, a curtain over what is to come. */
function drawLives(plan: Plan, canvas: Canvas, start: number, isOverPicture: boolean): Trace[] {
  const { stepOf } = findPlanFacts(plan);
  const describe = (patch: number) => {
    const birth = stepOf[patch] ?? -1, death = plan.lastUse[patch] ?? birth;
    const born = birth < 0 ? "known from the start" : `made by step ${birth + 1}`;
    return `${sayPatch(plan, patch)}<br>${born}<br>` +
      (death > birth ? `in the pool until step ${death + 1}` : "never in the pool: no step selects it");
  };
  const base: HeatmapTrace = {
    type: "heatmap",
    z: toMatrix<number | null>(canvas, () => 0, null),
    ...canvasCells(canvas, 0),
    zmin: 0,
    zmax: 1,
    colorscale: [[0, POOLED], [1, POOLED]],
    showscale: false,
    opacity: isOverPicture ? 0.12 : 1,
    hovertext: toMatrix(canvas, describe, ""),
    hoverinfo: "text",
  };
  const [begin, end] = curtainAt(start);
  return [
    base,
    {
      ...createCurtain(canvas, 0, (patch) => plan.lastUse[patch] ?? -1, 0),
      zmin: begin - 1,
      zmax: end - 1,
      colorscale: [[0, isOverPicture ? "rgba(51,55,61,0.9)" : DROPPED], [1, "rgba(51,55,61,0)"]],
    },
    {
      ...createCurtain(canvas, 0, (patch) => stepOf[patch] ?? -1, start - 1),
      colorscale: [[0, "rgba(135,141,149,0)"], [1, isOverPicture ? "rgba(135,141,149,0.93)" : TO_COME]],
    },
    legend("in the pool", POOLED),
    legend("dropped", DROPPED),
    legend("to come", TO_COME),
  ];
}

function legend(name: string, color: string): ScatterTrace {
  return {
    type: "scatter",
    mode: "markers",
    name,
    x: [null],
    y: [null],
    ...axesOf(0),
    showlegend: true,
    hoverinfo: "skip",
    marker: { color, size: 12, symbol: "square" },
  };
}

function squares(
  name: string,
  color: string,
  canvas: Canvas,
  places: readonly Parameters<typeof placeOf>[1][],
): ScatterTrace {
  const points = places.map((place) => placeOf(canvas, place));
  return {
    type: "scatter",
    mode: "markers",
    name,
    x: points.map(({ x }) => x),
    y: points.map(({ y }) => y),
    ...axesOf(0),
    hoverinfo: "skip",
    showlegend: color === ACCENT,
    marker: {
      color,
      size: Math.max(4, canvas.cell * 0.8),
      symbol: "square-open",
      line: { color, width: Math.min(3, Math.max(1.5, canvas.cell / 14)) },
    },
  };
}

/** While step `time` is taken, a patch is in the pool if it was born before and dies at this step or later. */
function moveTo(plan: Plan, canvas: Canvas, time: number, pooled: readonly number[]): Restyle {
  const step = plan.steps[time];
  const context = (step?.context ?? []).map((place) => placeOf(canvas, place));
  const own = step === undefined ? [] : [placeOf(canvas, step.position)];
  const [zmin, zmax] = curtainAt(time);
  return {
    label: `step ${time + 1}: ${sayCount(pooled[time] ?? 0, "patch", "patches")} in the pool`,
    method: "restyle",
    args: [{
      zmin: [zmin - 1, zmin - 1, null, null],
      zmax: [zmax - 1, zmax - 1, null, null],
      x: [null, null, context.map(({ x }) => x), own.map(({ x }) => x)],
      y: [null, null, context.map(({ y }) => y), own.map(({ y }) => y)],
    }, [1, 2, 6, 7]],
  };
}
