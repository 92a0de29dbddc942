/** Work that the Stop button ends; to be opened with `using`. */
export interface Interruptible extends Disposable {
  /** Aborted when Stop is pressed. */
  readonly signal: AbortSignal;
}

/** Who listens. Signals belong to the process, and so does this. */
const working = new Set<AbortController>();

/**
 * Makes the notebook's Stop button (and Ctrl-C) abort a signal instead of killing the program.
 *
 * @example Usage
 * ```ts ignore
 * using stop = onInterrupt();
 * for await (const progress of run.advance({ signal: stop.signal })) console.log(progress.numDone);
 * ```
 */
export function onInterrupt(): Interruptible {
  const controller = new AbortController();
  if (working.size === 0) Deno.addSignalListener("SIGINT", abortWork);
  working.add(controller);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      if (working.delete(controller) && working.size === 0) Deno.removeSignalListener("SIGINT", abortWork);
    },
  };
}

function abortWork(): void {
  const reason = new DOMException("Stopped by the user", "AbortError");
  for (const controller of working) controller.abort(reason);
}
