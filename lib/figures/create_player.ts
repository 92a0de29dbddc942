import type { TokenGrid } from "../core/mod.ts";
import type { Plan } from "../direction/mod.ts";
import { packRun } from "./_pack_run.ts";
import type { CodeTiles } from "./code_tiles.ts";
import type { TokenStatistics } from "./describe_logits.ts";
import type { PackedAttention } from "./pack_attention.ts";
import { type PictureSource, pictureUrl } from "./picture_url.ts";
import drawing from "./player.js" with { type: "text" };
import panels from "./player_panels.js" with { type: "text" };
import token from "./player_token.js" with { type: "text" };
import controls from "./player_controls.js" with { type: "text" };
import style from "./player.css" with { type: "text" };
import page from "./player.html" with { type: "text" };
import { escapeXml } from "./_svg_text.ts";
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
  /** Where tokens looked, of some patches or of all. Of many patches, pack each as it comes: `packAttention`. */
  readonly attention?: readonly (AttentionTrace | PackedAttention)[];
  /** What tokens could have been, of some patches or of all. */
  readonly statistics?: readonly TokenStatistics[];
  /** The picture of each code. */
  readonly tiles?: CodeTiles;
  /** Bytes of the caches of one patch in the pool. */
  readonly bytesPerPatch?: number;
  /** Short facts for under the title: seed, seconds, device. */
  readonly details?: readonly string[];
}

/** How {@link createPlayer} writes. */
export interface CreatePlayerOptions {
  /** The most bytes for attention; patches are left out evenly until it fits, and the page says so. @default 6.5e6 */
  readonly maxAttentionBytes?: number;
}

/**
 * A run as one HTML page that needs no network: scrub through patches, see order and pool beside the growing picture, click a
 * token to see where each head looked before it was drawn, and what it could have been.
 *
 * @throws {RangeError} If pictures are not one a frame.
 * @throws {TypeError} If traces or tokens do not have the shapes that they promise.
 */
export function createPlayer(
  run: PlayerRun,
  { maxAttentionBytes = 6.5e6 }: CreatePlayerOptions = {},
): string {
  const { plan: { grid, steps, waves, orderName }, pictures, text, details = [] } = run;
  if (pictures.length !== grid.frames) {
    throw new RangeError(
      `Cannot create player: pictures must be one a frame, ${grid.frames}, got ${pictures.length}`,
    );
  }
  const title = text === undefined || text === "" ? "A picture, patch by patch" : text;
  const { data, notes } = packRun(run, maxAttentionBytes);
  const facts = [
    `${sayCount(steps.length, "patch", "patches")} in ${sayCount(waves.length, "wave")}`,
    `order ${orderName}`,
    ...details,
  ];
  const frames = pictures.map((picture, frame) => {
    const name = pictures.length === 1 ? title : `${title}, frame ${frame + 1}`;
    return `<img alt="${escapeXml(name)}" src="${pictureUrl(picture, { maxSide: 1024 })}">`;
  });
  return fill(page, {
    title: escapeXml(title),
    style,
    facts: listItems(facts),
    notes: listItems(notes),
    frames: frames.join(""),
    steps: String(steps.length),
    data,
    script: [drawing, panels, token, controls].join("\n"),
  });
}

function listItems(sentences: readonly string[]): string {
  return sentences.map((sentence) => `<li>${escapeXml(sentence)}</li>`).join("");
}

/** Puts parts in place of the comments that name them. */
function fill(page: string, parts: Readonly<Record<string, string>>): string {
  return page.replaceAll(
    /\s*<!--(\w+)-->\s*|\/\*(\w+)\*\//g,
    (whole, one, other) => parts[one ?? other] ?? whole,
  );
}
