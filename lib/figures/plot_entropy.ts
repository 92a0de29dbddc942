import { countNotFinite, sayNotFinite } from "./_cells.ts";
import type { TokenStatistics } from "./describe_logits.ts";
import { axesOf, createLayout, formatNumber, HEADER } from "./_layout.ts";
import { NOT_FINITE, SERIES } from "./_palette.ts";
import { sayCount } from "./_words.ts";
import { createFigure, type Figure, type ScatterTrace } from "./figure.ts";

/**
 * Draws entropy and surprise along the patch, token by token, averaged over patches. Where the model is calibrated the two
 * lines agree.
 *
 * @throws {RangeError} If there is no patch.
 * @throws {TypeError} If patches have different sizes.
 */
export function plotEntropy(patches: readonly TokenStatistics[]): Figure {
  const [first] = patches;
  if (first === undefined) throw new RangeError("Cannot draw entropy: patches must number at least 1, got 0");
  const M = first.tokens.length;
  for (const { tokens } of patches) {
    if (tokens.length !== M) {
      throw new TypeError(`Cannot draw entropy: patches must have ${M} tokens each, got ${tokens.length}`);
    }
  }
  const lines = (["entropy", "surprise"] as const).map((measure) => ({
    measure,
    means: Array.from({ length: M }, (_, token) => {
      return patches.reduce((sum, patch) => sum + (patch[measure][token] ?? NaN), 0) / patches.length;
    }),
  }));
  const strange = countNotFinite(lines.map(({ means }) => means));
  const top = Math.max(1e-3, ...lines.flatMap(({ means }) => means.filter(Number.isFinite)));
  const { width } = first.patchTokens;
  const subtitle =
    `bits, average of ${
      sayCount(patches.length, "patch", "patches")
    }; a grid line starts each row of tokens` +
    sayNotFinite(strange);
  const rows = Array.from(
    { length: Math.ceil(M / width) },
    (_, row) => [row * width, String(row * width + 1)] as const,
  );
  const every = Math.ceil(rows.length / 16);
  return createFigure({
    data: [
      ...lines.map(({ measure, means }, i) => drawLine(measure, means, SERIES[i] ?? SERIES[0])),
      ...drawStrange(lines.map(({ means }) => means)),
    ],
    layout: createLayout({
      width: 760,
      height: 380,
      title: "Entropy and surprise along the patch",
      subtitle,
      panels: [{
        box: { left: 60, top: HEADER + 36, width: 670, height: 220 },
        x: {
          range: [-0.5, M - 0.5],
          ticks: rows.filter((_, i) => i % every === 0),
          title: "token",
          grid: true,
        },
        y: { range: [0, top * 1.1], title: "bits", grid: true },
      }],
      legendTop: HEADER + 14,
    }),
    alt: `Entropy along the patch: ${
      lines.map(({ measure, means }) => `${measure} ${sayEnds(means)}`).join("; ")
    }. ${subtitle}.`,
  });
}

function drawLine(name: string, means: readonly number[], color: string): ScatterTrace {
  return {
    type: "scatter",
    mode: "lines+markers",
    name,
    showlegend: true,
    x: means.map((_, token) => token),
    y: means.map((bits) => Number.isFinite(bits) ? Math.round(bits * 1000) / 1000 : null),
    line: { color, width: 1.8, ...(name === "surprise" ? { dash: "dot" } : {}) },
    marker: { color, size: 4, symbol: name === "surprise" ? "square" : "circle" },
    hovertext: means.map((bits, token) =>
      `token ${token + 1}: ${name} ${formatNumber(Math.round(bits * 100) / 100)} bits`
    ),
    hoverinfo: "text",
    ...axesOf(0),
  };
}

/** Crosses on the axis where a value is none. */
function drawStrange(lines: readonly (readonly number[])[]): ScatterTrace[] {
  const tokens = [
    ...new Set(lines.flatMap((line) => line.flatMap((bits, token) => Number.isFinite(bits) ? [] : [token]))),
  ];
  if (tokens.length === 0) return [];
  return [{
    type: "scatter",
    mode: "markers",
    name: "not finite",
    showlegend: true,
    x: tokens,
    y: tokens.map(() => 0),
    marker: { color: NOT_FINITE, size: 9, symbol: "x" },
    hovertext: tokens.map((token) => `token ${token + 1}: not finite`),
    hoverinfo: "text",
    ...axesOf(0),
  }];
}

function sayEnds(means: readonly number[]): string {
  const say = (bits: number | undefined) => formatNumber(Math.round((bits ?? NaN) * 100) / 100);
  return `from ${say(means[0])} to ${say(means.at(-1))} bits`;
}
