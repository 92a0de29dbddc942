import type { PatchPosition, Picture } from "../core/mod.ts";
import type { Plan } from "../direction/mod.ts";
import { cropPicture } from "../media/mod.ts";
import type { Model } from "../models/mod.ts";
import type { Device } from "../runtime/mod.ts";
import { decode, encodePrompt, type Intervention, SAMPLING, type Sampling } from "../steps/mod.ts";
import {
  createEngine,
  disposeEngine,
  listRounds,
  orDispose,
  type RunEngine,
  type RunState,
  startState,
} from "./_run_engine.ts";
import { extendLineage, type RunCourse, type RunPlace, stepBack, stepForward } from "./_run_place.ts";
import { createCanvasPreview } from "./canvas_preview.ts";
import type { GenerateOptions, GenerationProgress } from "./generate.ts";
import { assertIntervened, type Interventions, nameInterventions } from "./interventions.ts";
import { plan as planRun, type RunPlan } from "./plan.ts";
import type { RunRecord } from "./run_record.ts";
import type { RunSettings } from "./run_settings.ts";

export type { RunState } from "./_run_engine.ts";

/** How far {@link Run.advance} goes. */
export interface AdvanceOptions {
  /** Stops after so many patches of the whole run. @default all */
  readonly until?: number;
  /** Stops after the patches in work when it is aborted; what was made so far stays. */
  readonly signal?: AbortSignal;
}

/** What is to be different in a branch. */
export interface BranchOptions extends Pick<Interventions, "intervene"> {
  /** How many patches the branch shares with the run. @default as many as there are */
  readonly numDone?: number;
  /** @default the run's */
  readonly seed?: number;
  /** "" for a picture of anything; the shared patches are pooled anew, under this text. @default the run's */
  readonly text?: string;
  /** The shared patches are pooled anew with it; `changes` of activations are those of the run. @default the run's */
  readonly intervene?: Intervention;
  /** Guidance can be changed, but not switched on or off. @default the run's, field by field */
  readonly sampling?: Partial<Sampling>;
}

/**
 * A generation that can be stopped, continued, rewound and branched. Whatever happens in between, the same patches
 * come out as in {@link generate}, byte for byte.
 */
export interface Run extends AsyncDisposable {
  /** Everything besides the weights that decides the picture. */
  readonly settings: RunSettings;
  /** The order of the whole canvas. */
  readonly plan: Plan;
  /** The device that computes it. */
  readonly device: Device;
  /** Sentences for the user about the plan and the text; often none. */
  readonly warnings: readonly string[];
  /** Patches of the whole canvas. */
  readonly numPatches: number;
  /** Where the run stands. */
  readonly state: RunState;
  /** The positions of the patches in the order in which they are filled. */
  readonly sequence: readonly PatchPosition[];
  /** Goes on from where the run stands; yields after every few patches. Safe to leave at any time. */
  advance(options?: AdvanceOptions): AsyncGenerator<GenerationProgress, void, void>;
  /**
   * Forgets all but the first `numDone` patches. The pool of that time is looked up, or computed again.
   *
   * @throws {RangeError} If the run has not come so far.
   */
  rewind(numDone: number): Promise<void>;
  /**
   * Starts another run from patches of this one; both go on by themselves and share what is compiled.
   *
   * @throws {RangeError} If the run has not come so far, or guidance would be switched on or off.
   */
  branch(options: BranchOptions): Promise<Run>;
  /** What is there so far, decoded patch by patch as it comes; grey elsewhere. uint8 `[H, W, 3]`. */
  preview(): Promise<Picture>;
  /** The picture as {@link generate} returns it; where patches are missing, what unknown tokens decode to. */
  decode(): Promise<Picture>;
  /** Frees what was compiled, unless a branch still needs it. */
  dispose(): Promise<void>;
}

/** {@link GenerateOptions} of a run: nothing is known before it, since its record has no place for that. */
export type RunOptions = GenerateOptions & { readonly known?: never };

/**
 * Starts a {@link Run}: nothing is generated before it is advanced.
 *
 * @throws {RangeError} As {@link generate}.
 *
 * @example Usage
 * ```ts ignore
 * const { model } = await nuwa.loadModel("weights/handscroll");
 * const run = await nuwa.startRun(model, { text: "a pagoda at dusk", width: 512, height: 256, seed: 7 });
 * for await (const { numDone } of run.advance({ until: 12 })) console.log(numDone);
 * const other = await run.branch({ numDone: 6, seed: 8 });
 * ```
 */
