import {
  addToPool,
  compilePatchModel,
  type ContextPool,
  createTensor,
  createUniform,
  emptyPool,
  encodePrompt,
  type FilledPatch,
  fillPatch,
  loadModel,
  type Model,
  type PatchModel,
  type PatchModelOptions,
  type PatchTransformerConfig,
  type Plan,
  poolKey,
  type Prompt,
  scheduleOrder,
  sizeOf,
  type TextEncoderConfig,
  updateContextPool,
} from "nuwa-infinity";
import type { BenchContext } from "./measurement.ts";

/** A model that has all its parts. */
export interface WholeModel {
  readonly model: Model;
  readonly transformer: PatchTransformerConfig;
  readonly text: TextEncoderConfig;
}

/** Loads the weights that are measured. */
export async function loadWhole({ weights }: BenchContext): Promise<WholeModel> {
  const { model } = await loadModel(weights);
  const { transformer, text } = model.config;
  if (transformer === undefined || text === undefined) {
    throw new TypeError(`Cannot measure weights: ${weights} must have a transformer and a text encoder`);
  }
  return { model, transformer, text };
}

/** A square canvas, row by row. */
export function planSquare({ extent }: PatchTransformerConfig, side: number): Plan {
  return scheduleOrder({ grid: { rows: side, columns: side, frames: 1 }, order: "down-right", extent });
}

/** Random tokens of patches of a plan, as if they had been filled. */
export function drawPatches(
  { transformer: { codebookSize, patchTokens } }: WholeModel,
  plan: Plan,
  stepIndices: readonly number[],
): FilledPatch[] {
  const uniform = createUniform(7);
  const draw = () => Math.floor(uniform() * codebookSize);
  return stepIndices.flatMap((stepIndex) => {
    const position = plan.steps[stepIndex]?.position;
    const tokens = Int32Array.from({ length: patchTokens.height * patchTokens.width }, draw);
    return position === undefined ? [] : [{ stepIndex, position, tokens }];
  });
}

/** A pool with random caches of everything that the given steps look at. */
function createPool(
  { cacheShape }: PatchModel,
  patches: readonly Omit<FilledPatch, "stepIndex">[],
): ContextPool {
  const uniform = createUniform(1);
  const random = Float32Array.from({ length: sizeOf(cacheShape) }, () => 2 * uniform() - 1);
  return addToPool(
    emptyPool(),
    patches.map(({ position, tokens }) => {
      return { position, tokens, caches: createTensor(cacheShape, random.slice()) };
    }),
  );
}

/** Patches that are ready to be filled, all with full context. */
export interface PreparedPatches {
  readonly patchModel: PatchModel;
  readonly plan: Plan;
  readonly prompt: Prompt;
  /** One run: `batchSize` patches. */
  fill(): Promise<FilledPatch[]>;
  /** Adds those patches to the pool. */
  update(): Promise<ContextPool>;
  /** What the one graph was given last. */
  inputs(): Parameters<PatchModel["decode"]>[0];
  dispose(): Promise<void>;
}

/** Sides of canvases whose widest waves have 1, 2, … patches, for the laptop presets' extent. */
const SIDE_OF_WAVE = 3;

/**
 * Compiles for `batchSize` patches of one stream (no guidance), and finds as many with full context in one wave.
 *
 * @param decoder What draws their tokens, and with how exact weights.
 */
export async function preparePatches(
  whole: WholeModel,
  { device }: BenchContext,
  batchSize: number,
  decoder: Pick<PatchModelOptions, "local" | "numSteps" | "precision"> = {},
): Promise<PreparedPatches> {
  const plan = planSquare(whole.transformer, Math.max(5, SIDE_OF_WAVE * (batchSize + 2)));
  const isFull = (step: number) => plan.steps[step]?.context.length === plan.maxContext;
  const stepIndices = plan.waves.map((wave) => wave.filter(isFull).slice(0, batchSize))
    .find(({ length }) => length === batchSize);
  if (stepIndices === undefined) {
    throw new RangeError(`Cannot prepare patches: no wave has ${batchSize} patches`);
  }
  const { maxContext } = plan;
  const patchModel = await compilePatchModel(whole.model, { maxContext, batchSize, device, ...decoder });
  const prompt = await encodePrompt(patchModel, "snow");
  const seen = new Set(stepIndices.flatMap((step) => plan.steps[step]?.context ?? []).map(poolKey));
  const known = plan.steps.flatMap(({ position }, step) => seen.has(poolKey(position)) ? [step] : []);
  const pool = createPool(patchModel, drawPatches(whole, plan, known));
  let captured: Parameters<PatchModel["decode"]>[0] | undefined;
  const decode: PatchModel["decode"] = (inputs) => patchModel.decode(captured = inputs);
  const fill = () => fillPatch({ ...patchModel, decode }, { plan, stepIndices, pool, prompt, seed: 1 });
  const filled = await fill();
  return {
    patchModel,
    plan,
    prompt,
    fill,
    update: () => updateContextPool(patchModel, pool, filled, { plan, prompt }),
    inputs: () => {
      if (captured === undefined) throw new TypeError("Cannot tell inputs: a patch must have been filled");
      return captured;
    },
    dispose: () => patchModel.dispose(),
  };
}
