import { onInterrupt } from "./interrupts.ts";
import { type LiveOptions, type Output, standardOutput } from "./output.ts";

/** How work is followed. */
export interface FollowOptions extends LiveOptions {
  /** Stops it like the Stop button. */
  readonly signal?: AbortSignal;
  /** Where it is shown. @default under the present cell */
  readonly output?: Output;
}

/** What {@link follow} tells the drawing. */
export interface FollowState {
  /** How the work stands, when it is drawn. */
  readonly status: "going" | "done" | "stopped" | "failed";
  /** Why it failed; empty otherwise. */
  readonly reason: string;
}

/**
 * Does work that comes in steps, and shows how far it is in one output that changes: not more often than is worth it, and
 * in the end in any case. The Stop button ends the work after the step it is at.
 *
 * @param start Begins the work; it ends soon after the signal is aborted.
 * @param draw Turns what the work has yielded last into something to show.
 * @returns What it yielded last; nothing if it yielded nothing.
 *
 * @example Usage
 * ```ts ignore
 * await follow((signal) => training.advance({ signal }), ({ step }, { status }) => `${status}: step ${step}`);
 * ```
 */
export async function follow<Value>(
  start: (signal: AbortSignal) => AsyncIterable<Value>,
  draw: (value: Value, state: FollowState) => unknown,
  { output = standardOutput(), interval, ...options }: FollowOptions = {},
): Promise<Value | undefined> {
  const live = output.openLive(interval === undefined ? {} : { interval });
  using stop = onInterrupt();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  let last: { readonly value: Value } | undefined;
  const finish = async (status: FollowState["status"], reason = "") => {
    if (last === undefined) return;
    const { value } = last;
    await live.finish(() => draw(value, { status, reason }));
  };
  try {
    for await (const value of start(signal)) {
      last = { value };
      await live.update(() => draw(value, { status: "going", reason: "" }));
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    await finish("failed", reason).catch(() => {}); // what failed first is told
    throw error;
  }
  await finish(signal.aborted ? "stopped" : "done");
  return last?.value;
}
