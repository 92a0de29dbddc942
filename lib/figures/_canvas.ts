import { countPatches, type Grid, patchAt, type PatchPosition } from "../core/mod.ts";
import type { AxisOptions, Box, Panel } from "./_layout.ts";
import { FAINT } from "./_palette.ts";
import type { Annotation, HeatmapTrace, LayoutImage, Shape } from "./figure.ts";
import { axesOf, refsOf } from "./_layout.ts";
import { sayOrdinal } from "./_words.ts";
import { type PictureSource, pictureUrl } from "./picture_url.ts";

/** A canvas laid out in a panel: its frames side by side, one cell apart, in rows where there are many. */
export interface Canvas {
  readonly grid: Grid;
  readonly box: Box;
  /** Pixels of the side of a patch. */
  readonly cell: number;
  /** Cells across, gaps between frames included. */
  readonly columns: number;
  /** Cells down, likewise. */
  readonly rows: number;
  /** 1, or where there are too many patches to draw, how far apart those are that are drawn. */
  readonly stride: number;
  /** Frames in a row. */
  readonly framesAcross: number;
}

/** The most cells of a heat map; beyond it, rows and columns are left out. */
export const MAX_CELLS = 20_000;

/** Lays a grid of patches out in the room that there is: as large as fits, cells of at most `maxCell` pixels. */
export function createCanvas(grid: Grid, room: Box, maxCell = 64): Canvas {
  const shapes = Array.from({ length: grid.frames }, (_, i) => {
    const framesAcross = i + 1, framesDown = Math.ceil(grid.frames / framesAcross);
    const columns = framesAcross * (grid.columns + 1) - 1, rows = framesDown * (grid.rows + 1) - 1;
    const cell = Math.min(maxCell, room.width / columns, room.height / rows);
    return { framesAcross, columns, rows, cell };
  });
  const best = shapes.reduce((a, b) => b.cell > a.cell * 1.001 || b.cell === maxCell ? b : a);
  const stride = Math.ceil(Math.sqrt(best.columns * best.rows / MAX_CELLS));
  const box = {
    left: room.left,
    top: room.top,
    width: best.columns * best.cell,
    height: best.rows * best.cell,
  };
  return { grid, box, stride, ...best };
}

/** The panel of a canvas: rows downwards, no ticks. */
export function canvasPanel(canvas: Canvas): Panel {
  const bare = (from: number, to: number): AxisOptions => ({ range: [from, to], ticks: [] });
  return { box: canvas.box, x: bare(-0.5, canvas.columns - 0.5), y: bare(canvas.rows - 0.5, -0.5) };
}

/** Where the centre of a patch lies in the panel. */
export function placeOf({ grid, framesAcross }: Canvas, { frame, row, column }: PatchPosition) {
  return {
    x: (frame % framesAcross) * (grid.columns + 1) + column,
    y: Math.floor(frame / framesAcross) * (grid.rows + 1) + row,
  };
}

/** A matrix in the layout of the canvas, from a value for each patch index; gaps between frames hold `gap`. */
export function toMatrix<Value>(canvas: Canvas, valueOf: (patch: number) => Value, gap: Value): Value[][] {
  const { stride } = canvas;
  const matrix = Array.from(
    { length: Math.ceil(canvas.rows / stride) },
    () => new Array<Value>(Math.ceil(canvas.columns / stride)).fill(gap),
  );
  const numPatches = countPatches(canvas.grid);
  for (let patch = 0; patch < numPatches; patch++) {
    const { x, y } = placeOf(canvas, patchAt(canvas.grid, patch));
    const row = matrix[y / stride];
    if (row !== undefined && x % stride === 0) row[x / stride] = valueOf(patch);
  }
  return matrix;
}

/** Fields of a heat map over a canvas. */
export function canvasCells(canvas: Canvas, panel: number): Pick<
  HeatmapTrace,
  "x0" | "dx" | "y0" | "dy" | "xgap" | "ygap" | "xaxis" | "yaxis"
> {
  const middle = (canvas.stride - 1) / 2, gap = canvas.cell * canvas.stride >= 14 ? 1 : 0;
  return {
    x0: middle,
    dx: canvas.stride,
    y0: middle,
    dy: canvas.stride,
    xgap: gap,
    ygap: gap,
    ...axesOf(panel),
  };
}

/** A thin frame around each frame of the canvas, and its number where there are several. */
export function frameMarks(
  canvas: Canvas,
  panel: number,
): { readonly shapes: readonly Shape[]; readonly annotations: readonly Annotation[] } {
  const { grid, cell } = canvas, refs = refsOf(panel);
  const corners = Array.from(
    { length: grid.frames },
    (_, frame) => placeOf(canvas, { frame, row: 0, column: 0 }),
  );
  return {
    shapes: corners.map(({ x, y }) => ({
      type: "rect",
      ...refs,
      x0: x - 0.5,
      x1: x + grid.columns - 0.5,
      y0: y - 0.5,
      y1: y + grid.rows - 0.5,
      line: { color: FAINT, width: 1 },
      layer: "above",
    })),
    annotations: grid.frames === 1 || cell < 9 ? [] : corners.map(({ x, y }, frame) => ({
      text: `frame ${frame + 1}`,
      ...refs,
      x: x - 0.5,
      y: y - 0.5,
      xanchor: "left",
      yanchor: "bottom",
      showarrow: false,
      font: { size: 11 },
    })),
  };
}

/** Pictures of the frames, under the cells. */
export function framePictures(
  canvas: Canvas,
  panel: number,
  sources: readonly PictureSource[],
  tone: "plain" | "muted" = "plain",
): LayoutImage[] {
  if (sources.length > 0 && sources.length !== canvas.grid.frames) {
    throw new RangeError(
      `Cannot draw canvas: pictures must be one a frame, ${canvas.grid.frames}, got ${sources.length}`,
    );
  }
  return sources.map((source, frame) => {
    const { x, y } = placeOf(canvas, { frame, row: 0, column: 0 });
    return pictureBelow(pictureUrl(source, { tone }), panel, { x, y, ...canvas.grid });
  });
}

/** A picture over `columns` x `rows` cells, of which (x, y) is the first. */
export function pictureBelow(
  source: string,
  panel: number,
  { x, y, columns, rows }: {
    readonly x: number;
    readonly y: number;
    readonly columns: number;
    readonly rows: number;
  },
): LayoutImage {
  return {
    source,
    ...refsOf(panel),
    x: x - 0.5,
    y: y - 0.5,
    sizex: columns,
    sizey: rows,
    xanchor: "left",
    yanchor: "top",
    sizing: "stretch",
    layer: "below",
  };
}

/** What the subtitle says about patches that are left out; often nothing. */
export function sayThinned({ stride }: { readonly stride: number }): string {
  return stride === 1 ? "" : `; too many to draw: only every ${sayOrdinal(stride)} row and column is shown`;
}
