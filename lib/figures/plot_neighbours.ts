import { patchIndex } from "../core/mod.ts";
import { type Plan, type PlanStep, relativeOffset } from "../direction/mod.ts";
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
import { axesOf, createLayout, HEADER, LEFT, refsOf } from "./_layout.ts";
import { ACCENT } from "./_palette.ts";
import { findPlanFacts } from "./_plan_facts.ts";
import { sayCount, sayPatch, sayPlace } from "./_words.ts";
import { createFigure, type Figure, type ScatterTrace, type Shape } from "./figure.ts";
import type { CanvasFigureOptions } from "./plot_order.ts";

/** What a patch is to the one at hand, with its colour. */
const ROLES = [
  ["to come", "rgba(128,128,128,0.22)"],
  ["finished, out of reach", "#6b7c8f"],
  ["context, by offset", "#2a87c8"],
  ["patch at hand", ACCENT],
] as const;

/**
 * Draws what one patch sees: its context with the offsets by which the model knows it, the extent, and the rest.
 *
 * @param stepIndex Index into `plan.steps`.
 * @throws {RangeError} If there is no such step, or there are pictures, but not one a frame.
 */
export function plotNeighbours(
  plan: Plan,
  stepIndex: number,
  { pictures = [] }: CanvasFigureOptions = {},
): Figure {
  const step = plan.steps[stepIndex];
  if (step === undefined) {
    throw new RangeError(
      `Cannot draw neighbours: stepIndex must be an index of ${plan.steps.length} steps, got ${stepIndex}`,
    );
  }
  const inset = plan.grid.frames > 1 ? 44 : 34;
  const canvas = createCanvas(plan.grid, { left: LEFT, top: HEADER + inset, width: 800, height: 440 });
  const { box } = canvas, marks = frameMarks(canvas, 0);
  const size = {
    width: Math.ceil(Math.max(600, box.left + box.width + LEFT)),
    height: Math.ceil(box.top + box.height + 20),
  };
  const { width, height, frames } = plan.extent;
  const title = `Context of step ${stepIndex + 1}: ${sayCount(step.context.length, "patch", "patches")}`;
  const subtitle = `${sayPlace(plan, step.position)}; extent ${width}, ${height}, ${frames} (dashed); ` +
    `order ${plan.orderName}${sayThinned(canvas)}`;
  return createFigure({
    data: [drawRoles(plan, canvas, step, stepIndex, pictures.length > 0), ...ROLES.map(drawLegend)],
    layout: createLayout({
      ...size,
      title,
      subtitle,
      panels: [canvasPanel(canvas)],
      images: framePictures(canvas, 0, pictures),
      shapes: [...marks.shapes, ...drawExtent(plan, canvas, step)],
      annotations: marks.annotations,
      legendTop: HEADER + 12,
    }),
    alt: `${title}, at ${subtitle}. Seen: ${
      step.context.map((place) => sayPlace(plan, place)).join("; ") || "nothing"
    }.`,
  });
}

function drawRoles(plan: Plan, canvas: Canvas, step: PlanStep, stepIndex: number, isOverPicture: boolean) {
  const { stepOf } = findPlanFacts(plan);
  const labels = new Map(step.context.map((place, i) => {
    const { row, column, frames } = relativeOffset(step.position, place);
    const offset = `${sign(row)}, ${sign(column)}${frames === 0 ? "" : `<br>frame ${sign(frames)}`}`;
    return [patchIndex(plan.grid, place), { offset, embedding: step.offsets[i] ?? 0 }] as const;
  }));
  const own = patchIndex(plan.grid, step.position);
  const roleOf = (patch: number) =>
    patch === own ? 3 : labels.has(patch) ? 2 : (stepOf[patch] ?? -1) < stepIndex ? 1 : 0;
  const numberOf = (patch: number) => {
    const at = stepOf[patch] ?? -1;
    return at < 0 ? "known" : `step ${at + 1}`;
  };
  const describe = (patch: number) => {
    const seen = labels.get(patch);
    const more = seen === undefined
      ? ROLES[roleOf(patch)]?.[0]
      : `row, column offset ${seen.offset.replace("<br>", ", ")}<br>embedding ${seen.embedding}`;
    return `<b>${numberOf(patch)}</b><br>${sayPatch(plan, patch)}<br>${more}`;
  };
  return {
    type: "heatmap" as const, // keeps the literal type, as below
    name: "roles",
    z: toMatrix<number | null>(canvas, roleOf, null),
    ...canvasCells(canvas, 0),
    zmin: -0.5,
    zmax: 3.5,
    colorscale: ROLES.flatMap(([, color], i) => [[i / 4, color], [(i + 1) / 4, color]] as const),
    showscale: false,
    opacity: isOverPicture ? 0.6 : 1,
    hovertext: toMatrix(canvas, describe, ""),
    hoverinfo: "text" as const,
    ...(canvas.cell < 34 ? {} : {
      text: toMatrix(canvas, (patch) => labels.get(patch)?.offset ?? (patch === own ? "here" : ""), ""),
      texttemplate: "%{text}" as const,
      textfont: { size: canvas.cell < 46 ? 9 : 12 },
    }),
  };
}

/** A square in the legend, and nowhere else. */
function drawLegend([name, color]: readonly [string, string]): ScatterTrace {
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

/** Dashed rectangles around all that the extent reaches, in each frame that it reaches. */
function drawExtent({ grid, extent }: Plan, canvas: Canvas, { position }: PlanStep): Shape[] {
  const top = Math.max(0, position.row - extent.height),
    bottom = Math.min(grid.rows - 1, position.row + extent.height);
  const left = Math.max(0, position.column - extent.width);
  const right = Math.min(grid.columns - 1, position.column + extent.width);
  const first = Math.max(0, position.frame - extent.frames);
  return Array.from({ length: position.frame - first + 1 }, (_, i) => {
    const from = placeOf(canvas, { frame: first + i, row: top, column: left });
    const to = placeOf(canvas, { frame: first + i, row: bottom, column: right });
    return {
      type: "rect",
      ...refsOf(0),
      x0: from.x - 0.5,
      x1: to.x + 0.5,
      y0: from.y - 0.5,
      y1: to.y + 0.5,
      line: { color: ACCENT, width: 2, dash: "dash" },
      layer: "above",
    };
  });
}

function sign(offset: number): string {
  return offset > 0 ? `+${offset}` : String(offset).replace("-", "\u2212");
}
