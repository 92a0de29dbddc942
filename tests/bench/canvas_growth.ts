import {
  compilePatchModel,
  type ContextPool,
  emptyPool,
  encodePrompt,
  fillPatch,
  type PatchModel,
  type Plan,
  poolBytes,
  type Prompt,
  updateContextPool,
} from "nuwa-infinity";
import { measureInTurn } from "./measure_in_turn.ts";
import type { BenchContext, Measurement, Report } from "./measurement.ts";
import { drawPatches, loadWhole, planSquare, type WholeModel } from "./prepare_patches.ts";

/** Patches that are filled and added between two looks at the clock: a whole canvas of 4 x 4. */
const PATCHES_A_ROUND = 16;

/** The time for a patch, and the pool's bytes, as the canvas grows. */
export const CANVAS_GROWTH: Measurement = {
  name: "canvas-growth",
  title: "Cost per patch by canvas: fillPatch and updateContextPool, one patch at a time, one stream",
  run: measureCanvasGrowth,
};

async function measureCanvasGrowth(context: BenchContext): Promise<Report> {
  const whole = await loadWhole(context);
  const canvases = [];
  for (const side of [4, 8, 16, 32, 64]) canvases.push(await openCanvas(whole, context, side));
  const seconds = await measureInTurn(
    Object.fromEntries(canvases.map(({ side, advance }) => [`${side}`, advance])),
    { clock: context.clock, rounds: 3, warmup: 1 },
  );
  const costOf = (side: number) => (seconds[side] ?? NaN) / PATCHES_A_ROUND;
  const rows = canvases.map(({ side, plan, patchModel, largest }) => ({
    canvas: `${side} x ${side}`,
    "context slots": patchModel.maxContext,
    "ms a patch": 1000 * costOf(side),
    "over 4 x 4": costOf(side) / costOf(4),
    "pool's peak, patches": plan.peak,
    "pool, MB": largest() / 1e6,
  }));
  for (const { patchModel } of canvases) await patchModel.dispose();
  return {
    rows,
    figures: { cost_per_patch_64_over_4: costOf(64) / costOf(4) },
    notes: [
      `Rounds of ${PATCHES_A_ROUND} patches: a whole canvas of 4 x 4; on the others patches from the third row on, where`,
      "context is full. What lies before enters as known patches, and no canvas is finished.",
    ],
  };
}

/** A canvas that goes on from its third row, and from the beginning when it is full. */
async function openCanvas(whole: WholeModel, { device }: BenchContext, side: number) {
  const plan = planSquare(whole.transformer, side);
  const patchModel = await compilePatchModel(whole.model, {
    maxContext: plan.maxContext,
    batchSize: 1,
    device,
  });
  const prompt = await encodePrompt(patchModel, "snow");
  const first = side <= 4 ? 0 : 2 * side;
  const before = await addKnown(whole, { patchModel, plan, prompt }, first);
  let pool = before, next = first, largest = 0;
  const advance = async () => {
    for (let count = 0; count < PATCHES_A_ROUND; count++, next++) {
      if (next === plan.steps.length) [pool, next] = [before, first];
      const filled = await fillPatch(patchModel, { plan, stepIndices: [next], pool, prompt, seed: 1 });
      pool = await updateContextPool(patchModel, pool, filled, { plan, prompt });
      largest = Math.max(largest, poolBytes(pool));
    }
  };
  return { side, plan, patchModel, advance, largest: () => largest };
}

/** Random patches as known ones, from the first step up to `until`. */
async function addKnown(
  whole: WholeModel,
  { patchModel, plan, prompt }: {
    readonly patchModel: PatchModel;
    readonly plan: Plan;
    readonly prompt: Prompt;
  },
  until: number,
): Promise<ContextPool> {
  let pool = emptyPool();
  for (const patch of drawPatches(whole, plan, Array.from({ length: until }, (_, step) => step))) {
    pool = await updateContextPool(patchModel, pool, [patch], { plan, prompt });
  }
  return pool;
}
