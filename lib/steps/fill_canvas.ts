import { createTokenGrid, type TokenGrid } from "../core/mod.ts";
import { emptyPool } from "../context_pool/mod.ts";
import { fillPatch, type FillPatchOptions } from "./fill_patch.ts";
import type { InspectPatchOptions } from "./inspect_patch.ts";
import type { PatchModel } from "./patch_model.ts";
import { placePatches } from "./place_patches.ts";
import { updateContextPool } from "./update_context_pool.ts";

/** What {@link fillCanvas} needs besides the model: what `fillPatch` does, for all steps. */
export type FillCanvasOptions = Omit<FillPatchOptions, "stepIndices" | "pool">;

/** A canvas that has been filled, and what it was filled from. */
export interface FilledCanvas {
  /** Codes of the whole canvas, `[h, w]`. */
  readonly tokens: TokenGrid;
  /** What each step saw and what it drew: what `inspectPatch` takes. One a step, in the plan's order. */
  readonly views: readonly InspectPatchOptions[];
}

/**
 * Fills all patches of a plan one by one, and keeps what each of them saw, so that any of them can be inspected later.
 * That takes memory; for a large picture, use `generate`. The tokens are the same.
 *
 * @throws {RangeError} As `fillPatch`; or if the plan starts from known patches.
 *
 * @example Usage
 * ```ts
 * import * as nuwa from "nuwa-infinity";
 *
 * async function lookBack(patches: nuwa.PatchModel, inspector: nuwa.Inspector, options: nuwa.FillCanvasOptions) {
 *   const { tokens, views } = await nuwa.fillCanvas(patches, options);
 *   const last = await nuwa.inspectPatch(inspector, views[views.length - 1]!);
 *   return { tokens, attention: nuwa.traceAttention(last) };
 * }
 * ```
 */
export async function fillCanvas(patchModel: PatchModel, options: FillCanvasOptions): Promise<FilledCanvas> {
  const { plan, prompt, intervene } = options, { patchTokens } = patchModel.config;
  if (plan.known.length > 0) {
    throw new RangeError(`Cannot fill canvas: plan must know no patches, got ${plan.known.length}`);
  }
  const tokens = createTokenGrid(plan.grid.rows * patchTokens.height, plan.grid.columns * patchTokens.width);
  const views: InspectPatchOptions[] = [];
  const seeing = intervene === undefined ? {} : { intervene };
  let pool = emptyPool();
  for (const stepIndex of plan.steps.keys()) {
    const filled = await fillPatch(patchModel, { ...options, stepIndices: [stepIndex], pool });
    views.push(
      ...filled.map(({ tokens }) => ({ plan, stepIndex, pool, prompt, tokens, ...seeing })),
    );
    placePatches(tokens, filled, patchTokens);
    pool = await updateContextPool(patchModel, pool, filled, { plan, prompt, ...seeing });
  }
  return { tokens, views };
}
