import { patchAt, type TokenGrid } from "../core/mod.ts";
import { createPlayer, type CreatePlayerOptions, type PlayerRun } from "./create_player.ts";
import page from "./compare_runs.html" with { type: "text" };
import { escapeXml } from "./_svg_text.ts";
import { sayCount, sayPatch } from "./_words.ts";

/** The most patches of a map of differences. */
const MAX_MAPPED = 20_000;

/**
 * Two runs as one HTML page that needs no network: their players side by side. What one shows the other does too, step, view
 * and chosen token; between them a map of the patches in which their codes differ.
 *
 * @param options.maxAttentionBytes Of each run. @default 3e6
 * @throws {RangeError} As `createPlayer`.
 * @throws {TypeError} As `createPlayer`.
 *
 * @example Usage
 * ```ts
 * import * as nuwa from "nuwa-infinity";
 *
 * async function compare(calm: nuwa.PlayerRun, wild: nuwa.PlayerRun) {
 *   const page = nuwa.compareRuns([{ ...calm, details: ["temperature 0.8"] }, { ...wild, details: ["temperature 1.2"] }]);
 *   await Deno.writeTextFile("compared.html", page);
 * }
 * ```
 */
export function compareRuns(
  [one, other]: readonly [PlayerRun, PlayerRun],
  { maxAttentionBytes = 3e6 }: CreatePlayerOptions = {},
): string {
  const [left, right] = [one, other].map((run) => escapeXml(createPlayer(run, { maxAttentionBytes })));
  const parts: Readonly<Record<string, string>> = {
    differences: drawDifferences(one, other),
    left: left ?? "",
    right: right ?? "",
  };
  return page.replaceAll(/\s*<!--(\w+)-->\s*|\{(\w+)\}/g, (whole, a, b) => parts[a ?? b] ?? whole);
}

/** A map of the patches whose codes differ, with words; words alone where there is no map. */
function drawDifferences(one: PlayerRun, other: PlayerRun): string {
  const { plan, plan: { grid }, tokens, patchTokens: { height, width } } = one;
  if (tokens === undefined || other.tokens === undefined) return "<p>Their codes were not kept.</p>";
  if (tokens.shape.join() !== other.tokens.shape.join()) return "<p>Their canvases are not of one size.</p>";
  const counts = countDifferences(tokens, other.tokens, { height, width }); // [P]
  const M = height * width, numTokens = counts.length * M;
  const numDifferent = counts.reduce((sum, count) => sum + count, 0);
  const percent = Number((100 * numDifferent / Math.max(1, numTokens)).toPrecision(2));
  const words = `${percent} % of ${sayCount(numTokens, "code")} differ`;
  if (counts.length > MAX_MAPPED) return `<p>${words}; too many patches for a map.</p>`;
  const cells = counts.map((count, patch) => {
    const { frame, row, column } = patchAt(grid, patch);
    const title = `${sayPatch(plan, patch)}: ${count} of ${M} codes differ`;
    const [color, opacity] = count === 0 ? ["#808080", 0.18] : ["#ff7f0e", 0.2 + 0.8 * count / M];
    return `<rect x="${column}" y="${
      frame * (grid.rows + 1) + row
    }" width=".94" height=".94" fill="${color}" ` +
      `fill-opacity="${opacity.toFixed(2)}"><title>${title}</title></rect>`;
  });
  const tall = grid.frames * (grid.rows + 1) - 1;
  return `<svg viewBox="0 0 ${grid.columns} ${tall}" role="img" aria-label="Map: ${words}">${
    cells.join("")
  }</svg><p>${words}; the stronger the colour of a patch, the more of its own.</p>`;
}

/** How many codes of each patch differ; shape `[P]`. */
function countDifferences(
  one: TokenGrid,
  other: TokenGrid,
  { height, width }: PlayerRun["patchTokens"],
): number[] {
  const [h = 0, w = 0] = one.shape, columns = w / width;
  const counts = new Array<number>(columns * h / height).fill(0);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const patch = Math.floor(y / height) * columns + Math.floor(x / width);
      if (one.get(y, x) !== other.get(y, x)) counts[patch] = (counts[patch] ?? 0) + 1;
    }
  }
  return counts;
}
