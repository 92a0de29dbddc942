import { displayFigure } from "./display_figure.ts";

/** A colour scale: places from 0 to 1 with their CSS colours. */
export type ColorScale = readonly (readonly [number, string])[];

/** A bar that explains the colours of a heat map; places are fractions of the figure. */
export interface ColorBar {
  /** What is measured, with its unit. */
  readonly title: { readonly text: string; readonly side: "right" };
  readonly x: number;
  readonly xanchor: "left";
  readonly y: number;
  readonly yanchor: "middle";
  /** Fraction of the figure's height. */
  readonly len: number;
  /** Pixels. */
  readonly thickness: number;
  readonly outlinewidth: 0;
  readonly tickvals: readonly number[];
  readonly ticktext: readonly string[];
}

/** What all traces have. */
interface TraceBase {
  readonly name?: string;
  readonly showlegend?: boolean;
  readonly xaxis?: string;
  readonly yaxis?: string;
  readonly hoverinfo?: "text" | "skip";
  readonly opacity?: number;
}

/** A matrix as colours; cells are 1 x 1, the first one centred at (0, 0) unless `x0`, `dx`, `y0`, `dy` say otherwise. */
export interface HeatmapTrace extends TraceBase {
  readonly type: "heatmap";
  /** `[rows][columns]`, the first row at the smallest y; null leaves a hole. */
  readonly z: readonly (readonly (number | null)[])[];
  readonly x0?: number;
  readonly dx?: number;
  readonly y0?: number;
  readonly dy?: number;
  readonly zmin: number;
  readonly zmax: number;
  readonly colorscale: ColorScale;
  readonly showscale: boolean;
  readonly colorbar?: ColorBar;
  /** What stands in the cells. */
  readonly text?: readonly (readonly string[])[];
  readonly texttemplate?: "%{text}";
  readonly textfont?: { readonly size: number };
  /** What the cells say when pointed at. */
  readonly hovertext?: readonly (readonly string[])[];
  readonly xgap?: number;
  readonly ygap?: number;
}

/** Points, with lines or texts. */
export interface ScatterTrace extends TraceBase {
  readonly type: "scatter";
  readonly mode: "lines" | "markers" | "text" | "lines+markers" | "markers+text";
  readonly x: readonly (number | null)[];
  readonly y: readonly (number | null)[];
  readonly text?: readonly string[];
  readonly hovertext?: readonly string[];
  readonly textposition?: "middle center" | "middle right" | "top center";
  readonly textfont?: { readonly size: number; readonly color?: string };
  readonly line?: {
    readonly color: string;
    readonly width: number;
    readonly dash?: "solid" | "dot" | "dash";
    readonly shape?: "linear" | "hv";
  };
  readonly marker?: {
    readonly color: string | readonly string[];
    readonly size: number | readonly number[];
    readonly symbol?: "circle" | "square" | "square-open" | "arrow" | "x";
    /** `previous` turns arrows along the path. */
    readonly angleref?: "previous" | "up";
    /** Pixels that a marker steps back along the path. */
    readonly standoff?: number;
    readonly line?: { readonly color: string; readonly width: number };
  };
  readonly fill?: "tozeroy";
  readonly fillcolor?: string;
}

/** Bars. */
export interface BarTrace extends TraceBase {
  readonly type: "bar";
  readonly orientation: "h" | "v";
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Where each bar starts. @default 0 */
  readonly base?: readonly number[];
  /** Across the bar, in units of its axis. */
  readonly width: number;
  readonly marker: { readonly color: string | readonly string[] };
  readonly text?: readonly string[];
  readonly textposition?: "outside" | "none";
  readonly hovertext?: readonly string[];
}

/** One of the kinds of traces that figures use; a subset of Plotly's. */
export type Trace = HeatmapTrace | ScatterTrace | BarTrace;

/** An axis of a panel. Ranges and ticks are always explicit, so that every renderer agrees. */
export interface Axis {
  /** Part of the figure that it spans, in fractions. */
  readonly domain: readonly [number, number];
  /** From the left or bottom end to the other; powers of ten on a logarithmic axis. */
  readonly range: readonly [number, number];
  readonly type: "linear" | "log";
  readonly anchor: string;
  readonly tickvals: readonly number[];
  readonly ticktext: readonly string[];
  readonly ticks: "" | "outside";
  readonly showgrid: boolean;
  readonly gridcolor: string;
  readonly showline: boolean;
  readonly linecolor: string;
  readonly zeroline: false;
  readonly tickfont: { readonly size: number };
  readonly title?: {
    readonly text: string;
    readonly font: { readonly size: number };
    readonly standoff: number;
  };
  readonly side?: "top" | "bottom" | "left" | "right";
}

