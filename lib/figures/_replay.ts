import type { Canvas } from "./_canvas.ts";
import { canvasCells, toMatrix } from "./_canvas.ts";
import type { Box } from "./_layout.ts";
import { FAINT, INK, TO_COME } from "./_palette.ts";
import type { ColorScale, HeatmapTrace, Restyle, Slider } from "./figure.ts";

/** The most positions of a slider; more steps are thinned out. */
const MAX_POSITIONS = 64;

/** The times at which a slider stops: 1 to `numSteps`, thinned out evenly, the last one always among them. */
export function chooseTimes(numSteps: number): number[] {
  const stride = Math.max(1, Math.ceil(numSteps / MAX_POSITIONS));
  const times: number[] = [];
  for (let time = numSteps; time >= 1; time -= stride) times.unshift(time);
  return times;
}

/** A slider below a box; it starts at its last position. */
export function createSlider(
  { width, height }: { readonly width: number; readonly height: number },
  box: Pick<Box, "left" | "width"> & { readonly top: number },
  steps: readonly Restyle[],
): Slider {
  return {
    active: steps.length - 1,
    steps,
    currentvalue: { prefix: "", font: { size: 12, color: INK }, xanchor: "left" },
    x: box.left / width,
    y: 1 - box.top / height,
    len: Math.max(box.width, 220) / width,
    xanchor: "left",
    yanchor: "top",
    pad: { t: 4, b: 0 },
    ticklen: 0,
    minorticklen: 0,
    font: { size: 1, color: "rgba(0,0,0,0)" },
    bgcolor: FAINT,
    bordercolor: FAINT,
    activebgcolor: "#2a87c8",
    tickcolor: "rgba(0,0,0,0)",
  };
}

const HIDE: ColorScale = [[0, "rgba(128,128,128,0)"], [1, TO_COME]];

/**
 * A layer that hides the cells whose value is above a threshold. Moving it changes two numbers, `zmin` and `zmax`, so a
 * replay of any length is small: {@link curtainAt}.
 */
export function createCurtain(
  canvas: Canvas,
  panel: number,
  valueOf: (patch: number) => number | null,
  threshold: number,
): HeatmapTrace {
  const [zmin, zmax] = curtainAt(threshold);
  return {
    type: "heatmap",
    z: toMatrix(canvas, valueOf, null),
    ...canvasCells(canvas, panel),
    zmin,
    zmax,
    colorscale: HIDE,
    showscale: false,
    hoverinfo: "skip",
  };
}

/** `zmin` and `zmax` of a curtain that shows whole numbers up to `threshold` and hides larger ones. */
export function curtainAt(threshold: number): readonly [number, number] {
  return [threshold, threshold + 1];
}
