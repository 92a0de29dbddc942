import { patchIndex, type TokenGrid } from "../core/mod.ts";
import type { Plan } from "../direction/mod.ts";
import { packAttention } from "./_pack_attention.ts";
import { createCanvas } from "./_canvas.ts";
import { type CodeTiles, layTiles } from "./code_tiles.ts";
import type { TokenStatistics } from "./describe_logits.ts";
import { countPooled, findPlanFacts } from "./_plan_facts.ts";
import panels from "./player_panels.js" with { type: "text" };
import script from "./player.js" with { type: "text" };
import style from "./player.css" with { type: "text" };
import { type PictureSource, pictureUrl } from "./picture_url.ts";
import { escapeXml } from "./_svg_text.ts";
import { toScriptJson } from "./to_html.ts";
import type { AttentionTrace, PatchTokens } from "./traces.ts";
import { sayCount } from "./_words.ts";

/** A run as the player shows it; what is optional is left out of the page. */
export interface PlayerRun {
  /** The order, with the context of each step. */
  readonly plan: Plan;
  /** The finished picture of the whole canvas, one a frame; patches appear as they are in it. */
  readonly pictures: readonly PictureSource[];
  /** The size of the patches. */
  readonly patchTokens: PatchTokens;
  /** What the picture was to show. */
  readonly text?: string;
  /** Codes of the whole canvas, `[frames h, w]`. */
  readonly tokens?: TokenGrid;
  /** Where tokens looked, of some patches or of all. */
  readonly attention?: readonly AttentionTrace[];
  /** What tokens could have been, of some patches or of all. */
  readonly statistics?: readonly TokenStatistics[];
  /** The picture of each code. */
  readonly tiles?: CodeTiles;
  /** Bytes of the caches of one patch in the pool. */
  readonly bytesPerPatch?: number;
  /** Sentences for under the title: seed, seconds, device. */
  readonly details?: readonly string[];
}

/** How {@link createPlayer} writes. */
export interface CreatePlayerOptions {
  /** The most bytes for attention; layers and heads are averaged, patches left out, until it fits. @default 4 MiB */
  readonly maxAttentionBytes?: number;
}

/**
 * A run as one HTML page that needs no network: scrub through patches, see order and pool beside the growing picture, click a
 * token to see where it looked and what it could have been.
 *
 * @throws {RangeError} If pictures are not one a frame.
 * @throws {TypeError} If traces or tokens do not have the shapes that they promise.
 */
export function createPlayer(
  run: PlayerRun,
  { maxAttentionBytes = 4 * 2 ** 20 }: CreatePlayerOptions = {},
): string {
  const { plan, pictures, text, details = [] } = run, { grid } = plan;
  if (pictures.length !== grid.frames) {
    throw new RangeError(
      `Cannot create player: pictures must be one a frame, ${grid.frames}, got ${pictures.length}`,
    );
  }
  const attention = packAttention(run.attention ?? [], grid, maxAttentionBytes);
  const facts = [
    `${sayCount(plan.steps.length, "patch", "patches")} in ${
      sayCount(plan.waves.length, "wave")
    }, order ${plan.orderName}`,
    ...details,
    ...attention.notes,
  ].join("; ");
  const title = text === undefined || text === "" ? "A picture, patch by patch" : text;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeXml(title)}</title>
<style>
${style}</style>
</head>
<body>
<h1>${escapeXml(title)}</h1>
<p>${escapeXml(facts)}</p>
${createBody(run, attention.names)}
<script type="application/json" id="run">${
    toScriptJson({ ...packRun(run), attention: attention.patches })
  }</script>