/** A picture inside a panel. */
export interface LayoutImage {
  /** A data URL. */
  readonly source: string;
  readonly xref: string;
  readonly yref: string;
  readonly x: number;
  readonly y: number;
  readonly sizex: number;
  readonly sizey: number;
  readonly xanchor: "left";
  readonly yanchor: "top";
  readonly sizing: "stretch";
  readonly layer: "below" | "above";
  readonly opacity?: number;
}

/** A rectangle or line inside a panel. */
export interface Shape {
  readonly type: "rect" | "line";
  readonly xref: string;
  readonly yref: string;
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly y1: number;
  readonly line: { readonly color: string; readonly width: number; readonly dash?: "solid" | "dot" | "dash" };
  readonly fillcolor?: string;
  readonly layer: "above" | "below";
}

/** Words beside or inside a panel. */
export interface Annotation {
  readonly text: string;
  readonly xref: string;
  readonly yref: string;
  readonly x: number;
  readonly y: number;
  readonly xanchor: "left" | "center" | "right";
  readonly yanchor: "top" | "middle" | "bottom";
  readonly align?: "left" | "center";
  readonly showarrow: false;
  readonly font: { readonly size: number; readonly color?: string };
  readonly textangle?: number;
}

/** A change of the figure: the arguments of Plotly's `restyle`. */
export interface Restyle {
  readonly label: string;
  readonly method: "restyle";
  readonly args: readonly [Readonly<Record<string, unknown>>, readonly number[]];
}

/** A slider under the panels. */
export interface Slider {
  readonly active: number;
  readonly steps: readonly Restyle[];
  readonly currentvalue: {
    readonly prefix: string;
    readonly font: { readonly size: number; readonly color: string };
    readonly xanchor: "left";
  };
  readonly x: number;
  readonly y: number;
  readonly len: number;
  readonly xanchor: "left";
  readonly yanchor: "top";
  readonly pad: { readonly t: number; readonly b: number };
  readonly ticklen: number;
  readonly minorticklen: number;
  readonly font: { readonly size: number; readonly color?: string };
  readonly bgcolor: string;
  readonly bordercolor: string;
  readonly activebgcolor: string;
  readonly tickcolor: string;
}

/** A drop-down list of views. */
export interface UpdateMenu {
  readonly type: "dropdown";
  readonly active: number;
  readonly buttons: readonly Restyle[];
  readonly x: number;
  readonly y: number;
  readonly xanchor: "right";
  readonly yanchor: "top";
  readonly pad: { readonly t: number; readonly b: number };
  readonly font: { readonly size: number };
  readonly bgcolor: string;
  readonly bordercolor: string;
}

/** The rest of a figure, in Plotly's words. Axes have keys `xaxis`, `yaxis`, `xaxis2`, ... */
export interface Layout {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  readonly title: {
    readonly text: string;
    readonly x: number;
    readonly xanchor: "left";
    readonly y: number;
    readonly yanchor: "middle";
    readonly font: { readonly size: number };
  };
  readonly font: { readonly family: string; readonly size: number; readonly color: string };
  readonly margin: { readonly l: 0; readonly r: 0; readonly t: 0; readonly b: 0; readonly autoexpand: false };
  readonly "paper_bgcolor": string;
  readonly "plot_bgcolor": string;
  readonly hovermode: "closest";
  readonly barmode: "overlay";
  readonly showlegend: boolean;
  readonly legend: {
    readonly orientation: "h";
    readonly x: number;
    readonly xanchor: "left";
    readonly y: number;
    readonly yanchor: "middle";
    readonly bgcolor: string;
    readonly font: { readonly size: number };
    readonly itemclick: "toggle" | false;
  };
  readonly images: readonly LayoutImage[];
  readonly shapes: readonly Shape[];
  readonly annotations: readonly Annotation[];
  readonly sliders: readonly Slider[];
  readonly updatemenus: readonly UpdateMenu[];
  readonly [axis: `xaxis${string}`]: Axis;
  readonly [axis: `yaxis${string}`]: Axis;
}

/**
 * A Plotly figure as plain JSON, with words for those who cannot see it. Draws itself in a notebook.
 */
export interface Figure {
  /** Plotly's traces. */
  readonly data: readonly Trace[];
  /** Plotly's layout. */
  readonly layout: Layout;
  /** What the figure shows, in a sentence or two. */
  readonly alt: string;
}

/** The settings with which every figure is shown: nothing is sent anywhere. */
export const PLOTLY_CONFIG = { showSendToCloud: false, displaylogo: false, responsive: false } as const;

/** Makes a figure one that notebooks draw; otherwise a plain record, the method does not enumerate. */
export function createFigure(figure: Figure): Figure {
  return Object.defineProperty({ ...figure }, Symbol.for("Jupyter.display"), {
    value: () => displayFigure(figure),
    enumerable: false,
  });
}
