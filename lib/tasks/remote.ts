import { createTokenGrid } from "../core/mod.ts";
import { decodePicture } from "../media/mod.ts";
import { placePatches } from "../steps/mod.ts";
import { scheduleCanvas } from "./_known_patches.ts";
import type { MachineFacts } from "./_remote_calls.ts";
import { type Ask, createRemoteRun, unpackPatches } from "./_remote_run.ts";
import { assertPlain, packTokens } from "./_remote_wire.ts";
import { REMOTE_VERSION } from "./answer_remote.ts";
import type { Generated, GenerateOptions, GenerationProgress } from "./generate.ts";
import type { BranchOptions, Run, RunOptions, RunState } from "./run.ts";
import type { RunRecord } from "./run_record.ts";

export type { MachineFacts } from "./_remote_calls.ts";

/** Runs code on another machine: a kernel of `startKernel`, or anything else that can. */
export interface RemoteCaller {
  /** Names the machine in errors. */
  readonly url: string;
  /** Runs the body of an async function there and brings home what it returns, as JSON. */
  call(body: string): Promise<unknown>;
}

/** Where the toolkit and the weights are on the other machine. */
export interface RemoteToolkitOptions {
  /** The folder of the weights there; relative to the kernel's folder. */
  readonly weights: string;
  /** How the toolkit is imported there, e.g. `file:///home/me/nuwa-infinity/mod.ts`. @default "nuwa-infinity" */
  readonly toolkit?: string;
}

/** Where a run is kept on the other machine. */
export interface KeepOptions {
  /** A PNG file there, written now and then: `resumeRun(path)` goes on from it. @default the run is kept in memory */
  readonly keepAs?: string;
}

/** Where a generation on another machine stands. The context pool stays there. */
export type RemoteProgress = Omit<GenerationProgress, "pool">;

/**
 * A {@link Run} that another machine holds. Its tokens come home as it goes on, its context pool stays there. When the
 * other machine is lost, `settings` and `state` are enough to go on elsewhere: `resumeRun({ settings, ...state })`.
 */
export interface RemoteRun extends Omit<Run, "state" | "advance" | "branch"> {
  /** Names the run in its kernel; see {@link RemoteToolkit.findRun}. */
  readonly id: string;
  /** SHA-256 of the weights' file there. */
  readonly weightsSha256: string;
  /** Where it stands, as far as it is known here. */
  readonly state: Omit<RunState, "pool">;
  /** As {@link Run.advance}; yields about once a second. While nobody asks, nothing is computed there. */
  advance(options?: Parameters<Run["advance"]>[0]): AsyncGenerator<RemoteProgress, void, void>;
  /** As {@link Run.branch}; the branch is held there, too. */
  branch(options: BranchOptions): Promise<RemoteRun>;
  /** As {@link Run.preview}, but small: at most 1024 pixels a side, and as JPEG keeps it. */
  preview: Run["preview"];
}

/** The toolkit on another machine. */
export interface RemoteToolkit {
  /** Says what the other machine is, and sees to it that both have the same version of the toolkit. */
  describe(): Promise<MachineFacts>;
  /**
   * As `generate`, but computed there: the same picture, with the same weights on the same kind of device.
   *
   * @throws {TypeError} If an option is a function, or activations are to be captured: neither travels.
   */
  generate(options: GenerateOptions): AsyncGenerator<RemoteProgress, Generated, void>;
  /** As `startRun`, but the run is held there. */
  startRun(options: RunOptions & KeepOptions): Promise<RemoteRun>;
  /** As `resumeRun`: goes on there with a run of any machine, or with the one that a file there keeps. */
  resumeRun(
    record: RunRecord | string,
    options?: Pick<GenerateOptions, "device"> & KeepOptions,
  ): Promise<RemoteRun>;
  /** Finds a run that its kernel still holds, after `connectKernel`. */
  findRun(id: string): Promise<RemoteRun>;
}

