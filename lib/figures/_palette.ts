import type { ColorScale } from "./figure.ts";

/** Text that reads on white (4.3 : 1) and on JupyterLab's dark #111 (4.4 : 1). */
export const INK = "#7a7a7a";

/** Grid lines and frames, faint on both. */
export const FAINT = "rgba(128,128,128,0.28)";

/** What is not there yet, and what is there no more. */
export const TO_COME = "rgba(128,128,128,0.82)";

/** Colours of series, told apart by the colour-blind (after Okabe and Ito), 3 : 1 on white and on #111. */
export const SERIES = ["#2a87c8", "#d55e00", "#009e73", "#b45f9e", "#a07a00", "#5b6cc9"] as const;

/** What must be seen: the patch or token at hand. */
export const ACCENT = "#ff7f0e";

/** Numbers that are none. */
export const NOT_FINITE = "#ff00c8";

/** From small to large, dark to bright, perceptually even: viridis. */
export const VIRIDIS: ColorScale = spread(
  "#440154 #482475 #414487 #355f8d #2a788e #21918c #22a884 #44bf70 #7ad151 #bddf26 #fde725",
);

/** From usual to striking: magma without its blackest end. */
export const MAGMA: ColorScale = spread(
  "#150e37 #3b0f70 #641a80 #8c2981 #b73779 #de4968 #f7705c #fe9f6d #fecf92 #fcfdbf",
);

/** Layers of amber over a grey picture: nothing to opaque. */
export const AMBER: ColorScale = [
  [0, "rgba(255,170,0,0)"],
  [0.08, "rgba(255,140,0,0.28)"],
  [0.35, "rgba(255,150,0,0.62)"],
  [1, "rgba(255,225,60,0.95)"],
];

function spread(colors: string): ColorScale {
  const list = colors.split(" ");
  return list.map((color, i) => [i / (list.length - 1), color] as const);
}

/** Red, green, blue (0 to 255) and opacity of `#rrggbb`, `rgb()` or `rgba()`. */
export function parseColor(color: string): readonly [number, number, number, number] {
  if (color.startsWith("#")) {
    const value = parseInt(color.slice(1), 16);
    return [value >> 16, (value >> 8) & 255, value & 255, 1];
  }
  const [r = 0, g = 0, b = 0, a = 1] = (color.match(/[\d.]+/g) ?? []).map(Number);
  return [r, g, b, a];
}

/** The colour of a scale at `t`, which is clamped to 0..1. */
export function colorAt(scale: ColorScale, t: number): string {
  const at = Math.min(1, Math.max(0, t));
  const upper = Math.max(1, scale.findIndex(([place]) => place >= at));
  const [from, low] = scale[upper - 1] ?? [0, INK], [to, high] = scale[upper] ?? [1, INK];
  const part = to === from ? 1 : (at - from) / (to - from);
  const a = parseColor(low), b = parseColor(high);
  const mix = (i: 0 | 1 | 2 | 3) => a[i] + (b[i] - a[i]) * part;
  return `rgba(${Math.round(mix(0))},${Math.round(mix(1))},${Math.round(mix(2))},${
    Number(mix(3).toFixed(3))
  })`;
}

/** Black or white, whichever reads better on a colour. */
export function inkOn(color: string): string {
  const [r, g, b] = parseColor(color);
  return 0.299 * r + 0.587 * g + 0.114 * b > 140 ? "#111111" : "#ffffff";
}
