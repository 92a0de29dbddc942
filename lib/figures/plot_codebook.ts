import { assertTiles, type CodeTiles, layTiles, tileUrl } from "./code_tiles.ts";
import { assertIndex, entropyBits } from "./attention_maps.ts";
import { pictureBelow } from "./_canvas.ts";
import { axesOf, createLayout, formatNumber, HEADER, LEFT, note } from "./_layout.ts";
import { SERIES } from "./_palette.ts";
import { pictureUrl } from "./picture_url.ts";
import { sayCount } from "./_words.ts";
import { createFigure, type Figure, type LayoutImage } from "./figure.ts";
import type { Tensor } from "../core/mod.ts";

/** What {@link plotCodebook} shows besides the tiles. */
export interface PlotCodebookOptions {
  /** How often each code occurs; shape `[K]`. Unused codes are crossed out, and tiles are sorted by use. @default none */
  readonly counts?: ArrayLike<number>;
}

/**
 * Draws the tile that each code decodes to. With counts, the most used ones come first.
 *
 * @throws {TypeError} If tiles do not have shape `[K, H, W, 3]`, or counts another length.
 */
export function plotCodebook(tiles: CodeTiles, { counts }: PlotCodebookOptions = {}): Figure {
  assertTiles(tiles);
  const [K = 1] = tiles.shape;
  assertCounts(counts, K);
  const codes = Array.from({ length: K }, (_, code) => code);
  if (counts !== undefined) codes.sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0) || a - b);
  const columns = Math.ceil(Math.sqrt(K * 1.6)), rows = Math.ceil(K / columns);
  const side = Math.min(48, 800 / columns);
  const box = { left: LEFT, top: HEADER + 8, width: columns * side, height: rows * side };
  const size = {
    width: Math.ceil(Math.max(560, box.width + 2 * LEFT)),
    height: Math.ceil(box.top + box.height + 16),
  };
  const total = counts === undefined ? 0 : Array.from(counts).reduce((sum, count) => sum + count, 0);
  const dead = codes.filter((code) => counts !== undefined && (counts[code] ?? 0) === 0);
  const subtitle = counts === undefined
    ? sayCount(K, "code")
    : `${sayCount(K, "code")}, most used first; ${dead.length} unused; perplexity ${
      formatNumber(Number((2 ** entropyOf(counts)).toPrecision(4)))
    }`;
  const grid = Array.from(
    { length: rows },
    (_, row) => Array.from({ length: columns }, (_, column) => codes[row * columns + column] ?? -1),
  );
  const isDead = new Set(dead);
  return createFigure({
    data: [{
      type: "heatmap",
      z: grid.map((row) => row.map((code) => code === -1 ? null : isDead.has(code) ? 1 : 0)),
      zmin: 0,
      zmax: 1,
      colorscale: [[0, "rgba(0,0,0,0)"], [1, "rgba(128,128,128,0.55)"]],
      showscale: false,
      hovertext: grid.map((row) =>
        row.map((code) => code === -1 ? "" : `<b>code ${code}</b>${sayUse(counts?.[code], total)}`)
      ),
      hoverinfo: "text",
      ...(side >= 14
        ? {
          text: grid.map((row) => row.map((code) => isDead.has(code) ? "\u00d7" : "")),
          texttemplate: "%{text}",
          textfont: { size: 16 },
        }
        : {}),
      ...axesOf(0),
    }],
    layout: createLayout({
      ...size,
      title: "Codebook: what each code decodes to",
      subtitle,
      panels: [{
        box,
        x: { range: [-0.5, columns - 0.5], ticks: [] },
        y: { range: [rows - 0.5, -0.5], ticks: [] },
      }],
      images: [
        pictureBelow(pictureUrl(layTiles(tiles, codes, columns), { maxSide: 800 }), 0, {
          x: 0,
          y: 0,
          columns,
          rows,
        }),
      ],
    }),
    alt: `Tiles of the codebook: ${subtitle}.`,
  });
}

/**
 * Draws how evenly codes are used: counts from the most to the least used, on logarithmic axes, with the perplexity.
 *
 * @param counts Shape `[K]`.
 */
export function plotCodebookUse(counts: ArrayLike<number>): Figure {
  const finite = Array.from(counts, (count) => Number.isFinite(count) ? Math.max(0, count) : 0);
  const sorted = finite.filter((count) => count > 0).sort((a, b) => b - a);
  const K = counts.length, total = sorted.reduce((sum, count) => sum + count, 0);
  const perplexity = 2 ** entropyOf(finite), most = Math.max(1, sorted[0] ?? 1);
  const strange = Array.from(counts).filter((count) => !Number.isFinite(count) || count < 0).length;
  const subtitle =
    `${sorted.length} of ${sayCount(K, "code")} used, ${sayCount(total, "token")}; perplexity ` +
    `${formatNumber(Number(perplexity.toPrecision(4)))} (dashed)${
      strange === 0 ? "" : `; ${sayCount(strange, "count")} left out, not numbers >= 0`
    }`;
  const powers = (top: number) =>
    [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8].filter((tick) => tick <= top).map((tick) =>
      [tick, formatNumber(tick)] as const
    );
  return createFigure({
    data: [{
      type: "scatter",
      mode: "lines",
      name: "use",
      x: sorted.map((_, rank) => rank + 1),
      y: sorted,
      line: { color: SERIES[0], width: 2, shape: "hv" },
      hovertext: sorted.map((count, rank) => `rank ${rank + 1}: ${formatNumber(count)} times`),
      hoverinfo: "text",
      ...axesOf(0),
    }, {
      type: "scatter",
      mode: "lines",
      name: "perplexity",
      x: [perplexity, perplexity],
      y: [0.8, most * 1.3],
      line: { color: SERIES[1], width: 1.5, dash: "dash" },
      hovertext: ["perplexity", "perplexity"],
      hoverinfo: "text",
      ...axesOf(0),
    }],
    layout: createLayout({
      width: 640,
      height: 380,
      title: "Use of the codebook",
      subtitle,
      panels: [{
        box: { left: 76, top: HEADER + 10, width: 530, height: 250 },
        x: {
          range: [0.9, Math.max(2, K) * 1.1],
          type: "log",
          ticks: powers(K * 1.1),
          title: "rank of the code",
          grid: true,
        },
        y: {
          range: [0.8, most * 1.3],
          type: "log",
          ticks: powers(most * 1.3),
          title: "times used",
          grid: true,
        },
      }],
    }),
    alt: `Use of the codebook: ${subtitle}.`,
  });
}

