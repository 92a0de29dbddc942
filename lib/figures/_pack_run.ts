import { deflateSync } from "node:zlib";
import { type Grid, patchIndex, type TokenGrid } from "../core/mod.ts";
import type { Plan } from "../direction/mod.ts";
import { createCanvas } from "./_canvas.ts";
import { countPooled, findPlanFacts } from "./_plan_facts.ts";
import { sayCount } from "./_words.ts";
import { layTiles } from "./code_tiles.ts";
import type { PlayerRun } from "./create_player.ts";
import type { TokenStatistics } from "./describe_logits.ts";
import { packAttention, type PackedAttention } from "./pack_attention.ts";
import { pictureUrl, toBase64 } from "./picture_url.ts";
import type { PatchTokens } from "./traces.ts";

/** The most tokens whose candidates are kept: a megabyte or two. */
const MAX_STATISTICS = 50_000;

/** A run for the player's page: base64 of deflated JSON, and sentences on what it holds and what was left out. */
export function packRun(
  run: PlayerRun,
  maxAttentionBytes: number,
): { readonly data: string; readonly notes: readonly string[] } {
  const { statistics = [], plan: { grid } } = run;
  const attention = thinAttention(run.attention ?? [], maxAttentionBytes);
  const M = run.patchTokens.height * run.patchTokens.width;
  const every = Math.max(1, Math.ceil(statistics.length * M / MAX_STATISTICS));
  const described = statistics.filter((_, i) => i % every === 0);
  const json = JSON.stringify({
    ...packFacts(run),
    ...packAllAttention(attention, grid),
    ...packStatistics(described, grid),
  });
  return {
    data: toBase64(deflateSync(new TextEncoder().encode(json))),
    notes: [
      ...sayKept("Attention of every layer and head", attention.length, run.attention?.length ?? 0),
      ...(attention.length > 0
        ? [
          "Shares of attention are rounded to 16 steps of their square root; those below 0.1 % are not kept.",
        ]
        : []),
      ...sayKept("Candidates", described.length, statistics.length),
    ],
  };
}

function sayKept(what: string, numKept: number, numGiven: number): string[] {
  if (numGiven === 0) return [];
  return [
    numKept === numGiven
      ? `${what}: kept for all ${sayCount(numGiven, "patch", "patches")}.`
      : `${what}: kept for ${numKept} of ${sayCount(numGiven, "patch", "patches")}, to keep the page small.`,
  ];
}

/** Every patch, or as few as fit. */
function thinAttention(
  attention: NonNullable<PlayerRun["attention"]>,
  maxBytes: number,
): readonly PackedAttention[] {
  const packed = attention.map((trace) => "numHeads" in trace ? trace : packAttention(trace));
  const bytes = packed.reduce(
    (sum, { weights, wordWeights }) => sum + weights.length + wordWeights.length,
    0,
  );
  const every = Math.max(1, Math.ceil(bytes * 4 / 3 / maxBytes)); // base64 takes 4 characters for 3 bytes
  return packed.filter((_, i) => i % every === 0);
}

/** By patch index. */
function packAllAttention(attention: readonly PackedAttention[], grid: Grid) {
  const [first] = attention;
  return {
    numLayers: first?.numLayers ?? 0,
    numHeads: first?.numHeads ?? 0,
    words: first?.words ?? [],
    attention: Object.fromEntries(attention.map(({ position, context, weights, wordWeights }) => [
      patchIndex(grid, position),
      {
        keys: context.map((patch) => patchIndex(grid, patch)),
        weights: toBase64(weights),
        ...(wordWeights.length === 0 ? {} : { words: toBase64(wordWeights) }),
      },
    ])),
  };
}

/** Everything that is known of every run. Records of patches are keyed by patch index. */
function packFacts({ plan, patchTokens, tokens, tiles, bytesPerPatch }: PlayerRun) {
  const { grid } = plan, { waveOf } = findPlanFacts(plan);
  const { framesAcross } = createCanvas(grid, { left: 0, top: 0, width: 900, height: 500 });
  const [K = 0, height = 0, width = 0] = tiles?.shape ?? [], columns = Math.max(1, Math.ceil(Math.sqrt(K)));
  const codes = Array.from({ length: K }, (_, code) => code);
  return {
    grid: { ...grid, framesAcross },
    patchTokens,
    steps: plan.steps.map(({ position, context }) => {
      const patch = patchIndex(grid, position);
      return { patch, wave: waveOf[patch], context: context.map((place) => patchIndex(grid, place)) };
    }),
    lastUse: Array.from(plan.lastUse),
    pooled: countPooled(plan),
    peak: plan.peak,
    ...(bytesPerPatch === undefined ? {} : { bytesPerPatch }),
    ...(tokens === undefined ? {} : { tokens: splitTokens(tokens, plan, patchTokens) }),
    ...(tiles === undefined ? {} : {
      tiles: {
        source: pictureUrl(layTiles(tiles, codes, columns), { maxSide: Infinity }),
        width,
        height,
        columns,
      },
    }),
  };
}

/** Numbers with two decimals; what is none becomes null, which the player shows in pink. */
function packStatistics(statistics: readonly TokenStatistics[], grid: Grid) {
  const round = (value: number, digits: number) =>
    Number.isFinite(value) ? Number(value.toFixed(digits)) : null;
  const surprises = statistics.flatMap(({ surprise }) => Array.from(surprise).filter(Number.isFinite));
  return {
    statistics: Object.fromEntries(
      statistics.map(({ position, tokens, surprise, entropy, candidates }) => [patchIndex(grid, position), {
        tokens: Array.from(tokens),
        surprise: Array.from(surprise, (bits) => round(bits, 2)),
        entropy: Array.from(entropy, (bits) => round(bits, 2)),
        candidates: candidates.map((list) =>
          list.map(({ code, probability }) => [code, round(probability, 5)])
        ),
      }]),
    ),
    mostSurprise: surprises.reduce((most, bits) => Math.max(most, bits), 1e-3),
  };
}

/** The tokens of each patch, by patch index. */
function splitTokens(tokens: TokenGrid, { grid }: Plan, { height, width }: PatchTokens): number[][] {
  const [h = 0, w = 0] = tokens.shape;
  if (h !== grid.frames * grid.rows * height || w !== grid.columns * width) {
    throw new TypeError(
      `Cannot create player: tokens must have shape [${grid.frames * grid.rows * height}, ${
        grid.columns * width
      }], got [${h}, ${w}]`,
    );
  }
  return Array.from({ length: grid.frames * grid.rows * grid.columns }, (_, patch) => {
    const top = Math.floor(patch / grid.columns) * height, left = patch % grid.columns * width;
    return Array.from(
      { length: height * width },
      (_, token) => tokens.get(top + Math.floor(token / width), left + token % width),
    );
  });
}