<script>
${script}${panels}</script>
</body>
</html>
`;
}

/** The page without its data. */
function createBody({ plan, statistics = [] }: PlayerRun, viewNames: readonly string[]): string {
  const views = ["picture", "order", "pool", ...(statistics.length > 0 ? ["surprise"] : [])];
  const buttons = views.map((view) =>
    `<button data-view="${view}" aria-pressed="${view === "picture"}">${view}</button>`
  );
  const layers = viewNames.map((name, i) => `<option value="${i}">${escapeXml(name)}</option>`).join("");
  const keys = [["in the pool", "#2a87c8"], ["dropped", "#6f7580"], ["to come", "rgba(128,128,128,0.17)"], [
    "newest",
    "#ff7f0e",
  ]];
  const last = plan.steps.length;
  return `<main>
<div>
<div id="scroll"><canvas id="stage" role="img" aria-label="The picture as far as it is made; click a token to see where it looked"></canvas></div>
<div class="bar">
<button id="back" aria-label="one patch back">\u2190</button><button id="play" aria-label="play">\u25b6</button><button id="next" aria-label="one patch on">\u2192</button>
<input id="time" type="range" min="0" max="${last}" value="${last}" aria-label="patches made so far">
</div>
<div class="bar">${buttons.join("")}<label${
    layers === "" ? " hidden" : ""
  }>attention of <select id="layer">${layers}</select></label></div>
</div>
<aside>
<section><h2 id="now" aria-live="polite"></h2><div class="soft" id="facts"></div></section>
<section><h2>Context pool</h2><canvas id="map" role="img" aria-label="which patches are in the context pool"></canvas>
<div class="key">${
    keys.map(([name, color]) => `<span><i style="background:${color}"></i>${name}</span>`).join("")
  }</div>
<canvas id="chart" role="img" aria-label="patches in the pool by step" style="margin-top:8px"></canvas><div class="soft" id="pooled"></div></section>
<section><h2>Token</h2><div class="soft" id="token"></div><ol id="candidates"></ol></section>
</aside>
</main>`;
}

/** All but attention, as plain JSON. Records of patches are keyed by patch index. */
function packRun({ plan, pictures, patchTokens, tokens, statistics = [], tiles, bytesPerPatch }: PlayerRun) {
  const { grid } = plan, { waveOf } = findPlanFacts(plan);
  const { framesAcross } = createCanvas(grid, { left: 0, top: 0, width: 900, height: 500 });
  const [K = 0, height = 0, width = 0] = tiles?.shape ?? [], columns = Math.max(1, Math.ceil(Math.sqrt(K)));
  const codes = Array.from({ length: K }, (_, code) => code);
  const surprises = statistics.flatMap(({ surprise }) => Array.from(surprise).filter(Number.isFinite));
  return {
    grid: { ...grid, framesAcross },
    patchTokens,
    pictures: pictures.map((picture) => pictureUrl(picture, { maxSide: 1024 })),
    steps: plan.steps.map(({ position, context }) => {
      const patch = patchIndex(grid, position);
      return { patch, wave: waveOf[patch], context: context.map((place) => patchIndex(grid, place)) };
    }),
    lastUse: Array.from(plan.lastUse),
    pooled: countPooled(plan),
    peak: plan.peak,
    ...(bytesPerPatch === undefined ? {} : { bytesPerPatch }),
    ...(tokens === undefined ? {} : { tokens: splitTokens(tokens, plan, patchTokens) }),
    statistics: Object.fromEntries(
      statistics.map((patch) => [patchIndex(grid, patch.position), packStatistics(patch)]),
    ),
    mostSurprise: surprises.reduce((most, bits) => Math.max(most, bits), 1e-3),
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
function packStatistics({ tokens, surprise, entropy, candidates }: TokenStatistics) {
  const round = (value: number, digits: number) =>
    Number.isFinite(value) ? Number(value.toFixed(digits)) : null;
  return {
    tokens: Array.from(tokens),
    surprise: Array.from(surprise, (bits) => round(bits, 2)),
    entropy: Array.from(entropy, (bits) => round(bits, 2)),
    candidates: candidates.map((list) => list.map(({ code, probability }) => [code, round(probability, 5)])),
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
