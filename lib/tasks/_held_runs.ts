import { type LoadedModel, loadModel } from "../steps/mod.ts";
import { type PackedPatch, packPatches } from "./_remote_wire.ts";
import { listRounds, readPatch } from "./_run_engine.ts";
import { type CanvasLayout, layOutCanvas } from "./canvas_layout.ts";
import type { Run } from "./run.ts";
import { saveRun } from "./run_record.ts";
import type { RunOrigin, RunSettings } from "./run_settings.ts";

/** The part of the time that keeping a run in a file may take. */
const KEEPING_SHARE = 1 / 20;

/** A run that is held here for someone elsewhere. */
export interface HeldRun {
  readonly run: Run;
  readonly weights: LoadedModel;
  readonly keepAs: string | undefined;
  /** When it may be written next; milliseconds. */
  nextKeeping: number;
}

/** Both live as long as this program. */
const runs = new Map<string, HeldRun>(), models = new Map<string, Promise<LoadedModel>>();

/** Where a run stands, as far as the asker does not know it yet. */
export interface RunReport {
  readonly numDone: number;
  /** All patches from the asker's `have` on. */
  readonly filled: readonly PackedPatch[];
  readonly lineage: readonly RunOrigin[];
  /** Whether it was ended by Stop. */
  readonly isStopped: boolean;
}

/** A run that was opened here, and what never changes about it. */
export interface OpenedRun extends Pick<Run, "device" | "warnings"> {
  readonly id: string;
  readonly settings: RunSettings;
  readonly layout: CanvasLayout;
  readonly weightsSha256: string;
  readonly report: RunReport;
}

/** Weights are read once, unless that failed. */
export async function loadOnce(folder: string): Promise<LoadedModel> {
  const loading = models.get(folder) ?? loadModel(folder);
  models.set(folder, loading);
  try {
    return await loading;
  } catch (error) {
    models.delete(folder);
    throw error;
  }
}

/** Keeps a run until it is disposed of. */
export function holdRun(weights: LoadedModel, run: Run, keepAs: string | undefined): OpenedRun {
  const id = crypto.randomUUID();
  runs.set(id, { run, weights, keepAs, nextKeeping: 0 });
  return describeRun(id);
}

/** What the asker has to know of a run. */
export function describeRun(id: string): OpenedRun {
  const { run, weights: { model, sha256 } } = findRun(id);
  const { settings: { lineage: _, ...settings }, device, warnings } = run;
  const layout = layOutCanvas(model, settings);
  return { id, settings, layout, device, warnings, weightsSha256: sha256, report: reportRun(run, 0) };
}

/** @throws {RangeError} If there is none. */
export function findRun(id: string): HeldRun {
  return runs.get(id) ?? refuseId(id);
}

/** Forgets a run. */
export function dropRun(id: string): HeldRun | undefined {
  const held = runs.get(id);
  runs.delete(id);
  return held;
}

/** @throws {RangeError} Always. */
export function refuseId(id: string): never {
  throw new RangeError(`Cannot find run: id must be that of one that goes on in this kernel, got ${id}`);
}

/** What is new about a run of which the first `have` patches are known. */
export function reportRun({ plan, state: { numDone, tokens }, settings }: Run, have: number): RunReport {
  const [h = 0, w = 0] = tokens.shape;
  const patchTokens = { height: h / plan.grid.rows, width: w / plan.grid.columns };
  const steps = listRounds(plan, settings.waves).flat().slice(have, Math.max(have, numDone));
  const filled = packPatches(steps.map((step) => readPatch(tokens, plan, step, patchTokens)));
  return { numDone, filled, lineage: settings.lineage ?? [], isStopped: false };
}

/** Writes a run where it is to be kept, now and then and in the end. */
export async function keepRun(held: HeldRun): Promise<void> {
  const { run, weights: { sha256 }, keepAs } = held, started = performance.now();
  const isDone = run.state.numDone === run.numPatches;
  if (keepAs === undefined || (started < held.nextKeeping && !isDone)) return;
  await saveRun(keepAs, await run.preview(), { settings: run.settings, ...run.state, weightsSha256: sha256 });
  const ended = performance.now();
  held.nextKeeping = ended + (ended - started) / KEEPING_SHARE;
}
