import { createTokenGrid, type TokenGrid } from "../core/mod.ts";
import { type ContextPool, emptyPool } from "../context_pool/mod.ts";
import type { Plan } from "../direction/mod.ts";
import type { Model } from "../models/mod.ts";
import type { Device, Precision } from "../runtime/mod.ts";
import {
  compileInspector,
  compilePatchModel,
  createTokenizer,
  type FilledPatch,
  fillPatch,
  type Inspector,
  inspectPatch,
  type InspectPatchOptions,
  type LocalDecoderName,
  type PatchModel,
  placePatches,
  type Prompt,
  type Tokenizer,
  updateContextPool,
} from "../steps/mod.ts";
import { readTokens } from "./_known_patches.ts";
import { type CanvasLayout, partsOfTokenizer } from "./canvas_layout.ts";
import type { GenerateOptions, GenerationProgress } from "./generate.ts";
import type { Interventions } from "./interventions.ts";
import type { RunPlan } from "./plan.ts";
import type { RunSettings } from "./run_settings.ts";

/** What a run and its branches share: everything that seed and text do not decide. */
export interface RunEngine {
  readonly model: Model;
  readonly layout: CanvasLayout;
  readonly plan: Plan;
  /** How many of the plan's steps, from the first, are of known patches. */
  readonly numKnown: number;
  readonly patchModel: PatchModel;
  readonly tokenizer: Tokenizer;
  /** Looks into finished patches, where activations are captured. */
  readonly inspector?: Inspector;
  /** The run and its branches: what is compiled is freed when the last one is gone. */
  readonly users: Set<symbol>;
}

/** Where a run stands: a plain value that is never changed. */
export interface RunState {
  /** Patches filled, in the order of filling. */
  readonly numDone: number;
  /** `[h, w]` of the whole canvas, -1 where nothing is known yet. */
  readonly tokens: TokenGrid;
  /** What the patches to come may need. */
  readonly pool: ContextPool;
}

/** How a run is computed. */
type EngineOptions = Pick<GenerateOptions, "changes" | "capture"> & {
  readonly device?: Device;
  readonly precision?: Precision | undefined;
  readonly local?: LocalDecoderName | undefined;
  readonly numSteps?: number | undefined;
};

/** Compiles what a run needs. */
export async function createEngine(
  model: Model,
  { layout, plan, numKnown, batchSize, isGuided }: RunPlan,
  options: EngineOptions,
): Promise<RunEngine> {
  const { device = "auto", precision = "float32", local, numSteps, changes = {}, capture = [] } = options;
  const patchModel = await compilePatchModel(model, {
    maxContext: plan.maxContext,
    batchSize,
    isGuided,
    device,
    precision,
    local,
    numSteps,
    changes,
  });
  const tokenizer = createTokenizer({ ...partsOfTokenizer(model), device });
  const engine = { model, layout, plan, numKnown, patchModel, tokenizer, users: new Set<symbol>() };
  if (capture.length === 0) return engine;
  return await orDispose(engine, async () => {
    return { ...engine, inspector: await compileInspector(patchModel, { capture, precision }) };
  });
}

/** Begins to use an engine; frees what was compiled if that fails. */
export async function orDispose<Result>(engine: RunEngine, begin: () => Promise<Result>): Promise<Result> {
  try {
    return await begin();
  } catch (error) {
    await disposeEngine(engine);
    throw error;
  }
}

/** Frees what was compiled. */
export async function disposeEngine({ patchModel, tokenizer, inspector }: RunEngine): Promise<void> {
  await Promise.all([patchModel.dispose(), tokenizer.dispose(), inspector?.dispose()]);
}

