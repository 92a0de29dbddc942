import { poolSize } from "../context_pool/mod.ts";
import type { Prompt } from "../steps/mod.ts";
import { advanceState, type RunEngine, type RunState, startState } from "./_run_engine.ts";
import type { Interventions } from "./interventions.ts";
import type { RunOrigin, RunSettings } from "./run_settings.ts";

/** What decides the patches that are still to come. */
export interface RunCourse extends Pick<Interventions, "intervene"> {
  readonly settings: RunSettings;
  readonly prompt: Prompt;
}

/** Where a run stands and how it came there. */
export interface RunPlace {
  readonly state: RunState;
  /** States that can be gone back to without computing them again, oldest first, the present one last. */
  readonly past: readonly RunState[];
  /** What patches were filled with before the run's own settings held. */
  readonly lineage: readonly RunOrigin[];
}

/** Bytes of pools of the past that are kept. */
const MAX_PAST_BYTES = 2 ** 28;

/** The place one batch of patches further. */
export async function stepForward(
  engine: RunEngine,
  place: RunPlace,
  course: RunCourse & { readonly until: number },
) {
  const { state, ...report } = await advanceState(engine, place.state, course);
  return { report, place: { ...place, state, past: trimPast([...place.past, state]) } };
}

/** The place when only the first `numDone` patches were there: the pool of that time is found, or computed again. */
export async function stepBack(
  engine: RunEngine,
  { state: present, past, lineage }: RunPlace,
  { numDone, ...course }: RunCourse & { readonly numDone: number },
): Promise<RunPlace> {
  const known = present.tokens;
  const earlier = past.filter((state) => state.numDone <= numDone);
  let state = earlier.at(-1) ?? startState(engine.layout);
  while (state.numDone < numDone) {
    ({ state } = await advanceState(engine, state, { ...course, until: numDone, known }));
  }
  return {
    state,
    past: [...earlier.filter((other) => other !== state), state],
    lineage: cutLineage(lineage, numDone),
  };
}

/** Drops the oldest states beyond the budget. Pools share caches: all together have the oldest's and those added since. */
function trimPast(past: readonly RunState[]): readonly RunState[] {
  const newest = past.at(-1);
  const [cache] = newest?.pool.patches.values() ?? [];
  const bytes = (cache?.caches.data.byteLength ?? 0) + (newest?.tokens.data.byteLength ?? 0);
  return past.filter((oldest) => {
    const numCaches = poolSize(oldest.pool) + (newest?.numDone ?? 0) - oldest.numDone;
    return oldest === newest || numCaches * bytes <= MAX_PAST_BYTES;
  });
}

/** What the first `numDone` patches were filled with, as far as it was not the run's own settings. */
function cutLineage(lineage: readonly RunOrigin[], numDone: number): readonly RunOrigin[] {
  const cut = lineage.find((origin) => origin.numDone >= numDone);
  const whole = lineage.filter((origin) => origin.numDone < numDone);
  return cut === undefined || numDone === 0 ? whole : [...whole, { ...cut, numDone }];
}

/** The lineage of a branch that leaves a run after `numDone` patches. */
export function extendLineage(
  lineage: readonly RunOrigin[],
  numDone: number,
  { seed, text, sampling, interventions }: RunSettings,
): readonly RunOrigin[] {
  const inherited = cutLineage(lineage, numDone);
  if ((inherited.at(-1)?.numDone ?? 0) === numDone) return inherited;
  const rest = {
    ...(text === undefined ? {} : { text }),
    ...(interventions === undefined ? {} : { interventions }),
  };
  return [...inherited, { numDone, seed, ...rest, sampling }];
}
