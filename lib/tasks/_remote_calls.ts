import type { Picture } from "../core/mod.ts";
import { encodePicture, resizePicture } from "../media/mod.ts";
import { type DeviceList, listDevices } from "../runtime/mod.ts";
import {
  describeRun,
  dropRun,
  findRun,
  holdRun,
  keepRun,
  loadOnce,
  type OpenedRun,
  refuseId,
  reportRun,
  type RunReport,
} from "./_held_runs.ts";
import { type PackedPatch, type PackedTokens, packPatches, unpackTokens } from "./_remote_wire.ts";
import { type CanvasLayout, layOutCanvas } from "./canvas_layout.ts";
import { generate, type Generated, type GenerateOptions } from "./generate.ts";
import { type BranchOptions, resumeRun, type RunOptions, startRun } from "./run.ts";
import { loadRun } from "./run_record.ts";
import type { RunSettings } from "./run_settings.ts";

/** Milliseconds of work that one answer brings home: more would be seen too late, less be mostly way. */
const BURST = 1000;

/** The longer side of a preview in pixels. */
const PREVIEW_SIDE = 1024;

/** Generations that go on; they live as long as this program. */
const generations = new Map<string, ReturnType<typeof generate>>();

/** What a finished generation says of itself, besides what the asker knows. */
type Outcome = Omit<Generated, "picture" | "tokens" | "plan"> & { readonly png: string };

/** What this machine is. */
export interface MachineFacts extends DeviceList {
  /** Version of Deno. */
  readonly deno: string;
  /** E.g. `linux x86_64`. */
  readonly system: string;
  /** CPU cores. */
  readonly cores: number;
}

/** Which run is meant, and how many of its patches the asker knows. */
interface Known {
  readonly id: string;
  readonly have: number;
}

/** What can be asked of another machine. Requests and answers are plain JSON. */
export const REMOTE_CALLS = {
  async describe(_: Record<never, never>): Promise<MachineFacts> {
    const { os, arch } = Deno.build;
    return {
      deno: Deno.version.deno,
      system: `${os} ${arch}`,
      cores: navigator.hardwareConcurrency,
      ...await listDevices(),
    };
  },
  async start({ weights: folder, keepAs, options }: {
    readonly weights: string;
    readonly keepAs?: string | undefined;
    readonly options: RunOptions;
  }): Promise<OpenedRun> {
    const weights = await loadOnce(folder);
    return holdRun(weights, await startRun(weights.model, options), keepAs);
  },
  async resume({ weights: folder, keepAs, record, device }: {
    readonly weights: string;
    readonly keepAs?: string | undefined;
    /** The path of a saved run here, or the run itself. */
    readonly record: string | {
      readonly settings: RunSettings;
      readonly numDone: number;
      readonly tokens: PackedTokens;
      readonly weightsSha256?: string | undefined;
    };
    readonly device?: GenerateOptions["device"];
  }): Promise<OpenedRun> {
    const weights = await loadOnce(folder);
    const found = typeof record === "string"
      ? await loadRun(record)
      : { ...record, tokens: unpackTokens(record.tokens) };
    const run = await resumeRun(weights.model, found, {
      device: device ?? "auto",
      weightsSha256: weights.sha256,
    });
    return holdRun(weights, run, keepAs);
  },
  find({ id }: { readonly id: string }): Promise<OpenedRun> {
    return Promise.resolve(describeRun(id));
  },
  async advance(
    { id, have, until }: Known & { readonly until: number },
    signal: AbortSignal,
  ): Promise<RunReport> {
    const held = findRun(id), started = performance.now();
    for await (const _ of held.run.advance({ until, signal })) {
      await letOthersSpeak();
      if (performance.now() - started > BURST) break;
    }
    await keepRun(held);
    return { ...reportRun(held.run, have), isStopped: signal.aborted };
  },
  async rewind({ id, have, numDone }: Known & { readonly numDone: number }): Promise<RunReport> {
    const { run } = findRun(id);
    await run.rewind(numDone);
    return reportRun(run, have);
  },
  async branch(
    { id, options }: { readonly id: string; readonly options: BranchOptions },
  ): Promise<OpenedRun> {
    const { run, weights } = findRun(id);
    return holdRun(weights, await run.branch(options), undefined);
  },
  async preview({ id }: { readonly id: string }): Promise<string> {
    const picture = await shrink(await findRun(id).run.preview());
    return (await encodePicture(picture, "jpeg")).toBase64();
  },
  async decode({ id }: { readonly id: string }): Promise<string> {
    return (await encodePicture(await findRun(id).run.decode(), "png")).toBase64();
  },
  async dispose({ id }: { readonly id: string }): Promise<void> {
    await dropRun(id)?.run.dispose();
  },
  async generate({ weights, known, options }: {
    readonly weights: string;
    readonly known?: PackedTokens | undefined;
    readonly options: Omit<GenerateOptions, "known">;
  }): Promise<{ readonly id: string; readonly layout: CanvasLayout }> {
    const { model } = await loadOnce(weights);
    const layout = layOutCanvas(model, options), id = crypto.randomUUID();
    const whole = known === undefined ? options : { ...options, known: unpackTokens(known) };
    generations.set(id, generate(model, whole));
    return { id, layout };
  },
  async next({ id }: { readonly id: string }, signal: AbortSignal): Promise<{
    readonly filled: readonly PackedPatch[];
    readonly isStopped: boolean;
    readonly outcome?: Outcome;
  }> {
    const generation = generations.get(id) ?? refuseId(id);
    const filled: PackedPatch[] = [], started = performance.now();
    while (!signal.aborted && performance.now() - started <= BURST) {
      const next = await generation.next();
      if (next.done) {
        const { picture, tokens: _, plan: __, ...facts } = next.value;
        const png = (await encodePicture(picture, "png")).toBase64();
        return { filled, isStopped: false, outcome: { ...facts, png } };
      }
      filled.push(...packPatches(next.value.filled));
      await letOthersSpeak();
    }
    return { filled, isStopped: signal.aborted };
  },
  async leave({ id }: { readonly id: string }): Promise<void> {
    const generation = generations.get(id);
    generations.delete(id);
    // Its end is not asked for.
    await generation?.return(undefined as never);
  },
};

/** The type of {@link REMOTE_CALLS}: what both sides must agree on. */
export type RemoteCalls = typeof REMOTE_CALLS;

async function shrink(picture: Picture): Promise<Picture> {
  const [height = 1, width = 1] = picture.shape;
  const scale = Math.min(1, PREVIEW_SIDE / Math.max(height, width));
  if (scale === 1) return picture;
  return await resizePicture(picture, { width: Math.ceil(width * scale), height: Math.ceil(height * scale) });
}

/** Signals and messages come through only between tasks. */
function letOthersSpeak(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
