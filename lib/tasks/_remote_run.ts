import type { Plan } from "../direction/mod.ts";
import { decodePicture } from "../media/mod.ts";
import { type FilledPatch, placePatches } from "../steps/mod.ts";
import { scheduleCanvas } from "./_known_patches.ts";
import type { OpenedRun, RunReport } from "./_held_runs.ts";
import type { RemoteCalls } from "./_remote_calls.ts";
import { assertPlain, type PackedPatch } from "./_remote_wire.ts";
import { listRounds, readPatch, startState } from "./_run_engine.ts";
import type { RemoteRun } from "./remote.ts";

/** Asks another machine. */
export type Ask = <Name extends keyof RemoteCalls>(
  name: Name,
  request: Parameters<RemoteCalls[Name]>[0],
) => Promise<Awaited<ReturnType<RemoteCalls[Name]>>>;

/** What is known here of a run there. */
interface Place {
  readonly state: RemoteRun["state"];
  readonly lineage: RunReport["lineage"];
}

/** Creates the likeness of a run that is held elsewhere. */
export function createRemoteRun(ask: Ask, where: string, opened: OpenedRun): RemoteRun {
  const { id, settings, layout, report, ...facts } = opened;
  const { plan, sequence, follow } = layOutRun(opened);
  let place = follow({ state: startState(layout), lineage: [] }, report);
  const known = () => ({ id, have: place.state.numDone });
  const dispose = async () => {
    await ask("dispose", { id }).catch(() => {}); // it is gone with its kernel
  };
  return {
    ...facts,
    id,
    plan,
    sequence,
    numPatches: sequence.length,
    get settings() {
      return place.lineage.length === 0 ? settings : { ...settings, lineage: place.lineage };
    },
    get state() {
      return place.state;
    },
    async *advance({ until = sequence.length, signal } = {}) {
      while (place.state.numDone < Math.min(until, sequence.length) && signal?.aborted !== true) {
        const before = place; // what `have` says; it may be rewound meanwhile
        const report = await ask("advance", { ...known(), until });
        place = follow(before, report);
        const filled = unpackPatches(report.filled, plan);
        if (filled.length > 0) yield { ...place.state, filled, numPatches: sequence.length, plan };
        if (report.isStopped) return;
      }
    },
    async rewind(numDone) {
      place = follow(place, await ask("rewind", { ...known(), numDone }));
    },
    async branch(options) {
      assertPlain(options);
      return createRemoteRun(ask, where, await ask("branch", { id, options }));
    },
    preview: async () => await decodePicture(Uint8Array.fromBase64(await ask("preview", { id })), where),
    decode: async () => await decodePicture(Uint8Array.fromBase64(await ask("decode", { id })), where),
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

/** What follows from a run's settings, and how its place moves with the reports. */
function layOutRun({ settings, layout }: OpenedRun) {
  const { plan } = scheduleCanvas(layout, settings);
  const steps = listRounds(plan, settings.waves).flat();
  const sequence = steps.flatMap((step) => plan.steps[step]?.position ?? []);
  const follow = ({ state }: Place, { numDone, filled, lineage }: RunReport): Place => {
    const { tokens } = startState(layout);
    const kept = steps.slice(0, Math.min(state.numDone, numDone));
    const old = kept.map((step) => readPatch(state.tokens, plan, step, layout.patchTokens));
    placePatches(tokens, [...old, ...unpackPatches(filled, plan)], layout.patchTokens);
    return { state: { numDone, tokens }, lineage };
  };
  return { plan, sequence, follow };
}

/** Gives patches their places again. */
export function unpackPatches(filled: readonly PackedPatch[], { steps }: Plan): FilledPatch[] {
  return filled.map(({ stepIndex, codes }) => ({
    stepIndex,
    position: steps[stepIndex]?.position ?? { frame: 0, row: 0, column: 0 },
    tokens: Int32Array.from(codes),
  }));
}
