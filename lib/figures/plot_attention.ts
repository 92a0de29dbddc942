import type { PatchPosition } from "../core/mod.ts";
import {
  assertAttention,
  assertIndex,
  rollOutAttention,
  selectAttention,
  type Selection,
} from "./attention_maps.ts";
import { countNotFinite, drawCells, round, sayNotFinite } from "./_cells.ts";
import { colorBar, createLayout, formatNumber, HEADER, LEFT, note, refsOf, roundTicks } from "./_layout.ts";
import { AMBER } from "./_palette.ts";
import {
  type AttentionScene,
  layOutScene,
  sceneMarks,
  type ScenePictures,
  scenePictures,
  sceneValues,
} from "./_attention_scene.ts";
import { createFigure, type Figure, type HeatmapTrace, type Restyle, type UpdateMenu } from "./figure.ts";
import type { AttentionTrace } from "./traces.ts";

/** What {@link plotAttention} shows. */
export interface PlotAttentionOptions extends ScenePictures {
  /** The token that asks: a raster index inside the patch. @default the one in the middle */
  readonly query?: number;
  /** Which layer is shown first. @default "mean" */
  readonly layer?: Selection;
  /** Which head is shown first. @default "mean" */
  readonly head?: Selection;
  /** `rollout` follows attention through all layers. @default "attention" */
  readonly measure?: "attention" | "rollout";
}

/**
 * Draws where one token looked, over the pixels of its context and of its own patch. A menu chooses layer and head.
 *
 * @throws {TypeError} If the trace does not have the shape that it promises.
 * @throws {RangeError} If there is no such token, layer or head.
 */
export function plotAttention(trace: AttentionTrace, options: PlotAttentionOptions = {}): Figure {
  const { numLayers, numHeads, numQueries } = assertAttention(trace);
  const { width } = trace.patchTokens, { layer = "mean", head = "mean", measure = "attention" } = options;
  const query = options.query ?? Math.floor(trace.patchTokens.height / 2) * width + Math.floor(width / 2);
  assertIndex("query", query, numQueries);
  const scene = layOutScene(trace, { left: LEFT, top: HEADER + 10, width: 640, height: 460 });
  const weights = measure === "rollout"
    ? rolledOut(trace, query)
    : selectAttention(trace, query, { layer, head });
  const values = sceneValues(scene, trace, weights);
  const top = findTop(weights), strange = countNotFinite([weights]);
  const menu = measure === "attention" && numLayers * numHeads > 1 ? listViews(trace, query) : [];
  const size = {
    width: Math.ceil(Math.max(620, scene.box.left + scene.box.width + 100)),
    height: Math.ceil(scene.box.top + scene.box.height + 42),
  };
  const begin = weights[weights.length - numQueries] ?? 0;
  const subtitle =
    `token at row ${Math.floor(query / width) + 1}, column ${query % width + 1} of its patch; ` +
    `${measure === "rollout" ? "rolled out over all layers" : sayView(layer, head)}${sayNotFinite(strange)}`;
  const marks = sceneMarks(scene, trace, query);
  return createFigure({
    data: drawOverlay(scene, values, top, colorBar(size, scene.box, "weight", roundTicks(0, top, 4))),
    layout: createLayout({
      ...size,
      title: "Where the token looked",
      subtitle,
      panels: [scene.panel],
      images: scenePictures(scene, options),
      shapes: marks,
      annotations: [
        note(size, `begin token: ${sayShare(begin)}`, { left: LEFT, top: size.height - 20 }, "left", 11),
      ],
      ...(menu.length === 0 ? {} : { menu: createMenu(size, menu, scene, trace, query, { layer, head }) }),
    }),
    alt: `Attention of one token over its picture: ${subtitle}. ${sayPatches(trace, weights)}`,
  });
}

/**
 * Draws where one token looked in every layer and head: a row a layer, a column a head. Heads that look at many places give
 * little to each, so each has a scale of its own; its upper end is written above.
 *
 * @throws {TypeError} If the trace does not have the shape that it promises.
 * @throws {RangeError} If there is no such token.
 */
export function plotAttentionHeads(
  trace: AttentionTrace,
  options: Pick<PlotAttentionOptions, "query" | "pictures" | "tokenPixels"> = {},
): Figure {
  const { numLayers, numHeads, numQueries } = assertAttention(trace);
  const { width } = trace.patchTokens;
  const query = options.query ?? Math.floor(trace.patchTokens.height / 2) * width + Math.floor(width / 2);
  assertIndex("query", query, numQueries);
  const views = Array.from({ length: numLayers * numHeads }, (_, i) => {
    const layer = Math.floor(i / numHeads), head = i % numHeads;
    return { layer, head, weights: selectAttention(trace, query, { layer, head }) };
  });
  const side = Math.min(160, 780 / numHeads - 10);
  const probe = layOutScene(trace, { left: 0, top: 0, width: side, height: side });
  const tall = probe.box.height + 24, wide = Math.max(probe.box.width, 130) + 10;
  const scenes = views.map(({ layer, head }) =>
    layOutScene(trace, {
      left: LEFT + head * wide,
      top: HEADER + 26 + layer * tall,
      width: side,
      height: side,
    })
  );
  const tops = views.map(({ weights }) => findTop(weights));
  const size = {
    width: Math.ceil(Math.max(560, LEFT * 2 + numHeads * wide)),
    height: Math.ceil(HEADER + 30 + numLayers * tall),
  };
  const strange = countNotFinite(views.map(({ weights }) => weights));
  const subtitle =
    `one token, ${numLayers} layers (down) and ${numHeads} heads (across); brightest: the weight above each${
      sayNotFinite(strange)
    }`;
  return createFigure({
    data: views.flatMap(({ weights }, i) => {
      const scene = scenes[i];
      if (scene === undefined) return [];
      const values = sceneValues(scene, trace, weights);
      return drawOverlay({ ...scene, describe: () => "" }, values, tops[i] ?? 1, undefined, i);
    }),
    layout: createLayout({
      ...size,
      title: "Where the token looked, by layer and head",
      subtitle,
      panels: scenes.map(({ panel }) => panel),
      images: scenes.flatMap((scene, i) => scenePictures(scene, options, i, 200)),
      shapes: scenes.flatMap((scene, i) => sceneMarks(scene, trace, query, i)),
      annotations: views.map(({ layer, head }, i) => {
        const { left = 0, top: above = 0 } = scenes[i]?.box ?? {};
        const most = formatShare(tops[i] ?? 0);
        return note(
          size,
          `layer ${layer + 1}, head ${head + 1}: ${most}`,
          { left, top: above - 9 },
          "left",
          10,
        );
      }),
    }),
    alt: `Attention by layer and head: ${subtitle}.`,
  });
}

