import type { Grid } from "../core/mod.ts";
import { type Canvas, canvasPanel, createCanvas, frameMarks, framePictures, placeOf } from "./_canvas.ts";
import { countNotFinite, drawCells, findRange, sayNotFinite } from "./_cells.ts";
import type { TokenStatistics } from "./describe_logits.ts";
import { axesOf, colorBar, createLayout, formatNumber, HEADER, LEFT, roundTicks } from "./_layout.ts";
import { MAGMA } from "./_palette.ts";
import { sayCount, sayOrdinal, sayPlace } from "./_words.ts";
import { createFigure, type Figure } from "./figure.ts";
import type { CanvasFigureOptions } from "./plot_order.ts";

/** What {@link plotSurprise} shows. */
export interface PlotSurpriseOptions extends CanvasFigureOptions {
  /** The canvas. */
  readonly grid: Grid;
  /** `surprise`: how unlikely the drawn token was; `entropy`: how undecided the model was. @default "surprise" */
  readonly measure?: "surprise" | "entropy";
}

/** The most tokens along a side of the map; larger ones keep the largest value of each block. */
const MAX_SIDE = 220;

/**
 * Draws a heat map of all tokens over the picture: bits of surprise, or of entropy. Patches without statistics stay empty.
 * Where there are more tokens than can be drawn, each cell shows the largest value of a block, and the figure says so.
 *
 * @throws {RangeError} If there are no statistics, or there are pictures, but not one a frame.
 */
export function plotSurprise(
  patches: readonly TokenStatistics[],
  { grid, pictures = [], measure = "surprise" }: PlotSurpriseOptions,
): Figure {
  const [first] = patches;
  if (first === undefined) {
    throw new RangeError("Cannot draw surprise: patches must number at least 1, got 0");
  }
  const { height, width } = first.patchTokens;
  const canvas = createCanvas(grid, {
    left: LEFT,
    top: HEADER + (grid.frames > 1 ? 18 : 8),
    width: 780,
    height: 440,
  }, 96);
  const { map, block } = layOutTokens(patches, canvas, measure);
  const all = patches.map((patch) => patch[measure]);
  const [, top] = findRange(all);
  const size = {
    width: Math.ceil(Math.max(560, canvas.box.left + canvas.box.width + 90)),
    height: Math.ceil(canvas.box.top + canvas.box.height + 20),
  };
  const subtitle = sumUp(all, block);
  const places = new Map(patches.map((patch) => {
    const { x, y } = placeOf(canvas, patch.position);
    return [`${x},${y}`, patch] as const;
  }));
  const marks = frameMarks(canvas, 0);
  return createFigure({
    data: drawCells({
      values: map,
      trace: {
        x0: (block / width - 1) / 2,
        dx: block / width,
        y0: (block / height - 1) / 2,
        dy: block / height,
        zmin: 0,
        zmax: Math.max(top, 1e-3),
        colorscale: MAGMA,
        showscale: true,
        colorbar: colorBar(size, canvas.box, "bits", roundTicks(0, Math.max(top, 1e-3), 5)),
        opacity: pictures.length > 0 ? 0.72 : 1,
        ...axesOf(0),
      },
      describe: (row, column, value) => {
        if (block > 1) return `<b>${value} bits</b> at most in this block`;
        const patch = places.get(`${Math.floor(column / width)},${Math.floor(row / height)}`);
        if (patch === undefined) return "";
        const token = (row % height) * width + column % width;
        return `<b>${value} bits</b>, ${sayOrdinal(token + 1)} token of its patch<br>${
          sayPlace({ grid }, patch.position)
        }` +
          `<br>code ${patch.tokens[token]}`;
      },
      format: (bits) => formatNumber(round2(bits)),
    }),
    layout: createLayout({
      ...size,
      title: measure === "surprise" ? "Surprise of each token" : "Entropy before each token",
      subtitle,
      panels: [canvasPanel(canvas)],
      images: framePictures(canvas, 0, pictures, "muted"),
      ...marks,
    }),
    alt: `Heat map over the picture, ${measure} of each token: ${subtitle}; at most ${
      formatNumber(round2(top))
    } bits.`,
  });
}

/** All tokens as they lie on the canvas, or the largest value of each block of `block` x `block` where they are too many. */
function layOutTokens(
  patches: readonly TokenStatistics[],
  canvas: Canvas,
  measure: NonNullable<PlotSurpriseOptions["measure"]>,
): { readonly map: readonly (number | null)[][]; readonly block: number } {
  const { height = 1, width = 1 } = patches[0]?.patchTokens ?? {};
  const rows = canvas.rows * height, columns = canvas.columns * width;
  const longer = Math.max(rows, columns), shorter = Math.min(rows, columns);
  const block = Math.ceil(longer / MAX_SIDE / Math.max(1, Math.sqrt(longer / shorter)));
  const map = createMap(Math.ceil(rows / block), Math.ceil(columns / block));
  for (const patch of patches) {
    const { x, y } = placeOf(canvas, patch.position);
    patch[measure].forEach((bits, token) => {
      const row = Math.floor((y * height + Math.floor(token / width)) / block);
      keepLarger(map[row], Math.floor((x * width + token % width) / block), bits);
    });
  }
  return { map, block };
}

/** How many tokens, how many bits, and what is not shown. */
function sumUp(all: readonly Float64Array[], block: number): string {
  const numTokens = all.reduce((sum, { length }) => sum + length, 0);
  const finite = all.flatMap((values) => Array.from(values).filter(Number.isFinite));
  const mean = finite.reduce((sum, bits) => sum + bits, 0) / Math.max(1, finite.length);
  const thinned = block === 1 ? "" : `; too many to draw: the largest of each ${block} x ${block} block`;
  return `${sayCount(numTokens, "token")}, ${formatNumber(round2(mean))} bits on average${thinned}${
    sayNotFinite(countNotFinite(all))
  }`;
}

function createMap(rows: number, columns: number): (number | null)[][] {
  return Array.from({ length: rows }, () => new Array<number | null>(columns).fill(null));
}

/** NaN and infinities win, so that no block hides one. */
function keepLarger(row: (number | null)[] | undefined, column: number, value: number): void {
  if (row === undefined) return;
  const before = row[column] ?? null;
  if (before === null || !Number.isFinite(value) || (Number.isFinite(before) && value > before)) {
    row[column] = value;
  }
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
