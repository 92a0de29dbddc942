import type { Picture } from "../core/mod.ts";
import { drawPicture } from "./draw_picture.ts";
import { follow, type FollowOptions } from "./follow.ts";
import { createView, escapeHtml, formatBytes, formatSeconds, type View } from "./view.ts";

/** A generation that can be watched: a `Run`, here or on another machine. */
export interface Watchable {
  /** What it is to become. */
  readonly settings: { readonly text?: string | undefined; readonly seed: number };
  /** Patches of the whole canvas. */
  readonly numPatches: number;
  /** Where it stands. */
  readonly state: {
    readonly numDone: number;
    readonly tokens: { readonly size: number };
    readonly pool?: WatchablePool;
  };
  /** Goes on until it is finished, or the signal is aborted. */
  advance(options: { readonly signal: AbortSignal; readonly until?: number }): AsyncIterable<unknown>;
  /** What is there so far. */
  preview(): Promise<Picture>;
  /** The picture. */
  decode(): Promise<Picture>;
}

/** The part of a context pool that is shown. */
export interface WatchablePool {
  /** By their places. */
  readonly patches: ReadonlyMap<string, {
    readonly position: { readonly frame: number; readonly row: number; readonly column: number };
    readonly caches: { readonly shape: readonly number[]; readonly data: { readonly byteLength: number } };
  }>;
}

/** How a run is watched. */
export interface WatchOptions extends FollowOptions {
  /** Stops after so many patches of the whole run. @default all */
  readonly until?: number;
  /** Pixels of the longer side on the screen. @default 768 */
  readonly maxSide?: number;
}

/**
 * Continues a run and shows it in one output: the picture as it grows, progress, tokens a second, time left.
 *
 * The Stop button ends it after the patches in work. The run keeps what was made, and watching it again goes on.
 *
 * @example Usage
 * ```ts ignore
 * const run = await startRun(model, { text: "a pagoda at dusk", width: 1024, height: 512 });
 * await watch(run);
 * ```
 */
export async function watch(run: Watchable, options: WatchOptions = {}): Promise<void> {
  const { maxSide = 768, until = run.numPatches, ...following } = options;
  const clock = { started: performance.now(), numDone: run.state.numDone };
  const draw = async (picture: Picture, note = "") => {
    const facts = describeProgress(run, until, clock) + note;
    return drawProgress(
      run,
      await drawPicture(picture, { caption: facts, maxSide, maxBytes: 100_000, format: "jpeg" }),
    );
  };
  const work = async function* (signal: AbortSignal) {
    yield; // shown before anything is done
    yield* run.advance({ signal, until });
  };
  await follow<unknown>(work, async (_, { status, reason }) => {
    const isOver = status === "done" || status === "stopped";
    if (isOver && run.state.numDone === run.numPatches) return await draw(await run.decode());
    const stopped = status === "stopped" ? " · stopped: watch it again to go on" : "";
    return await draw(await run.preview(), status === "failed" ? ` · failed: ${reason}` : stopped);
  }, following);
}

/** When watching began. */
interface Clock {
  /** Milliseconds. */
  readonly started: number;
  /** Patches that were there. */
  readonly numDone: number;
}

function describeProgress({ state, numPatches }: Watchable, until: number, clock: Clock): string {
  const { numDone, tokens, pool } = state;
  const seconds = (performance.now() - clock.started) / 1000, filled = numDone - clock.numDone;
  const parts = [`${numDone} of ${numPatches} patches`];
  if (filled > 0) {
    parts.push(`${Math.round(filled * tokens.size / numPatches / seconds)} tokens/s`);
    const left = Math.min(until, numPatches) - numDone;
    parts.push(left > 0 ? `${formatSeconds(seconds / filled * left)} left` : formatSeconds(seconds));
  }
  if (pool !== undefined && pool.patches.size > 0) {
    const bytes = [...pool.patches.values()].reduce((sum, { caches }) => sum + caches.data.byteLength, 0);
    parts.push(`${pool.patches.size} patches in the pool, ${formatBytes(bytes)}`);
  }
  return parts.join(" · ");
}

/** The picture with a bar, and what it is to become. */
function drawProgress({ settings, state, numPatches }: Watchable, picture: View): View {
  const title = `${settings.text ?? "anything"}, seed ${settings.seed}`;
  const percent = (state.numDone / numPatches * 100).toFixed(1);
  const bar = `<div style="height:6px;background:#8884;border-radius:3px;margin:.3em 0">` +
    `<div style="height:6px;width:${percent}%;background:#3b7dd8;border-radius:3px"></div></div>`;
  return createView(
    `${title}: ${picture.text}`,
    `<div style="max-width:768px"><div>${escapeHtml(title)}</div>${bar}${picture.html}</div>`,
  );
}
