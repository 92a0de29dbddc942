import { type Extent, patchIndex } from "../core/mod.ts";
import { relativeOffset } from "../direction/mod.ts";
import { assertAttention, attentionEntropy, selectAttention, type Selection } from "./attention_maps.ts";
import { countNotFinite, drawCells, findRange, sayNotFinite } from "./_cells.ts";
import {
  axesOf,
  type Box,
  colorBar,
  createLayout,
  formatNumber,
  HEADER,
  note,
  type Panel,
  roundTicks,
} from "./_layout.ts";
import { VIRIDIS } from "./_palette.ts";
import { sayShare } from "./plot_attention.ts";
import { sayCount } from "./_words.ts";
import { createFigure, type Figure, type HeatmapTrace } from "./figure.ts";
import type { AttentionTrace } from "./traces.ts";

/** What {@link plotAttentionByOffset} averages. */
export interface PlotAttentionByOffsetOptions {
  /** The model's extent: which offsets there are. */
  readonly extent: Extent;
  /** @default "mean" */
  readonly layer?: Selection;
  /** @default "mean" */
  readonly head?: Selection;
}

/**
 * Draws how much attention goes to each offset, in patches: does the model look left, up, back in time? Averaged over all
 * tokens of the traces, those without such a neighbour included.
 *
 * @throws {TypeError} If a trace does not have the shape that it promises.
 * @throws {RangeError} If there is no trace, or a context patch lies outside the extent.
 */
export function plotAttentionByOffset(
  traces: readonly AttentionTrace[],
  { extent, layer = "mean", head = "mean" }: PlotAttentionByOffsetOptions,
): Figure {
  if (traces.length === 0) {
    throw new RangeError("Cannot draw attention: traces must number at least 1, got 0");
  }
  const shares = averageByOffset(traces, extent, { layer, head });
  const rows = 2 * extent.height + 1, columns = 2 * extent.width + 1, numFrames = extent.frames + 1;
  const cell = Math.min(74, 800 / (numFrames * (columns + 0.6)), 420 / rows);
  const boxes = Array.from({ length: numFrames }, (_, i): Box => ({
    left: 60 + i * (columns + 0.6) * cell,
    top: HEADER + 26,
    width: columns * cell,
    height: rows * cell,
  }));
  const size = {
    width: Math.ceil(Math.max(560, 60 + numFrames * (columns + 0.6) * cell + 80)),
    height: Math.ceil(HEADER + 26 + rows * cell + 56),
  };
  const [, top] = findRange(shares.flat()), strange = countNotFinite(shares.flat());
  const subtitle = `average over ${sayCount(traces.length, "patch", "patches")}${sayNotFinite(strange)}`;
  const last = boxes.at(-1) ?? boxes[0];
  return createFigure({
    data: shares.flatMap((values, i) =>
      drawOffsets(
        values,
        extent,
        i,
        Math.max(top, 1e-6),
        i === 0 && last !== undefined ? colorBar(size, last, "share", []) : undefined,
      )
    ),
    layout: createLayout({
      ...size,
      title: "Attention by offset, in patches",
      subtitle,
      panels: boxes.map((box, i): Panel => ({
        box,
        x: { range: [-0.5, columns - 0.5], ticks: ticksOf(extent.width), title: "columns to the right" },
        y: {
          range: [rows - 0.5, -0.5],
          ticks: i === 0 ? ticksOf(extent.height) : [],
          ...(i === 0 ? { title: "rows down" } : {}),
        },
      })),
      annotations: numFrames === 1 ? [] : boxes.map(({ left, top: above }, i) =>
        note(
          size,
          i === extent.frames ? "this frame" : `${sayCount(extent.frames - i, "frame")} back`,
          { left, top: above - 10 },
          "left",
          11,
        )
      ),
    }),
    alt: `Attention by offset: ${subtitle}. ${sayStrongest(shares, extent)}`,
  });
}

/** `[frames][rows][columns]`: the share of all attention that goes to each offset; the own patch in the middle. */
function averageByOffset(
  traces: readonly AttentionTrace[],
  extent: Extent,
  selection: { readonly layer: Selection; readonly head: Selection },
): number[][][] {
  const grid = { rows: 2 * extent.height + 1, columns: 2 * extent.width + 1, frames: extent.frames + 1 };
  const sums = new Float64Array(grid.rows * grid.columns * grid.frames);
  let numQueries = 0;
  for (const trace of traces) {
    const M = assertAttention(trace).numQueries;
    const places = [...trace.context, trace.position].map((patch) => {
      const { frames, row, column } = relativeOffset(trace.position, patch);
      const place = {
        frame: frames + extent.frames,
        row: row + extent.height,
        column: column + extent.width,
      };
      if (
        place.frame < 0 || place.row < 0 || place.column < 0 || place.row >= grid.rows ||
        place.column >= grid.columns
      ) {
        throw new RangeError(
          `Cannot draw attention: context must lie within extent ${extent.width}, ${extent.height}, ${extent.frames}, ` +
            `got offset ${column}, ${row}, ${frames}`,
        );
      }
      return patchIndex(grid, place);
    });
    for (let query = 0; query < M; query++) {
      const weights = selectAttention(trace, query, selection);
      places.forEach((place, i) => {
        let sum = 0;
        for (let key = i * M; key < (i + 1) * M; key++) sum += weights[key] ?? 0;
        sums[place] = (sums[place] ?? 0) + sum;
      });
    }
    numQueries += M;
  }
  return Array.from(
    { length: grid.frames },
    (_, frame) =>
      Array.from(
        { length: grid.rows },
        (_, row) =>
          Array.from({ length: grid.columns }, (_, column) =>
            (sums[patchIndex(grid, { frame, row, column })] ?? 0) / numQueries),
      ),
  );
}