/** Looks into patches that were just filled, if the engine captures anything; what a report says of them. */
export async function inspectFilled(
  { inspector }: RunEngine,
  filled: readonly FilledPatch[],
  source: Omit<InspectPatchOptions, "stepIndex" | "tokens">,
): Promise<Pick<GenerationProgress, "inspections">> {
  if (inspector === undefined) return {};
  const inspections = [];
  for (const { stepIndex, tokens } of filled) {
    inspections.push(await inspectPatch(inspector, { ...source, stepIndex, tokens }));
  }
  return { inspections };
}

/** The state before the first patch. */
export function startState({ grid, patchTokens }: CanvasLayout): RunState {
  const tokens = createTokenGrid(grid.rows * patchTokens.height, grid.columns * patchTokens.width);
  return { numDone: 0, tokens, pool: emptyPool() };
}

/** Steps of the plan that are filled in one go: a wave, or a single one. */
export function listRounds(plan: Plan, waves: boolean): readonly (readonly number[])[] {
  return waves ? plan.waves : plan.steps.map((_, index) => [index]);
}

/** Steps to take together next: within one round, at most a batch, and not past `until`. */
interface Batch {
  readonly stepIndices: readonly number[];
  /** The round that is finished with them; the one before where this one is not. */
  readonly finished: number;
}

function nextBatch(
  rounds: readonly (readonly number[])[],
  { numDone, until, batchSize }: {
    readonly numDone: number;
    readonly until: number;
    readonly batchSize: number;
  },
): Batch {
  let index = 0, start = 0;
  while (start + (rounds[index]?.length ?? Infinity) <= numDone) start += rounds[index++]?.length ?? 0;
  const round = rounds[index] ?? [], from = numDone - start;
  const stepIndices = round.slice(from, from + Math.min(batchSize, until - numDone));
  return { stepIndices, finished: from + stepIndices.length === round.length ? index : index - 1 };
}

/** How to take the next steps of a run. */
export interface AdvanceBatch extends Pick<Interventions, "intervene"> {
  readonly settings: RunSettings;
  readonly prompt: Prompt;
  /** Never past this many patches. */
  readonly until: number;
  /** Where the tokens are read instead of drawn: a canvas that was filled before. */
  readonly known?: TokenGrid;
}

/** Takes the next few steps: fills patches together (or reads them), and updates the pool. */
export async function advanceState(
  engine: RunEngine,
  state: RunState,
  { settings, prompt, until, known, intervene }: AdvanceBatch,
): Promise<{ readonly state: RunState } & Pick<GenerationProgress, "filled" | "inspections">> {
  const { layout: { patchTokens }, plan, patchModel } = engine, { numDone, pool } = state;
  const { batchSize } = patchModel;
  const source = { plan, prompt, ...(intervene === undefined ? {} : { intervene }) };
  const { stepIndices, finished } = nextBatch(listRounds(plan, settings.waves), {
    numDone,
    until,
    batchSize,
  });
  const { seed, sampling } = settings;
  const filled = known === undefined
    ? await fillPatch(patchModel, { ...source, stepIndices, pool, seed, sampling })
    : stepIndices.map((stepIndex) => readPatch(known, plan, stepIndex, patchTokens));
  const seen = known === undefined ? await inspectFilled(engine, filled, { ...source, pool }) : {};
  const grown = await updateContextPool(patchModel, pool, filled, {
    ...source,
    ...(settings.waves ? { wave: finished } : {}),
  });
  const [h = 0, w = 0] = state.tokens.shape;
  const tokens = createTokenGrid(h, w, state.tokens.data.slice());
  placePatches(tokens, filled, patchTokens);
  return { state: { numDone: numDone + filled.length, tokens, pool: grown }, filled, ...seen };
}

/** The patch of a step, its tokens read from a canvas. */
export function readPatch(
  tokens: TokenGrid,
  plan: Plan,
  stepIndex: number,
  patchTokens: CanvasLayout["patchTokens"],
): FilledPatch {
  const position = plan.steps[stepIndex]?.position ?? { frame: 0, row: 0, column: 0 };
  return { stepIndex, position, tokens: readTokens(tokens, position, patchTokens) };
}
