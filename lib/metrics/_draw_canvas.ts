import { createTokenGrid, type PatchPosition, type TokenGrid } from "../core/mod.ts";
import { emptyPool } from "../context_pool/mod.ts";
import type { Plan } from "../direction/mod.ts";
import type { Device, Precision } from "../runtime/mod.ts";
import {
  encodePrompt,
  fillPatch,
  type LocalDecoderName,
  type PatchModel,
  placePatches,
  type Sampling,
  updateContextPool,
} from "../steps/mod.ts";

/** How pictures are drawn to be measured. */
export interface DrawingOptions {
  /** Where to run. */
  readonly device: Device;
  /** How exactly the transformer's weights are kept. @default "float32" */
  readonly precision?: Precision;
  /** What draws the tokens of a patch. @default "ar" */
  readonly local?: LocalDecoderName | undefined;
  /** Steps of the local decoder `p-nar`. @default 8 */
  readonly numSteps?: number | undefined;
  /** How tokens are drawn. @default SAMPLING, field by field */
  readonly sampling?: Partial<Sampling>;
  /** Called as the work goes on: how much is done, of how much. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * The plan of a part of a higher canvas, which knows in which rows it lies: row bands are then those of the whole.
 *
 * @param plan Of the part alone, a picture without known patches.
 * @param options `top`: the row of the whole in which the part starts; `rows`: how many the whole has.
 */
export function placePlan(plan: Plan, { top, rows }: { readonly top: number; readonly rows: number }): Plan {
  const { columns } = plan.grid;
  const move = (position: PatchPosition) => ({ ...position, row: position.row + top });
  const moveTable = (table: Int32Array) => { // of the part's patches; the others are never used
    const moved = new Int32Array(rows * columns).fill(-1);
    moved.set(table, top * columns);
    return moved;
  };
  return {
    ...plan,
    grid: { ...plan.grid, rows },
    steps: plan.steps.map((step) => ({
      ...step,
      position: move(step.position),
      context: step.context.map(move),
    })),
    lastUse: moveTable(plan.lastUse),
    lastWave: moveTable(plan.lastWave),
  };
}

/** Draws the tokens of a plan's canvas under a text, patch by patch; those that the plan has no steps for stay -1. */
export async function drawCanvas(
  patchModel: PatchModel,
  options: {
    readonly plan: Plan;
    readonly text: string;
    readonly seed: number;
    readonly sampling?: Partial<Sampling>;
  },
): Promise<TokenGrid> {
  const { plan, text, seed, sampling = {} } = options;
  const { config: { patchTokens } } = patchModel;
  const prompt = await encodePrompt(patchModel, text);
  const tokens = createTokenGrid(plan.grid.rows * patchTokens.height, plan.grid.columns * patchTokens.width);
  let pool = emptyPool();
  for (const stepIndex of plan.steps.keys()) {
    const filled = await fillPatch(patchModel, {
      plan,
      stepIndices: [stepIndex],
      pool,
      prompt,
      seed,
      sampling,
    });
    placePatches(tokens, filled, patchTokens);
    pool = await updateContextPool(patchModel, pool, filled, { plan, prompt });
  }
  return tokens;
}
