import { patchAt } from "../core/mod.ts";
import type { Plan } from "../direction/mod.ts";
import { axesOf, createLayout, HEADER, roundTicks } from "./_layout.ts";
import { colorAt, SERIES, VIRIDIS } from "./_palette.ts";
import { countPooled, findPlanFacts } from "./_plan_facts.ts";
import { sayCount, sayOrdinal, sayPlace } from "./_words.ts";
import { type BarTrace, createFigure, type Figure, type ScatterTrace } from "./figure.ts";

/** The most bars; more patches are thinned out. */
const MAX_BARS = 1200;

/**
 * Draws the life of each patch in the context pool as a timeline, and above it how many live at once.
 *
 * Source: Wu et al. 2022, NUWA-Infinity, arXiv:2207.09814, section 3.3.
 */
export function plotPoolLives(plan: Plan): Figure {
  const numSteps = plan.steps.length, lives = listLives(plan);
  const stride = Math.max(1, Math.ceil(lives.length / MAX_BARS));
  const shown = lives.filter((_, i) => i % stride === 0);
  const rows = Math.max(1, lives.length),
    height = HEADER + 110 + 60 + Math.min(420, Math.max(120, rows * 14)) + 50;
  const size = { width: 760, height: Math.ceil(height) };
  const steps = { range: [0, Math.max(1, numSteps)] as const, grid: true };
  const longest = lives.reduce((most, { birth, death }) => Math.max(most, death - birth), 0);
  const thinned = stride === 1 ? "" : `; too many to draw: every ${sayOrdinal(stride)} life is shown`;
  const subtitle = `at most ${sayCount(plan.peak, "patch", "patches")} at once, kept for up to ${
    sayCount(longest, "step")
  }; order ${plan.orderName}${thinned}`;
  return createFigure({
    data: [drawCount(plan), ...drawPeak(plan), drawBars(plan, shown, longest)],
    layout: createLayout({
      ...size,
      title: "Life of each patch in the context pool",
      subtitle,
      panels: [
        {
          box: { left: 70, top: HEADER + 16, width: 660, height: 94 },
          x: { ...steps, ticks: [] },
          y: {
            range: [0, Math.max(1, plan.peak) * 1.15],
            grid: true,
            title: "in pool",
            ticks: roundTicks(0, Math.max(1, plan.peak), 3),
          },
        },
        {
          box: { left: 70, top: HEADER + 130, width: 660, height: size.height - HEADER - 130 - 50 },
          x: { ...steps, title: "step" },
          y: {
            range: [rows - 0.5, -0.5],
            ticks: roundTicks(0, rows - 1, 6).filter(([tick]) => Number.isInteger(tick)).map(([tick]) =>
              [tick, String(tick + 1)] as const
            ),
            title: "patch, in order of arrival",
            grid: true,
          },
        },
      ],
    }),
    alt: `Timeline of ${sayCount(lives.length, "patch", "patches")} in the context pool: ${subtitle}.`,
  });
}

/** A patch that enters the pool after step `birth` (-1: before the first) and leaves after step `death`. */
interface Life {
  readonly patch: number;
  readonly birth: number;
  readonly death: number;
  /** Its place among all lives. */
  readonly rank: number;
}

function listLives(plan: Plan): Life[] {
  const { stepOf } = findPlanFacts(plan);
  return Array.from(stepOf, (birth, patch) => ({ patch, birth, death: plan.lastUse[patch] ?? birth }))
    .filter(({ birth, death }) => death > birth)
    .sort((a, b) => a.birth - b.birth || a.patch - b.patch)
    .map((life, rank) => ({ ...life, rank }));
}

function drawBars(plan: Plan, lives: readonly Life[], longest: number): BarTrace {
  return {
    type: "bar",
    orientation: "h",
    name: "life",
    y: lives.map(({ rank }) => rank),
    base: lives.map(({ birth }) => birth + 1),
    x: lives.map(({ birth, death }) => death - birth),
    width: Math.max(0.8, 0.8 * Math.ceil(lives.length / 420)),
    marker: {
      color: lives.map(({ birth, death }) => colorAt(VIRIDIS, 0.85 * (death - birth) / Math.max(1, longest))),
    },
    hovertext: lives.map(({ patch, birth, death }) =>
      `<b>${sayPlace(plan, patchAt(plan.grid, patch))}</b><br>${
        birth < 0 ? "known from the start" : `made by step ${birth + 1}`
      }<br>kept for ${sayCount(death - birth, "step")}, until step ${death + 1}`
    ),
    hoverinfo: "text",
    ...axesOf(1),
  };
}

function drawCount(plan: Plan): ScatterTrace {
  const pooled = countPooled(plan);
  const stride = Math.max(1, Math.ceil(pooled.length / 4000));
  const points = pooled.map((count, step) => [step, count] as const).filter((_, i) => i % stride === 0);
  return {
    type: "scatter",
    mode: "lines",
    name: "patches in the pool",
    x: points.map(([step]) => step),
    y: points.map(([, count]) => count),
    line: { color: SERIES[0], width: 2, shape: "hv" },
    fill: "tozeroy",
    fillcolor: "rgba(42,135,200,0.18)",
    hovertext: points.map(([step, count]) => `after step ${step}: ${sayCount(count, "patch", "patches")}`),
    hoverinfo: "text",
    ...axesOf(0),
  };
}

function drawPeak(plan: Plan): ScatterTrace[] {
  return [{
    type: "scatter",
    mode: "lines",
    name: "peak",
    x: [0, Math.max(1, plan.steps.length)],
    y: [plan.peak, plan.peak],
    line: { color: SERIES[1], width: 1.5, dash: "dash" },
    hovertext: [`peak ${plan.peak}`, `peak ${plan.peak}`],
    hoverinfo: "text",
    ...axesOf(0),
  }];
}
