import type { Plan } from "../direction/mod.ts";
import { poolPeakClosedForm } from "./pool_peak_closed_form.ts";
import { axesOf, createLayout, formatNumber, HEADER, roundTicks } from "./_layout.ts";
import { SERIES } from "./_palette.ts";
import { countPooled } from "./_plan_facts.ts";
import { sayBytes, sayCount, unitOf } from "./_words.ts";
import { createFigure, type Figure, type ScatterTrace } from "./figure.ts";

/** What {@link plotPoolBytes} needs besides plans. */
export interface PlotPoolBytesOptions {
  /** Bytes of the caches of one patch: `streams * L * 2 * M * d * bytes of a number`, tokens apart. */
  readonly bytesPerPatch: number;
  /** Bytes that `poolBytes` gave after each step of the first plan, to hold against it. @default none */
  readonly measured?: readonly number[];
}

/**
 * Draws the bytes of the context pool after each step, one line a plan, against the closed form of the peak.
 *
 * @throws {RangeError} If there is no plan, or `bytesPerPatch` is not positive.
 */
export function plotPoolBytes(
  plans: readonly Plan[],
  { bytesPerPatch, measured = [] }: PlotPoolBytesOptions,
): Figure {
  if (plans.length === 0) throw new RangeError("Cannot draw pool: plans must number at least 1, got 0");
  if (!(bytesPerPatch > 0 && bytesPerPatch < Infinity)) {
    throw new RangeError(`Cannot draw pool: bytesPerPatch must be a positive number, got ${bytesPerPatch}`);
  }
  const most = Math.max(1, ...plans.map(({ peak }) => peak)) * bytesPerPatch;
  const highest = Math.max(most, ...measured.filter(Number.isFinite));
  const [unit, size] = unitOf(highest);
  const longest = Math.max(1, ...plans.map(({ steps }) => steps.length));
  const scale = (patches: number) => patches * bytesPerPatch / size;
  const lines = plans.flatMap((plan, i) =>
    drawPlan(plan, SERIES[i % SERIES.length] ?? SERIES[0], longest, scale, unit)
  );
  const wrong = measured.filter((bytes) => !Number.isFinite(bytes)).length;
  const subtitle = `${sayBytes(bytesPerPatch)} a patch; dashed: the closed form of the peak` +
    (wrong === 0 ? "" : `; ${wrong} measured values are not numbers`);
  const peaks = plans.map((plan) =>
    `${plan.orderName} ${plan.peak} patches, ${sayBytes(plan.peak * bytesPerPatch)}`
  );
  return createFigure({
    data: [...lines, ...(measured.length === 0 ? [] : [drawMeasured(measured, size, unit)])],
    layout: createLayout({
      width: 760,
      height: 400,
      title: "Memory of the context pool",
      subtitle,
      panels: [{
        box: { left: 76, top: HEADER + 36, width: 656, height: 240 },
        x: { range: [0, longest], title: "step", grid: true },
        y: {
          range: [0, highest / size * 1.12],
          ticks: roundTicks(0, highest / size * 1.1, 5),
          title: unit,
          grid: true,
        },
      }],
      legendTop: HEADER + 14,
    }),
    alt: `Bytes of the context pool by step. Peaks: ${peaks.join("; ")}. ${subtitle}.`,
  });
}

function drawPlan(
  plan: Plan,
  color: string,
  longest: number,
  scale: (patches: number) => number,
  unit: string,
): ScatterTrace[] {
  const pooled = countPooled(plan), stride = Math.max(1, Math.ceil(pooled.length / 3000));
  const points = pooled.map((count, step) => [step, count] as const)
    .filter(([, count], i) => i % stride === 0 || count === plan.peak);
  const closed = poolPeakClosedForm(plan);
  const line: ScatterTrace = {
    type: "scatter",
    mode: "lines",
    name: `${plan.orderName}: peak ${plan.peak.toLocaleString("en-US")}`,
    showlegend: true,
    x: points.map(([step]) => step),
    y: points.map(([, count]) => scale(count)),
    line: { color, width: 2, shape: "hv" },
    hovertext: points.map(([step, count]) =>
      `${plan.orderName}, after step ${step}<br>${sayCount(count, "patch", "patches")}, ${
        formatNumber(scale(count))
      } ${unit}`
    ),
    hoverinfo: "text",
    ...axesOf(0),
  };
  if (closed === undefined) return [line];
  const says = `${plan.orderName}, closed form: ${sayCount(closed, "patch", "patches")}, ${
    formatNumber(scale(closed))
  } ${unit}`;
  return [line, {
    type: "scatter",
    mode: "lines",
    name: `${plan.orderName}: closed form`,
    showlegend: false,
    x: [0, longest],
    y: [scale(closed), scale(closed)],
    line: { color, width: 1.3, dash: "dash" },
    hovertext: [says, says],
    hoverinfo: "text",
    ...axesOf(0),
  }];
}

function drawMeasured(measured: readonly number[], size: number, unit: string): ScatterTrace {
  const points = measured.map((bytes, step) => [step + 1, bytes] as const).filter(([, bytes]) =>
    Number.isFinite(bytes)
  );
  return {
    type: "scatter",
    mode: "markers",
    name: "measured",
    showlegend: true,
    x: points.map(([step]) => step),
    y: points.map(([, bytes]) => bytes / size),
    marker: { color: SERIES[2], size: 5, symbol: "circle" },
    hovertext: points.map(([step, bytes]) =>
      `measured after step ${step}: ${formatNumber(bytes / size)} ${unit}`
    ),
    hoverinfo: "text",
    ...axesOf(0),
  };
}
