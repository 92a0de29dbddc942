import { FAINT, INK } from "./_palette.ts";
import type { Annotation, Axis, ColorBar, Layout, LayoutImage, Shape, Slider, UpdateMenu } from "./figure.ts";

/** A rectangle of a figure, in pixels from its top left. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** One axis of a panel, before its place is known. */
export interface AxisOptions {
  readonly range: readonly [number, number];
  /** @default "linear"; on "log", range and ticks are given as the values themselves */
  readonly type?: "linear" | "log";
  /** @default round numbers inside the range */
  readonly ticks?: readonly (readonly [number, string])[];
  readonly title?: string;
  /** @default false */
  readonly grid?: boolean;
}

/** A pair of axes and where they lie. */
export interface Panel {
  readonly box: Box;
  readonly x: AxisOptions;
  readonly y: AxisOptions;
}

/** What {@link createLayout} puts together. */
export interface LayoutOptions {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** A second line, in smaller letters. */
  readonly subtitle?: string;
  readonly panels: readonly Panel[];
  readonly images?: readonly LayoutImage[];
  readonly shapes?: readonly Shape[];
  readonly annotations?: readonly Annotation[];
  readonly slider?: Slider;
  readonly menu?: UpdateMenu;
  /** Pixels from the top of the figure to the middle of the legend; absent: no legend. */
  readonly legendTop?: number;
}

/** The space that title and subtitle take, in pixels. */
export const HEADER = 62;

/** Space to the left of a canvas. */
export const LEFT = 16;

const FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif";

/** Lays panels out by pixels: no margins, no surprises. */
export function createLayout(options: LayoutOptions): Layout {
  const { width, height, title, subtitle, panels, annotations = [], legendTop } = options;
  const axes = panels.flatMap((panel, i) => createAxes(panel, i, options));
  const second = subtitle === undefined ? [] : [note(options, subtitle, { left: LEFT, top: 44 }, "left")];
  return {
    width,
    height,
    title: {
      text: title,
      x: LEFT / width,
      xanchor: "left",
      y: 1 - 22 / height,
      yanchor: "middle",
      font: { size: 16 },
    },
    font: { family: FONT, size: 12, color: INK },
    margin: { l: 0, r: 0, t: 0, b: 0, autoexpand: false },
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    hovermode: "closest",
    barmode: "overlay",
    showlegend: legendTop !== undefined,
    legend: {
      orientation: "h",
      x: LEFT / width,
      xanchor: "left",
      y: 1 - (legendTop ?? 0) / height,
      yanchor: "middle",
      bgcolor: "rgba(0,0,0,0)",
      font: { size: 12 },
      itemclick: false,
    },
    images: options.images ?? [],
    shapes: options.shapes ?? [],
    annotations: [...second, ...annotations],
    sliders: options.slider === undefined ? [] : [options.slider],
    updatemenus: options.menu === undefined ? [] : [options.menu],
    ...Object.fromEntries(axes),
  };
}

/** The names of the axes of a panel, as traces write them: `x`, `y`; `x2`, `y2`; ... */
export function axesOf(panel: number): { readonly xaxis: string; readonly yaxis: string } {
  const suffix = panel === 0 ? "" : String(panel + 1);
  return { xaxis: `x${suffix}`, yaxis: `y${suffix}` };
}

/** The same, as images and shapes write them. */
export function refsOf(panel: number): { readonly xref: string; readonly yref: string } {
  const { xaxis, yaxis } = axesOf(panel);
  return { xref: xaxis, yref: yaxis };
}

/** Words at a place of the figure, in pixels from its top left. */
export function note(
  { width, height }: { readonly width: number; readonly height: number },
  text: string,
  at: { readonly left: number; readonly top: number },
  xanchor: Annotation["xanchor"] = "center",
  size = 12,
): Annotation {
  return {
    text,
    xref: "paper",
    yref: "paper",
    x: at.left / width,
    y: 1 - at.top / height,
    xanchor,
    yanchor: "middle",
    align: "left",
    showarrow: false,
    font: { size },
  };
}

/** The bar right of a box that explains its colours. */
export function colorBar(
  { width, height }: { readonly width: number; readonly height: number },
  box: Box,
  title: string,
  ticks: readonly (readonly [number, string])[],
): ColorBar {
  return {
    title: { text: title, side: "right" },
    x: (box.left + box.width + 12) / width,
    xanchor: "left",
    y: 1 - (box.top + box.height / 2) / height,
    yanchor: "middle",
    len: Math.max(box.height, 90) / height,
    thickness: 12,
    outlinewidth: 0,
    tickvals: ticks.map(([value]) => value),
    ticktext: ticks.map(([, text]) => text),
  };
}

/** About `count` round numbers from `low` to `high`, with their texts. */
export function roundTicks(low: number, high: number, count = 5): (readonly [number, string])[] {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return Number.isFinite(low) ? [[low, formatNumber(low)]] : [];
  const raw = span / count, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= raw * 0.999) ?? raw;
  const ticks: (readonly [number, string])[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
    const tick = Number((i * step).toPrecision(12)) + 0; // no -0
    ticks.push([tick, formatNumber(tick)]);
  }
  return ticks;
}

const GROUPED = new Intl.NumberFormat("en-US", { maximumFractionDigits: 6 }); // slow to make, quick to use

/** A number as people write it: at most four digits that count, a comma between thousands, small ones as powers. */
export function formatNumber(value: number): string {
  if (Object.is(value, 0) || Object.is(value, -0)) return "0";
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return String(value).replace("Infinity", "∞");
  if (size < 1e-3) return value.toExponential(1).replace(".0e", "e");
  return GROUPED.format(Number(value.toPrecision(size >= 1000 ? 6 : 4)));
}

function createAxes(
  { box, x, y }: Panel,
  index: number,
  { width, height }: LayoutOptions,
): readonly (readonly [string, Axis])[] {
  const suffix = index === 0 ? "" : String(index + 1);
  const across: readonly [number, number] = [box.left / width, (box.left + box.width) / width];
  const along: readonly [number, number] = [1 - (box.top + box.height) / height, 1 - box.top / height];
  return [
    [`xaxis${suffix}`, createAxis(x, across, `y${suffix}`, 8)],
    [`yaxis${suffix}`, createAxis(y, along, `x${suffix}`, 10)],
  ];
}

function createAxis(
  { range, type = "linear", title, grid = false, ticks }: AxisOptions,
  domain: readonly [number, number],
  anchor: string,
  standoff: number,
): Axis {
  const shown = ticks ?? roundTicks(Math.min(...range), Math.max(...range));
  return {
    domain,
    range: type === "log" ? [Math.log10(range[0]), Math.log10(range[1])] : range,
    type,
    anchor,
    tickvals: shown.map(([value]) => value),
    ticktext: shown.map(([, text]) => text),
    ticks: "",
    showgrid: grid,
    gridcolor: FAINT,
    showline: grid,
    linecolor: FAINT,
    zeroline: false,
    tickfont: { size: 11 },
    ...(title === undefined ? {} : { title: { text: title, font: { size: 12 }, standoff } }),
  };
}
