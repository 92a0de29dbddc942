import type { Kernel, KernelMessage } from "@jupyterlab/services";
import type { MimeBundle } from "../figures/mod.ts";
import type { Health } from "./_kernel_health.ts";
import { CALL_MIME, type CallPart, writeCallCell, writeCollectCell } from "./_remote_cell.ts";
import { KernelLostError } from "./kernel_lost_error.ts";
import { RemoteError, type RemoteFailure } from "./remote_error.ts";
import type { RemoteOptions } from "./remote_kernel.ts";

/** The outcome of a call, as it is kept there. */
type Outcome = { readonly value: unknown } | { readonly error: RemoteFailure };

/** How often an outcome that got lost on the way is asked for. */
const MAX_COLLECTS = 3;

/** Runs the body of an async function on a kernel, and brings home what it returns. */
export async function callThere(
  connection: Kernel.IKernelConnection,
  health: Health,
  body: string,
  { signal, ...listeners }: RemoteOptions,
): Promise<unknown> {
  if (health.lost !== undefined) throw health.lost;
  const receiver = createReceiver(listeners), { id, reject } = receiver;
  const runCell = async (code: string) => {
    const future = connection.requestExecute({ code, "stop_on_error": false, "allow_stdin": false }, false);
    future.onIOPub = receiver.hear;
    const { content } = await future.done;
    if (content.status === "error") {
      reject(new RemoteError(health.url, { name: content.ename, message: content.evalue, stack: "" }));
    }
    await new Promise((settle) => setTimeout(settle, 60)); // outputs may arrive after the reply
    future.dispose();
  };
  const collect = async () => {
    for (let i = 0; i < MAX_COLLECTS && !receiver.isDone(); i++) {
      await runCell(writeCollectCell(id, receiver.listPieces()));
    }
    reject(new KernelLostError("outcome must arrive, got nothing", health.url));
  };
  const unlisten = health.listen((lost) =>
    lost === undefined ? void collect().catch(() => {}) : reject(lost)
  );
  const interrupt = () => void connection.interrupt().catch(() => {}); // the call itself tells what became of it
  signal?.addEventListener("abort", interrupt);
  try {
    runCell(writeCallCell(id, body)).then(collect).catch((error) => reject(health.lost ?? error));
    const found = await receiver.outcome;
    if ("error" in found) throw new RemoteError(health.url, found.error);
    return found.value;
  } finally {
    unlisten();
    signal?.removeEventListener("abort", interrupt);
  }
}

/** Puts together what a call sends home, and hands on the rest. */
function createReceiver({ onOutput, onMessage }: RemoteOptions) {
  const id = crypto.randomUUID();
  const { promise: outcome, resolve, reject } = Promise.withResolvers<Outcome>();
  const pieces: string[] = [];
  const listPieces = () => Object.keys(pieces).map(Number); // a list with holes
  let count = Infinity;
  const isDone = () => listPieces().length === count;
  const hear = (message: KernelMessage.IIOPubMessage) => {
    const { data } = message.content as { readonly data?: MimeBundle }; // of display messages; others have none
    const part = data?.[CALL_MIME] as CallPart | undefined; // written by `runThere`
    if (part === undefined) return tellOutput(message, onOutput);
    if (part.id !== id) return;
    if ("message" in part) return onMessage?.(part.message);
    if (part.text === "") return; // it is not kept there
    pieces[part.index] = part.text;
    ({ count } = part);
    if (isDone()) resolve(JSON.parse(pieces.join("")));
  };
  return { id, outcome, reject, hear, isDone, listPieces };
}

/** Tells of an output as a notebook would show it; other messages are none. */
function tellOutput({ content }: KernelMessage.IIOPubMessage, onOutput: RemoteOptions["onOutput"]): void {
  const { data, text, traceback } = content as {
    readonly data?: MimeBundle;
    readonly text?: string;
    readonly traceback?: readonly string[];
  }; // of display, stream and error messages
  const words = text ?? traceback?.join("\n");
  if (data !== undefined) onOutput?.(data);
  else if (words !== undefined) onOutput?.({ "text/plain": words });
}
