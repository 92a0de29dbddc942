import type { TokenGrid } from "../core/mod.ts";
import { poolBytes, poolSize } from "../context_pool/mod.ts";
import type { Plan } from "../direction/mod.ts";
import { cropPicture } from "../media/mod.ts";
import {
  decode,
  encodePrompt,
  type FilledPatch,
  fillPatch,
  placePatches,
  updateContextPool,
} from "../steps/mod.ts";
import { findPooled, scheduleCanvas } from "./_known_patches.ts";
import { inspectFilled, listRounds, readPatch, type RunEngine, startState } from "./_run_engine.ts";
import type { Generated, GenerateOptions, GenerationProgress } from "./generate.ts";

/** A canvas whose patches are all filled. */
export type PaintedCanvas = Omit<Generated, "picture">;

/** Fills the canvas of one picture. Canvases of one engine that are painted at the same time share its runs. */
export async function* paintPicture(
  engine: RunEngine,
  options: GenerateOptions,
): AsyncGenerator<GenerationProgress, PaintedCanvas, void> {
  const { patchModel, layout: { patchTokens }, numKnown, inspector } = engine;
  const { seed = 0, waves = true, sampling = {}, precision = "float32", intervene } = options;
  const plan = planOf(engine, options), pooledSteps = findPooled({ plan, numKnown });
  const isPooled = (step: number) => inspector !== undefined || pooledSteps[step] === true;
  const known = readKnown(engine, plan, options.known);
  const prompt = await encodePrompt(patchModel, options.text);
  const source = { plan, prompt, ...(intervene === undefined ? {} : { intervene }) };
  const { tokens, pool: empty } = startState(engine.layout);
  placePatches(tokens, known, patchTokens);
  let pool = empty, numDone = 0, poolPeakPatches = 0, poolPeakBytes = 0;
  for (const [round, stepIndices] of listRounds(plan, waves).entries()) {
    const unknown = stepIndices.filter((step) => step >= numKnown);
    const drawn = await fillPatch(patchModel, { ...source, stepIndices: unknown, pool, seed, sampling });
    const filled = [...stepIndices.flatMap((step) => known[step] ?? []), ...drawn];
    placePatches(tokens, drawn, patchTokens);
    const seen = await inspectFilled(engine, filled, { ...source, pool });
    const pooled = filled.filter(({ stepIndex }) => isPooled(stepIndex));
    const finished = waves ? { wave: round } : {};
    pool = await updateContextPool(patchModel, pool, pooled, { ...source, ...finished });
    numDone += filled.length;
    poolPeakPatches = Math.max(poolPeakPatches, poolSize(pool));
    poolPeakBytes = Math.max(poolPeakBytes, poolBytes(pool));
    yield { filled, numDone, numPatches: plan.steps.length, tokens, pool, plan, ...seen };
  }
  return {
    tokens,
    plan,
    poolPeakPatches,
    poolPeakBytes,
    device: patchModel.device,
    precision,
    decoder: { name: patchModel.decoder.name, numSteps: patchModel.decoder.numSteps },
    warnings: [...plan.warnings, ...prompt.warnings],
  };
}

/** The engine's plan, but for `random`, where every seed has its own. */
function planOf({ plan, layout }: RunEngine, options: GenerateOptions): Plan {
  return plan.orderName === "random" ? scheduleCanvas(layout, { ...options, order: "random" }).plan : plan;
}

/** The patches of the plan's first steps, those that are known. */
function readKnown({ numKnown, layout }: RunEngine, plan: Plan, known: TokenGrid | undefined): FilledPatch[] {
  if (known === undefined) return [];
  return Array.from({ length: numKnown }, (_, step) => readPatch(known, plan, step, layout.patchTokens));
}

/** Decodes a canvas and crops the picture to its size. */
export async function finishPicture(
  { tokenizer }: RunEngine,
  canvas: PaintedCanvas,
  { width, height }: Pick<GenerateOptions, "width" | "height">,
): Promise<Generated> {
  const whole = await decode(tokenizer, canvas.tokens);
  const [H, W] = whole.shape;
  const isWhole = H === height && W === width;
  return { ...canvas, picture: isWhole ? whole : cropPicture(whole, { x: 0, y: 0, width, height }) };
}