export async function startRun(model: Model, options: RunOptions): Promise<Run> {
  const dryRun = planRun(model, options);
  const { width, height, text, seed = 0, waves = true, order = "auto", precision, local, numSteps } = options;
  const engine = await createEngine(model, dryRun, options);
  const settings: RunSettings = {
    width,
    height,
    ...(text === undefined ? {} : { text }),
    seed,
    order: typeof order === "string"
      ? dryRun.plan.orderName
      : dryRun.plan.steps.map(({ position }) => position),
    extent: dryRun.layout.extent,
    sampling: { ...SAMPLING, ...options.sampling },
    waves,
    ...(precision === undefined || precision === "float32" ? {} : { precision }),
    ...(local === undefined || local === "ar" ? {} : { local }),
    ...(numSteps === undefined ? {} : { numSteps }),
    ...nameInterventions(options),
  };
  const prompt = await orDispose(engine, () => encodePrompt(engine.patchModel, text));
  const course = { settings, prompt, ...pickIntervene(options) };
  return createRun(engine, { ...course, state: startState(engine.layout), lineage: [] });
}

/**
 * Goes on with a run that was saved: `resumeRun(model, await loadRun("picture.png"))`. Its pool is computed again.
 *
 * @param options.intervene As the run was started with, and `changes` likewise: a record cannot hold functions.
 * @param options.weightsSha256 The hash of the model's weights, as `loadModel` gives it: other weights would go on with
 * another picture.
 * @throws {RangeError} If the record is not one of this model: other weights, sides, patches or codes; or if functions
 * changed the run and are not given again.
 */
export async function resumeRun(
  model: Model,
  { settings, numDone, tokens, weightsSha256: before }: RunRecord,
  { device = "auto", weightsSha256: now, ...functions }:
    & Interventions
    & { readonly device?: Device; readonly weightsSha256?: string | undefined } = {},
): Promise<Run> {
  if (before !== undefined && now !== undefined && before !== now) {
    throw new RangeError(
      `Cannot resume run: weights must be those of SHA-256 ${before}, with which it began, got ${now}`,
    );
  }
  const { lineage = [], text, precision, local, numSteps, interventions, ...options } = settings;
  assertIntervened(interventions, functions);
  const dryRun = planRun(model, {
    ...options,
    local,
    numSteps,
  });
  assertRecordFits(model, dryRun, { numDone, tokens });
  const engine = await createEngine(model, dryRun, { device, precision, local, numSteps, ...functions });
  const { lineage: _, ...own } = settings;
  const place = { state: { ...startState(engine.layout), numDone, tokens }, past: [], lineage };
  return await orDispose(engine, async () => {
    const prompt = await encodePrompt(engine.patchModel, text);
    const course = { settings: own, prompt, ...pickIntervene(functions) };
    const { state } = await stepBack(engine, place, { ...course, numDone });
    return createRun(engine, { ...course, lineage, state });
  });
}

function assertRecordFits(
  { config: { tokenizer: { codebookSize } } }: Model,
  { layout: { grid, patchTokens }, plan }: RunPlan,
  { numDone, tokens }: Pick<RunRecord, "numDone" | "tokens">,
): void {
  const refuse = (name: string, need: string, got: unknown) =>
    new RangeError(`Cannot resume run: ${name} must be ${need}, got ${got}`);
  const shape = [grid.rows * patchTokens.height, grid.columns * patchTokens.width];
  if (tokens.shape.join() !== shape.join()) {
    throw refuse("tokens", `${shape.join(" x ")}, as this model has them`, tokens.shape.join(" x "));
  }
  if (numDone > plan.steps.length) throw refuse("numDone", `at most ${plan.steps.length}`, numDone);
  const strange = tokens.data.find((id) => id < -1 || id >= codebookSize);
  if (strange !== undefined) throw refuse("tokens", `codes below ${codebookSize}`, strange);
}

/** What a run begins with. */
type RunStart = RunCourse & Pick<RunPlace, "state" | "lineage">;

