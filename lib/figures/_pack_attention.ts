import { type Grid, patchIndex } from "../core/mod.ts";
import { assertAttention, selectAttention, type Selection } from "./attention_maps.ts";
import { toBase64 } from "./picture_url.ts";
import type { AttentionTrace } from "./traces.ts";
import { sayCount } from "./_words.ts";

/** Attention of one patch under one choice of layer and head. */
interface PackedView {
  /** `[M, N M + M]` bytes as base64, each query's largest weight being 255. */
  readonly bytes: string;
  /** The largest weight of each query; null where one is not finite, and its bytes of 255 are the ones that are not. */
  readonly top: readonly (number | null)[];
}

/** Attention of all patches, as the player reads it. */
export interface PackedAttention {
  /** By patch index: its context, and a view for each name. */
  readonly patches: Readonly<
    Record<string, { readonly keys: readonly number[]; readonly views: readonly PackedView[] }>
  >;
  /** What the views show. */
  readonly names: readonly string[];
  /** What was averaged or left out. */
  readonly notes: readonly string[];
}

type View = { readonly layer: Selection; readonly head: Selection };

/** Packs attention into so many bytes: every head if that fits, else layers, else the average; else fewer patches. */
export function packAttention(
  traces: readonly AttentionTrace[],
  grid: Grid,
  maxBytes: number,
): PackedAttention {
  const [first] = traces;
  if (first === undefined) return { patches: {}, names: [], notes: [] };
  const { numLayers, numHeads } = assertAttention(first);
  const layers = Array.from({ length: numLayers }, (_, layer): View => ({ layer, head: "mean" }));
  const heads = layers.flatMap(({ layer }) =>
    Array.from({ length: numHeads }, (_, head): View => ({ layer, head }))
  );
  const mean: View = { layer: "mean", head: "mean" };
  const cost = traces.reduce(
    (sum, { weights: { shape } }) => sum + (shape[2] ?? 0) * (shape[3] ?? 0) * 4 / 3,
    0,
  );
  const choices: readonly (readonly [readonly View[], string])[] = [
    [[mean, ...layers, ...heads], ""],
    [[mean, ...layers], "attention averaged over heads, to keep the page small"],
    [[mean], "attention averaged over layers and heads, to keep the page small"],
  ];
  const [views, note] = choices.find(([list]) => list.length * cost <= maxBytes) ?? choices[2] ??
    [[mean], ""];
  const every = Math.max(1, Math.ceil(views.length * cost / maxBytes));
  const kept = traces.filter((_, i) => i % every === 0);
  const notes = [
    note,
    every === 1 ? "" : `attention of ${kept.length} of ${sayCount(traces.length, "patch", "patches")}`,
  ];
  return {
    patches: Object.fromEntries(kept.map((trace) => [patchIndex(grid, trace.position), {
      keys: trace.context.map((patch) => patchIndex(grid, patch)),
      views: views.map((view) => packView(trace, view)),
    }])),
    names: views.map(sayView),
    notes: notes.filter((text) => text !== ""),
  };
}

function packView(trace: AttentionTrace, view: View): PackedView {
  const { numQueries, numKeys } = assertAttention(trace);
  const bytes = new Uint8Array(numQueries * numKeys), top: (number | null)[] = [];
  for (let query = 0; query < numQueries; query++) {
    const weights = selectAttention(trace, query, view);
    const most = weights.reduce((a, b) => Number.isFinite(b) ? Math.max(a, b) : a, 1e-9);
    const isFinite = weights.every(Number.isFinite);
    weights.forEach((weight, key) => {
      // Where some are not finite, 255 is kept for them.
      bytes[query * numKeys + key] = Number.isFinite(weight)
        ? Math.round((isFinite ? 255 : 254) * weight / most)
        : 255;
    });
    top.push(isFinite ? Number(most.toPrecision(3)) : null);
  }
  return { bytes: toBase64(bytes), top };
}

function sayView({ layer, head }: View): string {
  if (layer === "mean") return "all layers and heads";
  return `layer ${layer + 1}, ${head === "mean" ? "all heads" : `head ${head + 1}`}`;
}
