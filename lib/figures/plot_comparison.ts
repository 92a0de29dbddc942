import { axesOf, createLayout, formatNumber, HEADER, roundTicks } from "./_layout.ts";
import { NOT_FINITE, SERIES } from "./_palette.ts";
import { sayCount } from "./_words.ts";
import { createFigure, type Figure, type ScatterTrace } from "./figure.ts";

/** What {@link plotComparison} needs besides the values. */
export interface PlotComparisonOptions {
  /** What is measured, with its unit. */
  readonly measure: string;
  /** @default "Comparison" */
  readonly title?: string;
}

/** Pixels of a row. */
const ROW = 34;

/**
 * Draws values of several variants, a row each: every run as a dot, and the mean with its standard error as a bar. Values that
 * are none are crossed in pink at the left.
 *
 * @param variants Values by the variant's name, from the top; the first one's mean is a dashed line for the others.
 * @throws {RangeError} If there is no value.
 *
 * @example Usage
 * ```ts
 * import { plotComparison } from "nuwa-infinity";
 * const figure = plotComparison({ "extent 2": [4.8, 4.9], "extent 0": [5.2, 5.3] }, { measure: "bits a token" });
 * console.log(figure.alt);
 * ```
 */
export function plotComparison(
  variants: Readonly<Record<string, readonly number[]>>,
  { measure, title = "Comparison" }: PlotComparisonOptions,
): Figure {
  const rows = Object.entries(variants).map(([name, values], row) => ({ name, row, ...describe(values) }));
  const finite = rows.flatMap(({ finite, mean, error }) => [...finite, mean - error, mean + error])
    .filter(Number.isFinite);
  if (rows.every(({ finite, strange }) => finite.length + strange === 0)) {
    throw new RangeError("Cannot draw comparison: variants must have at least 1 value, got none");
  }
  const strange = rows.reduce((sum, row) => sum + row.strange, 0);
  const least = finite.reduce((a, b) => Math.min(a, b), Infinity);
  const most = finite.reduce((a, b) => Math.max(a, b), -Infinity);
  const room = finite.length === 0 ? 0.5 : (most - least) * 0.06 || Math.abs(most) * 0.02 || 1;
  const range = finite.length === 0 ? [0, 1] as const : [least - room, most + room] as const;
  const left = Math.min(320, 24 + 7 * Math.max(...rows.map(({ name }) => name.length)));
  const subtitle = `dots: runs; bars: mean and standard error` +
    (strange > 0 ? `; ${sayCount(strange, "value")} not finite (pink)` : "");
  return createFigure({
    data: [
      ...drawBaseline(rows),
      ...rows.flatMap((row, i) => drawRow(row, SERIES[i % SERIES.length] ?? SERIES[0], measure)),
      ...rows.flatMap((row) => row.strange === 0 ? [] : [drawStrange(row, range[0])]),
    ],
    layout: createLayout({
      width: 760,
      height: HEADER + rows.length * ROW + 64,
      title,
      subtitle,
      panels: [{
        box: { left, top: HEADER + 8, width: 730 - left, height: rows.length * ROW },
        x: { range, ticks: roundTicks(range[0], range[1], 6), title: measure, grid: true },
        y: { range: [rows.length - 0.5, -0.5], ticks: rows.map(({ name, row }) => [row, name] as const) },
      }],
    }),
    alt: `${title}, ${measure}. ${rows.map((row) => `${row.name}: ${sayMean(row)}`).join("; ")}.`,
  });
}

interface Row {
  readonly name: string;
  /** From the top. */
  readonly row: number;
  readonly finite: readonly number[];
  /** Values that are none. */
  readonly strange: number;
  readonly mean: number;
  /** Standard error of the mean; 0 for a single value. */
  readonly error: number;
}

function describe(values: readonly number[]): Omit<Row, "name" | "row"> {
  const finite = values.filter(Number.isFinite), count = finite.length;
  const mean = finite.reduce((sum, value) => sum + value, 0) / count;
  const variance = finite.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  return { finite, strange: values.length - count, mean, error: count > 1 ? Math.sqrt(variance / count) : 0 };
}

function sayMean({ finite, strange, mean, error }: Row): string {
  const nots = strange === 0 ? [] : [`${sayCount(strange, "value")} not finite`];
  const digits = (value: number) => formatNumber(Number(value.toPrecision(4)));
  const means = finite.length === 0 ? [] : [
    `mean ${digits(mean)}${
      error > 0 ? `, standard error ${formatNumber(Number(error.toPrecision(2)))}` : ""
    }`,
  ];
  return [...means, ...nots].join(", ") || "no value";
}

/** The first variant's mean, from top to bottom. */
function drawBaseline([first, ...others]: readonly Row[]): ScatterTrace[] {
  if (first === undefined || others.length === 0 || !Number.isFinite(first.mean)) return [];
  return [{
    type: "scatter",
    mode: "lines",
    x: [first.mean, first.mean],
    y: [-0.5, others.length + 0.5],
    line: { color: SERIES[0], width: 1, dash: "dash" },
    hoverinfo: "skip",
    ...axesOf(0),
  }];
}

/** A bar with ends, and the runs as dots above it, all of them to be seen. */
function drawRow(row: Row, color: string, measure: string): ScatterTrace[] {
  const { finite, mean, error, name } = row, at = row.row + 0.16;
  if (finite.length === 0) return [];
  const cap = 0.13, low = mean - error, high = mean + error;
  const says = `${name}<br>${measure}: ${sayMean(row)}`;
  const bar: ScatterTrace = {
    type: "scatter",
    mode: "lines",
    x: [low, low, null, low, high, null, high, high],
    y: [at - cap, at + cap, null, at, at, null, at - cap, at + cap],
    line: { color, width: 2 },
    hoverinfo: "skip",
    ...axesOf(0),
  };
  const points = (x: readonly number[], y: number, size: number, texts: readonly string[]): ScatterTrace => ({
    type: "scatter",
    mode: "markers",
    x,
    y: x.map(() => y),
    marker: { color, size, symbol: "circle" },
    hovertext: texts,
    hoverinfo: "text",
    ...axesOf(0),
  });
  const runs = finite.map((value, i) =>
    `${name}, run ${i + 1}<br>${formatNumber(Number(value.toPrecision(5)))}`
  );
  return [
    ...(error > 0 ? [bar] : []),
    points([mean], at, 9, [says]),
    points(finite, row.row - 0.22, 5, runs),
  ];
}

function drawStrange({ name, row, strange }: Row, left: number): ScatterTrace {
  return {
    type: "scatter",
    mode: "markers",
    x: [left],
    y: [row],
    marker: { color: NOT_FINITE, size: 9, symbol: "x" },
    hovertext: [`${name}: ${sayCount(strange, "value")} not finite`],
    hoverinfo: "text",
    ...axesOf(0),
  };
}