/** Creates a run that stands somewhere. */
function createRun(engine: RunEngine, { state, lineage, ...course }: RunStart): Run {
  const { plan, layout, tokenizer, patchModel } = engine, { settings, prompt } = course;
  const user = Symbol("run");
  engine.users.add(user);
  const sequence = listRounds(plan, settings.waves).flat().flatMap((index) =>
    plan.steps[index]?.position ?? []
  );
  const preview = createCanvasPreview(tokenizer, layout);
  const crop = (picture: Picture) =>
    cropPicture(picture, { x: 0, y: 0, width: settings.width, height: settings.height });
  let place: RunPlace = { state, past: [state], lineage };
  const run: Run = {
    get settings() {
      return place.lineage.length === 0 ? settings : { ...settings, lineage: place.lineage };
    },
    get state() {
      return place.state;
    },
    plan,
    device: patchModel.device,
    warnings: [...plan.warnings, ...prompt.warnings],
    numPatches: sequence.length,
    sequence,
    async *advance({ until = sequence.length, signal } = {}) {
      while (place.state.numDone < Math.min(until, sequence.length) && signal?.aborted !== true) {
        const before = place;
        const { place: after, report } = await stepForward(engine, before, { ...course, until });
        if (place !== before) continue; // rewound or advanced by someone else meanwhile
        place = after;
        yield { ...place.state, ...report, numPatches: sequence.length, plan };
      }
    },
    async rewind(numDone) {
      assertReached(numDone, place.state.numDone);
      place = await stepBack(engine, place, { ...course, numDone });
      preview.clear();
    },
    branch: async (options) => createRun(engine, await branchOff(engine, course, place, options)),
    preview: async () => crop(await preview.draw(place.state.tokens, sequence.slice(0, place.state.numDone))),
    decode: async () => crop(await decode(tokenizer, place.state.tokens)),
    dispose: () => leaveEngine(engine, user),
    [Symbol.asyncDispose]: () => leaveEngine(engine, user),
  };
  return run;
}

async function branchOff(
  engine: RunEngine,
  { settings, prompt, ...before }: RunCourse,
  place: RunPlace,
  { numDone = place.state.numDone, seed = settings.seed, ...changes }: BranchOptions,
): Promise<RunStart> {
  assertReached(numDone, place.state.numDone);
  const sampling = { ...settings.sampling, ...changes.sampling };
  assertSameStreams(settings.sampling, sampling);
  const text = changes.text === undefined ? settings.text : changes.text || undefined;
  const hasSameText = text === settings.text;
  const { text: _, interventions: __, ...rest } = settings;
  const intervene = pickIntervene({ ...before, ...pickIntervene(changes) });
  const functions = nameInterventions({ ...intervene, changes: engine.patchModel.changes });
  const order = seed === settings.seed ? settings.order : keepOrder(settings, engine.plan);
  const course = {
    settings: { ...rest, ...(text === undefined ? {} : { text }), ...functions, order, seed, sampling },
    prompt: hasSameText ? prompt : await encodePrompt(engine.patchModel, text),
    ...intervene,
  };
  const hasSamePools = hasSameText && intervene.intervene === before.intervene;
  const { state } = await stepBack(engine, hasSamePools ? place : { ...place, past: [] }, {
    ...course,
    numDone,
  });
  return { ...course, state, lineage: extendLineage(place.lineage, numDone, settings) };
}

/** The order of a run for settings with another seed, under which `random` would be another order. */
function keepOrder({ order }: RunSettings, { steps }: Plan): RunSettings["order"] {
  return order === "random" ? steps.map(({ position }) => position) : order;
}

/** The function of views, if there is one. */
function pickIntervene({ intervene }: Interventions): Pick<Interventions, "intervene"> {
  return intervene === undefined ? {} : { intervene };
}

async function leaveEngine(engine: RunEngine, user: symbol): Promise<void> {
  if (engine.users.delete(user) && engine.users.size === 0) await disposeEngine(engine);
}

function assertReached(numDone: number, reached: number): void {
  if (Number.isInteger(numDone) && numDone >= 0 && numDone <= reached) return;
  throw new RangeError(`Cannot go back in run: numDone must be an integer 0 to ${reached}, got ${numDone}`);
}

/** What is compiled has one stream or two. */
function assertSameStreams(before: Sampling, after: Sampling): void {
  if ((before.guidance === 1) === (after.guidance === 1)) return;
  const need = before.guidance === 1 ? "1, as in the run" : "other than 1, as in the run";
  throw new RangeError(`Cannot branch run: guidance must be ${need}, got ${after.guidance}`);
}