/**
 * The toolkit on another machine's kernel. That machine holds the runs; here are their likenesses. Every step is asked for
 * from here, one call after another, and an answer that a dropped connection swallowed is asked for again.
 *
 * Every method throws `RemoteError` if the work fails there (no such weights, no toolkit or another version of it), and
 * `KernelLostError` if the kernel is lost.
 *
 * @example Usage
 * ```ts ignore
 * await using kernel = await startKernel({ url: "https://gpu.example.org/", token });
 * const there = remote(kernel, { weights: "../weights/handscroll" });
 * const run = await there.startRun({ text: "snow", width: 2048, height: 512, device: "cuda", local: "p-nar" });
 * await watch(run);
 * await saveRun("snow.png", await run.decode(), { ...run, ...run.state });
 * ```
 */
export function remote(kernel: RemoteCaller, { weights, ...options }: RemoteToolkitOptions): RemoteToolkit {
  const ask = createAsk(kernel, options), { url } = kernel;
  return {
    describe: () => ask("describe", {}),
    generate: (options) => generateThere({ ask, url, weights }, options),
    async startRun({ keepAs, ...options }) {
      assertPlain(options);
      return createRemoteRun(ask, url, await ask("start", { weights, keepAs, options }));
    },
    async resumeRun(record, { keepAs, device = "auto" } = {}) {
      const packed = typeof record === "string" ? record : packRecord(record);
      return createRemoteRun(ask, url, await ask("resume", { weights, keepAs, device, record: packed }));
    },
    findRun: async (id) => createRemoteRun(ask, url, await ask("find", { id })),
  };
}

/** What is sent: it is short, because the other machine has the toolkit. */
function createAsk(
  kernel: RemoteCaller,
  { toolkit = "nuwa-infinity" }: Omit<RemoteToolkitOptions, "weights">,
): Ask {
  const text = JSON.stringify(toolkit);
  return async (name, request) => {
    const answer = await kernel.call(`
      const nuwa = await import(${text}).catch((error) => {
        throw new TypeError("Cannot import toolkit in " + Deno.cwd() + ": " + ${text} + " must be what its deno.json knows " +
          "(start the server with deno task lab, or say where mod.ts is by the option toolkit), got: " + error.message);
      });
      if (nuwa.REMOTE_VERSION !== ${REMOTE_VERSION}) {
        throw new RangeError("Cannot use toolkit there: its version must be ${REMOTE_VERSION}, as here, got " +
          nuwa.REMOTE_VERSION + "; bring both machines to the same version of nuwa-infinity");
      }
      nuwa.setUpNotebook(); // an interrupt between two requests does not end the kernel
      using stop = nuwa.onInterrupt();
      return await nuwa.answerRemote(${JSON.stringify(name)}, ${JSON.stringify(request)}, stop.signal);`);
    // Both machines have the same version, and `answerRemote` returns what `name` promises.
    return answer as never;
  };
}

async function* generateThere(
  { ask, url, weights }: { readonly ask: Ask; readonly url: string; readonly weights: string },
  { known, ...options }: GenerateOptions,
): AsyncGenerator<RemoteProgress, Generated, void> {
  assertPlain(options);
  const request = { weights, options, known: known === undefined ? undefined : packTokens(known) };
  const { id, layout } = await ask("generate", request);
  try {
    const { plan } = scheduleCanvas(layout, { ...options, ...(known === undefined ? {} : { known }) });
    const { grid, patchTokens: { height, width } } = layout;
    const tokens = createTokenGrid(grid.rows * height, grid.columns * width);
    for (let numDone = 0;;) {
      const { outcome, isStopped, ...answer } = await ask("next", { id });
      const filled = unpackPatches(answer.filled, plan);
      placePatches(tokens, filled, layout.patchTokens);
      numDone += filled.length;
      if (filled.length > 0) yield { filled, numDone, numPatches: plan.steps.length, tokens, plan };
      if (isStopped) throw new DOMException(`Stopped at ${url}`, "AbortError");
      if (outcome === undefined) continue;
      const { png, ...facts } = outcome;
      return { ...facts, tokens, plan, picture: await decodePicture(Uint8Array.fromBase64(png), url) };
    }
  } finally {
    await ask("leave", { id }).catch(() => {}); // it is gone with its kernel
  }
}

function packRecord({ settings, numDone, tokens, weightsSha256 }: RunRecord) {
  return { settings, numDone, tokens: packTokens(tokens), weightsSha256 };
}
