import { countNotFinite, drawCells, findRange, sayNotFinite } from "./_cells.ts";
import { axesOf, colorBar, createLayout, HEADER, roundTicks } from "./_layout.ts";
import { VIRIDIS } from "./_palette.ts";
import { sayShare } from "./plot_attention.ts";
import { type Annotation, createFigure, type Figure } from "./figure.ts";
import type { TextAttentionTrace } from "./traces.ts";

/** What {@link plotTextAttention} shows. */
export interface PlotTextAttentionOptions {
  /** `heads`: a row a layer and head, averaged over tokens. `tokens`: a row a token, averaged over both. @default "heads" */
  readonly rows?: "heads" | "tokens";
}

/**
 * Draws which words a patch looked at.
 *
 * @throws {TypeError} If the weights do not have shape `[L, heads, M, T]`, T words.
 */
export function plotTextAttention(
  trace: TextAttentionTrace,
  { rows = "heads" }: PlotTextAttentionOptions = {},
): Figure {
  const values = averageWeights(trace, rows), numRows = values.length;
  const [, heads = 1, , T = 1] = trace.weights.shape;
  const name = (row: number) =>
    rows === "heads" ? `${Math.floor(row / heads) + 1}.${row % heads + 1}` : String(row + 1);
  const cell = Math.min(26, 460 / numRows), across = Math.min(70, 760 / T);
  const box = { left: 64, top: HEADER + 56, width: T * across, height: Math.max(80, numRows * cell) };
  const size = {
    width: Math.ceil(Math.max(560, box.left + box.width + 90)),
    height: Math.ceil(box.top + box.height + 40),
  };
  const [, top] = findRange(values), every = Math.max(1, Math.ceil(12 / Math.max(cell, 1)));
  const subtitle = `${rows === "heads" ? "layer and head" : "token"} down, words across${
    sayNotFinite(countNotFinite(values))
  }`;
  return createFigure({
    data: drawCells({
      values,
      trace: {
        zmin: 0,
        zmax: Math.max(top, 1e-6),
        colorscale: VIRIDIS,
        showscale: true,
        colorbar: colorBar(size, box, "weight", roundTicks(0, Math.max(top, 1e-6), 4)),
        ...axesOf(0),
        xgap: 1,
        ygap: cell < 6 ? 0 : 1,
      },
      describe: (row, word, value) =>
        `<b>${value}</b> on ${JSON.stringify(trace.words[word])}<br>${
          rows === "heads" ? `layer and head ${name(row)}` : `token ${name(row)}`
        }`,
      format: sayShare,
    }),
    layout: createLayout({
      ...size,
      title: "Which words the patch looked at",
      subtitle,
      panels: [{
        box,
        x: { range: [-0.5, T - 0.5], ticks: [] },
        y: {
          range: [numRows - 0.5, -0.5],
          ticks: values.flatMap((_, row) => row % every === 0 ? [[row, name(row)] as const] : []),
          title: rows === "heads" ? "layer.head" : "token",
        },
      }],
      annotations: trace.words.map(nameColumn),
    }),
    alt: `Attention over words: ${sayBest(trace.words, values)}. ${subtitle}.`,
  });
}

/** A row a head, averaged over tokens, or a row a token, averaged over heads; shape `[rows][T]`. */
function averageWeights(
  { weights: { shape, data }, words }: TextAttentionTrace,
  rows: "heads" | "tokens",
): number[][] {
  const [L = 0, heads = 0, M = 0, T = 0] = shape;
  if (shape.length !== 4 || T !== words.length || T < 1) {
    throw new TypeError(
      `Cannot draw attention: weights must have shape [L, heads, M, ${words.length}], got [${
        shape.join(", ")
      }]`,
    );
  }
  const numRows = rows === "heads" ? L * heads : M, numOthers = rows === "heads" ? M : L * heads;
  return Array.from({ length: numRows }, (_, row) =>
    Array.from({ length: T }, (_, word) => {
      let sum = 0;
      for (let i = 0; i < numOthers; i++) {
        const place = rows === "heads" ? row * M + i : i * M + row;
        sum += data[place * T + word] ?? 0;
      }
      return sum / numOthers;
    }));
}

/** The three words with most attention. */
function sayBest(words: readonly string[], values: readonly (readonly number[])[]): string {
  const shares = words.map((word, i) => {
    return { word, share: values.reduce((sum, row) => sum + (row[i] ?? 0), 0) / values.length };
  });
  return shares.sort((a, b) => b.share - a.share).slice(0, 3)
    .map(({ word, share }) => `${word} ${sayShare(share)}`).join("; ");
}

/** A word over its column. */
function nameColumn(text: string, x: number): Annotation {
  const at = { xref: "x", yref: "y", x, y: -0.5, xanchor: "left", yanchor: "bottom" } as const;
  return { text, ...at, showarrow: false, font: { size: 11 }, textangle: -35 };
}