/** What {@link plotCodebookNeighbours} needs. */
export interface PlotCodebookNeighboursOptions {
  /** The vectors of all codes; `[K, D]`. */
  readonly codebook: Tensor<Float32Array>;
  /** Whose neighbours: a row each. */
  readonly codes: readonly number[];
  /** How many. @default 8 */
  readonly numNeighbours?: number;
}

/**
 * Draws the nearest neighbours of codes in the codebook, by Euclidean distance, as tiles.
 *
 * @throws {TypeError} If the codebook is not `[K, D]`, or tiles are not `[K, H, W, 3]`.
 * @throws {RangeError} If there is no such code.
 */
export function plotCodebookNeighbours(tiles: CodeTiles, options: PlotCodebookNeighboursOptions): Figure {
  const { codebook, codes, numNeighbours = 8 } = options;
  assertTiles(tiles);
  const [K = 0] = tiles.shape;
  if (codebook.shape.length !== 2 || codebook.shape[0] !== K) {
    throw new TypeError(
      `Cannot draw neighbours: codebook must have shape [${K}, D], got [${codebook.shape.join(", ")}]`,
    );
  }
  for (const code of codes) assertIndex("code", code, K);
  const rows = codes.map((
    code,
  ) => [{ code, distance: 0 }, ...nearest(codebook, code).slice(0, numNeighbours)]);
  const side = 62, gap = 18, width = Math.max(560, LEFT * 2 + 20 + (numNeighbours + 1) * side);
  const size = { width, height: HEADER + 10 + Math.max(1, rows.length) * (side + gap) + 10 };
  const place = (row: number, column: number) => ({
    left: LEFT + column * side + (column > 0 ? 20 : 0),
    top: HEADER + 10 + row * (side + gap),
  });
  const images = rows.flatMap((row, y) =>
    row.map(({ code }, x): LayoutImage => {
      const { left, top } = place(y, x);
      return {
        source: tileUrl(tiles, code),
        xref: "paper",
        yref: "paper",
        x: left / size.width,
        y: 1 - top / size.height,
        sizex: (side - 6) / size.width,
        sizey: (side - 6) / size.height,
        xanchor: "left",
        yanchor: "top",
        sizing: "stretch",
        layer: "above",
      };
    })
  );
  const subtitle = `left: the code; then its nearest neighbours with their distances`;
  const blank = { left: 0, top: 0, width: size.width, height: size.height };
  return createFigure({
    data: [],
    layout: createLayout({
      ...size,
      title: "Nearest neighbours in the codebook",
      subtitle,
      panels: [{ box: blank, x: { range: [0, 1], ticks: [] }, y: { range: [0, 1], ticks: [] } }],
      images,
      annotations: rows.flatMap((row, y) =>
        row.map(({ code, distance }, x) => {
          const { left, top } = place(y, x);
          const says = x === 0 ? `<b>${code}</b>` : `${code}: ${Number(distance.toPrecision(2))}`;
          return note(size, says, { left: left + side / 2 - 3, top: top + side + 3 }, "center", 10);
        })
      ),
    }),
    alt: `Nearest neighbours in the codebook. ${
      rows.map((row) => `${row[0]?.code}: ${row.slice(1).map(({ code }) => code).join(", ")}`).join("; ")
    }.`,
  });
}

function nearest({ shape, data }: Tensor<Float32Array>, code: number) {
  const [K = 0, D = 0] = shape;
  const distances = Array.from({ length: K }, (_, other) => {
    let sum = 0;
    for (let i = 0; i < D; i++) sum += ((data[other * D + i] ?? NaN) - (data[code * D + i] ?? NaN)) ** 2;
    return { code: other, distance: Math.sqrt(sum) };
  });
  const far = (distance: number) => Number.isNaN(distance) ? Infinity : distance;
  return distances.filter((other) => other.code !== code).sort((a, b) =>
    far(a.distance) - far(b.distance) || a.code - b.code
  );
}

function assertCounts(counts: ArrayLike<number> | undefined, K: number): void {
  if (counts === undefined || counts.length === K) return;
  throw new TypeError(`Cannot draw codebook: counts must number ${K}, got ${counts.length}`);
}

function entropyOf(counts: ArrayLike<number>): number {
  const list = Array.from(counts), total = list.reduce((sum, count) => sum + count, 0);
  return total > 0 ? entropyBits(list.map((count) => count / total)) : 0;
}

function sayUse(count: number | undefined, total: number): string {
  if (count === undefined) return "";
  return `<br>${formatNumber(count)} times, ${
    total > 0 ? `${formatNumber(100 * count / total)} %` : "of none"
  }`;
}