function drawOffsets(
  values: readonly (readonly number[])[],
  extent: Extent,
  panel: number,
  top: number,
  bar: HeatmapTrace["colorbar"],
): HeatmapTrace[] {
  const frames = panel - extent.frames;
  return drawCells({
    values: values.map((row) => row.map((value) => value === 0 ? null : value)),
    trace: {
      zmin: 0,
      zmax: top,
      colorscale: VIRIDIS,
      xgap: 1,
      ygap: 1,
      ...axesOf(panel),
      ...(bar === undefined ? {} : {
        colorbar: { ...bar, tickvals: [0, top], ticktext: ["0", `${Math.round(100 * top)} %`] },
        showscale: true,
      }),
      text: values.map((row, y) =>
        row.map((value, x) => {
          const isOwn = frames === 0 && y === extent.height && x === extent.width;
          return value === 0
            ? ""
            : (isOwn ? "own<br>" : "") + `${(value * 100).toFixed(value < 0.0995 ? 1 : 0)} %`;
        })
      ),
      texttemplate: "%{text}",
      textfont: { size: 11 },
    },
    describe: (row, column, value) =>
      `<b>${value}</b><br>${column - extent.width} columns, ${row - extent.height} rows, ${frames} frames`,
    format: sayShare,
  });
}

function ticksOf(reach: number): (readonly [number, string])[] {
  return Array.from(
    { length: 2 * reach + 1 },
    (_, i) => [i, (i > reach ? "+" : "") + String(i - reach).replace("-", "\u2212")],
  );
}

function sayStrongest(shares: readonly (readonly (readonly number[])[])[], extent: Extent): string {
  const all = shares.flatMap((frame, f) =>
    frame.flatMap((row, y) => row.map((share, x) => ({ share, f, y, x })))
  );
  const [best] = all.sort((a, b) => b.share - a.share);
  if (best === undefined || !Number.isFinite(best.share)) return "";
  const { share, f, y, x } = best;
  return `Most goes to ${x - extent.width} columns, ${y - extent.height} rows, ${f - extent.frames} frames: ${
    sayShare(share)
  }.`;
}

/**
 * Draws the entropy of attention of each layer and head: which look at few keys, which at all.
 *
 * @throws {TypeError} If a trace does not have the shape that it promises.
 * @throws {RangeError} If there is no trace.
 */
export function plotAttentionEntropy(traces: readonly AttentionTrace[]): Figure {
  const entropy = attentionEntropy(traces);
  const numLayers = entropy.length, numHeads = entropy[0]?.length ?? 1;
  const cell = Math.min(72, 700 / numHeads, 460 / numLayers);
  const box = { left: 60, top: HEADER + 10, width: numHeads * cell, height: numLayers * cell };
  const size = {
    width: Math.ceil(Math.max(560, 60 + box.width + 90)),
    height: Math.ceil(HEADER + 10 + box.height + 56),
  };
  const mostKeys = Math.max(...traces.map(({ weights }) => weights.shape[3] ?? 1));
  const top = Math.log2(Math.max(2, mostKeys)), strange = countNotFinite(entropy);
  const subtitle = `bits, average over the tokens of ${sayCount(traces.length, "patch", "patches")}; ` +
    `${formatNumber(top)} would be all ${mostKeys} keys alike${sayNotFinite(strange)}`;
  const numbers = (count: number) => Array.from({ length: count }, (_, i) => [i, String(i + 1)] as const);
  return createFigure({
    data: drawCells({
      values: entropy,
      trace: {
        zmin: 0,
        zmax: top,
        colorscale: VIRIDIS,
        showscale: true,
        colorbar: colorBar(size, box, "bits", roundTicks(0, top, 5)),
        xgap: 1,
        ygap: 1,
        ...axesOf(0),
        ...(cell < 30 ? {} : {
          text: entropy.map((row) =>
            row.map((bits) => Number.isFinite(bits) ? bits.toFixed(1) : String(bits))
          ),
          texttemplate: "%{text}",
          textfont: { size: 12 },
        }),
      },
      describe: (row, column, value) => `<b>${value} bits</b><br>layer ${row + 1}, head ${column + 1}`,
      format: formatNumber,
    }),
    layout: createLayout({
      ...size,
      title: "Entropy of attention by layer and head",
      subtitle,
      panels: [{
        box,
        x: { range: [-0.5, numHeads - 0.5], ticks: numbers(numHeads), title: "head" },
        y: { range: [numLayers - 0.5, -0.5], ticks: numbers(numLayers), title: "layer" },
      }],
    }),
    alt: `Entropy of attention of ${numLayers} layers and ${numHeads} heads: ${subtitle}.`,
  });
}
