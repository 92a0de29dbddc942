import type { KernelMessage } from "@jupyterlab/services";
import type { ServerAddress } from "nuwa-infinity";
import { createServerSettings } from "../../lib/jupyter/_server_settings.ts";
import { type Cell, type CellOutput, type Notebook, promisesOutput } from "./notebook.ts";

/** How a notebook is run. */
export interface RunNotebookOptions {
  /** Hears how far it is. @default nobody */
  readonly onCell?: (numDone: number) => void;
  /** Hears what the kernel's processor was busy, in seconds; unlike the clock, it is the same on a busy machine. @default nobody */
  readonly onEnd?: (cpuSeconds: number) => void;
  /** Seconds that a cell may take: an ablation takes 100, on a busy machine more. @default 900 */
  readonly patience?: number;
}

/**
 * The Deno kernel sends what a cell shows some time after it says that the cell is done, under the number of the cell
 * that runs then: so each cell gets so many milliseconds of quiet before the next one starts.
 */
const QUIET = 300;

/** Milliseconds that an output may be late on a busy machine, if a cell promises one. */
const LATE = 10_000;

/**
 * Runs all cells of a notebook in a fresh kernel, one by one.
 *
 * @param server Its folder is where the notebook lies.
 * @returns The notebook with its outputs.
 * @throws {RangeError} If a cell fails, takes too long, or shows nothing though its last line promises something.
 */
export async function runNotebook(
  server: ServerAddress,
  notebook: Notebook,
  { onCell = () => {}, onEnd, patience = 900 }: RunNotebookOptions = {},
): Promise<Notebook> {
  const services = await import("@jupyterlab/services");
  const serverSettings = createServerSettings(services, server);
  const model = await services.KernelAPI.startNew({ name: "deno" }, serverSettings);
  const connection = new services.KernelConnection({ model, serverSettings });
  try {
    const cells: Cell[] = [];
    let count = 0;
    for (const [place, cell] of notebook.cells.entries()) {
      if (cell["cell_type"] === "code") {
        const run = runCell(connection, cell.source, patience, promisesOutput(cell) ? LATE : 0);
        const outputs = await run.catch((error) => {
          const reason = error instanceof Error ? error.message : String(error);
          throw new RangeError(`Cannot run cell ${place + 1}: ${reason}`);
        });
        if (outputs.length === 0 && promisesOutput(cell)) {
          throw new RangeError(`Cannot run cell ${place + 1}: it must show something, got nothing`);
        }
        cells.push({ ...cell, "execution_count": ++count, outputs });
      } else cells.push(cell);
      onCell(place + 1);
    }
    if (onEnd !== undefined) onEnd(await askCpuSeconds(connection));
    return { ...notebook, cells };
  } finally {
    connection.dispose();
    await services.KernelAPI.shutdownKernel(model.id, serverSettings);
  }
}

/** The part of a connection that is used. */
interface CellRunner {
  requestExecute(
    content: { code: string; "stop_on_error": boolean },
    disposeOnDone: boolean,
  ): {
    onIOPub: (message: KernelMessage.IIOPubMessage) => void | PromiseLike<void>;
    readonly done: Promise<KernelMessage.IExecuteReplyMsg>;
    dispose(): void;
  };
}

async function runCell(
  connection: CellRunner,
  code: string,
  patience: number,
  late: number,
): Promise<CellOutput[]> {
  const collector = createCollector();
  const future = connection.requestExecute({ code, "stop_on_error": true }, false);
  let heard = performance.now();
  future.onIOPub = (message) => {
    heard = performance.now();
    collector.add(message);
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new RangeError(`it must end within ${patience} s, got no end`)),
      1000 * patience,
    );
  });
  try {
    const { content } = await Promise.race([future.done, tooLong]);
    const ended = heard = performance.now(), isMissing = () => collector.outputs.length === 0;
    while (performance.now() - heard < QUIET || isMissing() && performance.now() - ended < late) {
      await new Promise((go) => setTimeout(go, QUIET / 3));
    }
    const error = collector.outputs.find((output) => output["output_type"] === "error");
    if (error !== undefined) throw new RangeError(`${error.ename}: ${error.evalue}`);
    if (content.status !== "ok") throw new RangeError("its code must be valid, got a failure without words");
    return collector.outputs;
  } finally {
    clearTimeout(timer);
    future.dispose();
  }
}

/** Seconds that the kernel's process and its threads have computed. */
async function askCpuSeconds(connection: CellRunner): Promise<number> {
  const code =
    `{ const { user, system } = (await import("node:process")).cpuUsage(); console.log(user + system); }`;
  const [output] = await runCell(connection, code, 60, LATE);
  return Number(output?.["text"]) / 1e6; // microseconds
}

/** Puts together what a cell shows: streams are joined, live outputs keep their last state. */
function createCollector() {
  const outputs: CellOutput[] = [], live = new Map<string, number>();
  const show = (message: KernelMessage.IIOPubMessage): CellOutput | undefined => {
    const { header: { msg_type: type }, content } = message;
    if (!["execute_result", "display_data", "error", "stream"].includes(type)) return undefined;
    const { transient: _, ...kept } = content as Record<string, unknown>; // the file format has the same fields
    return { "output_type": type, ...kept };
  };
  const add = (message: KernelMessage.IIOPubMessage) => {
    const content = message.content as {
      readonly data?: unknown;
      readonly text?: unknown;
      readonly name?: unknown;
      readonly transient?: { readonly "display_id"?: string };
    }; // as the kind of message says; what is missing is undefined
    const id = content.transient?.["display_id"];
    if (message.header["msg_type"] === "update_display_data") {
      const place = live.get(id ?? ""), before = outputs[place ?? -1];
      if (place !== undefined && before !== undefined) outputs[place] = { ...before, data: content.data };
      return;
    }
    const output = show(message), last = outputs.at(-1);
    if (output === undefined) return;
    if (
      output["output_type"] === "stream" && last?.["output_type"] === "stream" && last.name === content.name
    ) {
      outputs[outputs.length - 1] = { ...last, text: `${last.text}${content.text}` };
      return;
    }
    if (id !== undefined) live.set(id, outputs.length);
    outputs.push(output);
  };
  return { outputs, add };
}
