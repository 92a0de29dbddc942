/** The MIME type of everything that calls send home. */
export const CALL_MIME = "application/vnd.nuwa.call+json";

/** A part of what a call sends: a message on the way, or a piece of its outcome. */
export type CallPart =
  | { readonly id: string; readonly message: unknown }
  | { readonly id: string; readonly index: number; readonly count: number; readonly text: string };

/** The part of `Deno.jupyter` that the code over there uses. */
interface ThereKernel {
  broadcast(type: string, content: object): unknown;
}

/**
 * Runs on the kernel: does the work, keeps its outcome (the connection may be gone by then), and sends it home in pieces,
 * so slowly that no server drops any: Jupyter's limit is 3 MB in 3 s. It is sent as text, so it may use nothing from outside.
 *
 * @param call `have` lists the pieces that have arrived already.
 * @param work Absent to send an outcome that is kept once more.
 */
async function runThere(
  jupyter: ThereKernel,
  { id, mime, have }: { readonly id: string; readonly mime: string; readonly have: readonly number[] },
  work?: (tell: (message: unknown) => void) => Promise<unknown>,
): Promise<void> {
  const PIECE = 500_000, KEPT = 8, NUM_QUICK = 2, GAP = 30, LONG_GAP = 900;
  const keeper: { [name: symbol]: Map<string, string> } = globalThis as never; // a place that all cells share
  const kept = keeper[Symbol.for("nuwa-infinity calls")] ??= new Map();
  const send = (part: object) =>
    jupyter.broadcast("display_data", { data: { [mime]: { id, ...part } }, metadata: {}, transient: {} });
  if (work !== undefined) {
    let outcome: object;
    try {
      outcome = { value: await work((message) => send({ message })) ?? null };
    } catch (error) {
      const { name, message, stack } = error instanceof Error
        ? error
        : { name: "Error", message: String(error), stack: "" };
      outcome = { error: { name, message, stack: stack ?? "" } };
    }
    kept.set(id, JSON.stringify(outcome));
    for (const old of [...kept.keys()].slice(0, -KEPT)) kept.delete(old);
  }
  const text = kept.get(id) ?? "";
  const count = Math.max(1, Math.ceil(text.length / PIECE));
  for (let index = 0, numSent = 0; index < count; index++) {
    if (have.includes(index)) continue;
    send({ index, count, text: text.slice(index * PIECE, (index + 1) * PIECE) });
    const gap = ++numSent < NUM_QUICK ? GAP : LONG_GAP;
    await new Promise((resolve) => setTimeout(resolve, index === count - 1 ? GAP : gap)); // until it is sent: see Output
  }
}

/** The cell that runs the body of an async function, which may use `tell(message)` and `return`. */
export function writeCallCell(id: string, body: string): string {
  return `await (${runThere})(Deno.jupyter, ${writeCall(id, [])}, async (tell) => {\n${body}\n});`;
}

/** The cell that sends those pieces of an earlier call's outcome that have not arrived. */
export function writeCollectCell(id: string, have: readonly number[]): string {
  return `await (${runThere})(Deno.jupyter, ${writeCall(id, have)});`;
}

function writeCall(id: string, have: readonly number[]): string {
  return JSON.stringify({ id, mime: CALL_MIME, have });
}
