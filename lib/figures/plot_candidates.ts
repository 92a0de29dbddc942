import { assertIndex } from "./attention_maps.ts";
import type { TokenStatistics } from "./describe_logits.ts";
import { axesOf, createLayout, formatNumber, HEADER, roundTicks } from "./_layout.ts";
import { ACCENT, SERIES } from "./_palette.ts";
import { sayOrdinal } from "./_words.ts";
import { createFigure, type Figure, type LayoutImage } from "./figure.ts";
import { type CodeTiles, tileUrl } from "./code_tiles.ts";

/** What {@link plotCandidates} shows besides the statistics. */
export interface PlotCandidatesOptions {
  /** The picture that each code decodes to. @default none */
  readonly tiles?: CodeTiles;
}

/**
 * Draws the most likely codes of one token with their probabilities and the tiles that they would decode to; the one that
 * was drawn is orange.
 *
 * @param token Raster index inside the patch.
 * @throws {RangeError} If there is no such token, or a code has no tile.
 */
export function plotCandidates(
  patch: TokenStatistics,
  token: number,
  { tiles }: PlotCandidatesOptions = {},
): Figure {
  assertIndex("token", token, patch.tokens.length);
  const candidates = patch.candidates[token] ?? [], drawn = patch.tokens[token] ?? -1;
  const surprise = patch.surprise[token] ?? NaN, entropy = patch.entropy[token] ?? NaN;
  const isListed = candidates.some(({ code }) => code === drawn);
  const list = isListed ? candidates : [...candidates, { code: drawn, probability: 2 ** -surprise }];
  const shown = list.map(({ code, probability }) => ({
    code,
    probability: Number.isFinite(probability) ? probability : 0,
  }));
  const top = Math.max(1e-6, ...shown.map(({ probability }) => probability));
  const side = tiles === undefined ? 26 : 44;
  const box = {
    left: tiles === undefined ? 76 : 124,
    top: HEADER + 8,
    width: 400,
    height: Math.max(1, list.length) * side,
  };
  const size = { width: 620, height: Math.ceil(box.top + box.height + 50) };
  const images = tiles === undefined ? [] : list.map(({ code }, i): LayoutImage => ({
    source: tileUrl(tiles, code),
    xref: "paper",
    yref: "paper",
    x: 76 / size.width,
    y: 1 - (box.top + (i + 0.5) * side - 19) / size.height,
    sizex: 38 / size.width,
    sizey: 38 / size.height,
    xanchor: "left",
    yanchor: "top",
    sizing: "stretch",
    layer: "above",
  }));
  const rest = 1 - candidates.reduce((sum, { probability }) => sum + probability, 0);
  const subtitle =
    `${sayOrdinal(token + 1)} token; drawn: code ${drawn}, ${sayBits(surprise)} of surprise; ` +
    `entropy ${sayBits(entropy)}; all other codes: ${sayPercent(rest)}`;
  const percent = (value: number) => [value, sayPercent(value)] as const;
  return createFigure({
    data: [{
      type: "bar",
      orientation: "h",
      y: list.map((_, i) => i),
      x: shown.map(({ probability }) => probability),
      width: 0.72,
      marker: { color: list.map(({ code }) => code === drawn ? ACCENT : SERIES[0]) },
      text: list.map(({ code, probability }) => sayPercent(probability) + (code === drawn ? " drawn" : "")),
      textposition: "outside",
      hovertext: list.map(({ code, probability }) => `code ${code}: ${sayPercent(probability)}`),
      hoverinfo: "text",
      ...axesOf(0),
    }],
    layout: createLayout({
      ...size,
      title: "What the token could have been",
      subtitle,
      panels: [{
        box,
        x: {
          range: [0, top * 1.25],
          ticks: roundTicks(0, top, 4).map(([value]) => percent(value)),
          grid: true,
        },
        y: { range: [Math.max(1, list.length) - 0.5, -0.5], ticks: [] },
      }],
      images,
      annotations: list.map(({ code }, i) => ({
        text: String(code),
        xref: "paper",
        yref: "paper",
        x: 66 / size.width,
        y: 1 - (box.top + (i + 0.5) * side) / size.height,
        xanchor: "right",
        yanchor: "middle",
        showarrow: false,
        font: { size: 12 },
      })),
    }),
    alt: `Most likely codes: ${
      list.map(({ code, probability }) => `${code} ${sayPercent(probability)}`).join(", ")
    }. ${subtitle}.`,
  });
}

function sayBits(bits: number): string {
  return Number.isFinite(bits) ? `${formatNumber(Math.round(bits * 100) / 100)} bits` : `${bits} bits`;
}

function sayPercent(probability: number): string {
  if (!Number.isFinite(probability)) return String(probability);
  const percent = Math.max(0, probability) * 100;
  return `${percent >= 9.95 || percent === 0 ? percent.toFixed(0) : Number(percent.toPrecision(2))} %`;
}
