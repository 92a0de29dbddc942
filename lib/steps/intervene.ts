import type { PatchPosition } from "../core/mod.ts";
import { type PatchCache, poolKey } from "../context_pool/mod.ts";
import type { Prompt } from "./prompt.ts";

/** What a patch is about to be made from. */
export interface PatchView {
  /** Where the patch lies. */
  readonly position: PatchPosition;
  /** The finished patches that it sees, in the order of the plan's step; shape `[N]`. */
  readonly context: readonly PatchCache[];
  /** The text of its picture. */
  readonly prompt: Prompt;
  /** Codes that are not drawn but given, by the token's raster index in the patch; usually none. */
  readonly forced: ReadonlyMap<number, number>;
}

/**
 * Gives the view to go on with in place of what a patch would see: a plain function for `generate`, `startRun`,
 * `fillPatch`, `updateContextPool` and `inspectPatch`, called once for every patch that is drawn, pooled or inspected. It
 * may read everything that the patch does, and wait for something of its own. The pool itself does not change. What a
 * patch knows of its neighbours' tokens follows from the context, so it changes along.
 */
export type Intervention = (view: PatchView) => PatchView | Promise<PatchView>;

/** An {@link Intervention} that needs no time. */
export type ViewChange = (view: PatchView) => PatchView;

/** Which patches an intervention is for. */
export type PatchChoice = (position: PatchPosition) => boolean;

/**
 * Patches see nothing of these others.
 *
 * @example Usage
 * ```ts
 * import { removeContext } from "nuwa-infinity";
 * const intervene = removeContext({ frame: 0, row: 0, column: 1 }); // for fillPatch(patches, { ..., intervene })
 * ```
 */
export function removeContext(...positions: readonly PatchPosition[]): ViewChange {
  const removed = new Set(positions.map(poolKey));
  return (view) => ({
    ...view,
    context: view.context.filter(({ position }) => !removed.has(poolKey(position))),
  });
}

/**
 * Patches see something else in the place of a finished patch: what another pool holds, of another place, picture or
 * text.
 */
export function replaceContext(position: PatchPosition, by: Omit<PatchCache, "position">): ViewChange {
  const key = poolKey(position);
  return (view) => ({
    ...view,
    context: view.context.map((seen) => poolKey(seen.position) === key ? { ...by, position } : seen),
  });
}

/**
 * Patches are made under another text: all of them, or those chosen.
 *
 * @example Usage
 * ```ts
 * import { changePrompt, type Prompt } from "nuwa-infinity";
 * const fromTheMiddle = (night: Prompt) => changePrompt(night, ({ column }) => column >= 8);
 * ```
 */
export function changePrompt(prompt: Prompt, isChosen: PatchChoice = () => true): ViewChange {
  return (view) => isChosen(view.position) ? { ...view, prompt } : view;
}

/**
 * Tokens are given instead of drawn; the others are drawn as if these had been.
 *
 * @param codes By the token's raster index in the patch.
 *
 * @example Usage
 * ```ts
 * import { forceTokens } from "nuwa-infinity";
 * const intervene = forceTokens({ 0: 17, 1: 17 }, ({ row, column }) => row === 0 && column === 2);
 * ```
 */
export function forceTokens(
  codes: Readonly<Record<number, number>>,
  isChosen: PatchChoice = () => true,
): ViewChange {
  const given = Object.entries(codes).map(([token, code]) => [Number(token), code] as const);
  return (view) => isChosen(view.position) ? { ...view, forced: new Map([...view.forced, ...given]) } : view;
}