function rolledOut(trace: AttentionTrace, query: number): Float64Array {
  const { shape: [, numKeys = 0], data } = rollOutAttention(trace);
  return Float64Array.from(data.subarray(query * numKeys, (query + 1) * numKeys));
}

function drawOverlay(
  scene: AttentionScene,
  values: readonly (readonly (number | null)[])[],
  top: number,
  bar: HeatmapTrace["colorbar"],
  panel = 0,
): HeatmapTrace[] {
  const { xref, yref } = refsOf(panel);
  return drawCells({
    values,
    trace: {
      zmin: 0,
      zmax: top,
      colorscale: AMBER,
      showscale: bar !== undefined,
      ...(bar === undefined ? {} : { colorbar: bar }),
      xaxis: xref,
      yaxis: yref,
    },
    describe: (row, column, value) =>
      [`<b>${value}</b>`, scene.describe(row, column)].filter((line) => line !== "").join("<br>"),
    format: sayShare,
  });
}

/** One entry a layer and head, with the average of all first. */
function listViews(trace: AttentionTrace, query: number) {
  const { numLayers, numHeads } = assertAttention(trace);
  const views: { readonly layer: Selection; readonly head: Selection }[] = [{ layer: "mean", head: "mean" }];
  for (let layer = 0; layer < numLayers; layer++) {
    views.push({ layer, head: "mean" });
    for (let head = 0; head < numHeads; head++) views.push({ layer, head });
  }
  return views.map((view) => ({ ...view, weights: selectAttention(trace, query, view) }));
}

function createMenu(
  size: { readonly width: number; readonly height: number },
  views: ReturnType<typeof listViews>,
  scene: AttentionScene,
  trace: AttentionTrace,
  query: number,
  first: { readonly layer: Selection; readonly head: Selection },
): UpdateMenu {
  assertIndex("query", query, trace.patchTokens.height * trace.patchTokens.width);
  const buttons = views.map(({ layer, head, weights }): Restyle => ({
    label: sayView(layer, head),
    method: "restyle",
    args: [{
      z: [
        sceneValues(scene, trace, weights).map((row) =>
          row.map((value) => value === null ? null : round(value))
        ),
      ],
      zmax: [findTop(weights)],
    }, [0]],
  }));
  const active = views.findIndex(({ layer, head }) => layer === first.layer && head === first.head);
  return {
    type: "dropdown",
    active: Math.max(0, active),
    buttons,
    x: 1 - 8 / size.width,
    y: 1 - 8 / size.height,
    xanchor: "right",
    yanchor: "top",
    pad: { t: 0, b: 0 },
    font: { size: 11 },
    bgcolor: "rgba(128,128,128,0.15)",
    bordercolor: "rgba(128,128,128,0.4)",
  };
}

/** A share of 1 in whole percent. */
function formatShare(weight: number): string {
  return weight < 0.01 ? "< 1 %" : `${Math.round(100 * weight)} %`;
}

/** The largest finite weight, so that the scale is full; never 0. */
function findTop(weights: ArrayLike<number>): number {
  return Array.from(weights).reduce(
    (top, value) => Number.isFinite(value) ? Math.max(top, value) : top,
    1e-6,
  );
}

function sayView(layer: Selection, head: Selection): string {
  if (layer === "mean" && head === "mean") return "all layers and heads";
  const first = layer === "mean" ? "all layers" : `layer ${layer + 1}`;
  return `${first}, ${head === "mean" ? "all heads" : `head ${head + 1}`}`;
}

/** A share of 1 in percent. */
export function sayShare(weight: number): string {
  return Number.isFinite(weight) ? `${formatNumber(weight * 100)} %` : String(weight);
}

/** The patches that got most of the weight, in words. */
function sayPatches({ position, context, patchTokens }: AttentionTrace, weights: Float64Array): string {
  const M = patchTokens.height * patchTokens.width;
  const patches: readonly PatchPosition[] = [...context, position];
  const shares = patches.map((patch, i) => {
    const share = weights.subarray(i * M, (i + 1) * M).reduce((sum, weight) => sum + weight, 0);
    return {
      share,
      name: patch === position ? "its own patch" : `row ${patch.row + 1}, column ${patch.column + 1}`,
    };
  });
  const best = shares.sort((a, b) => b.share - a.share).slice(0, 3);
  return `Most weight: ${best.map(({ share, name }) => `${name} ${sayShare(share)}`).join("; ")}.`;
}
