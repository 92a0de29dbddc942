import { describeValue } from "./describe_value.ts";
import type { MimeBundle } from "../figures/mod.ts";
import { drawValue } from "./draw_value.ts";
import { DISPLAY, findKernel, isDisplayable, type Kernel } from "./kernel.ts";

/**
 * Everything that leaves for the notebook goes through here, because the Deno kernel needs care: it stamps outputs with
 * the cell that runs when they are sent, not when they were made; one message of 10 MB breaks the connection; and Jupyter
 * servers drop outputs beyond 1 MB a second. So outputs queue up, wait until they are sent, and keep below those sizes.
 */
export interface Output {
  /** Whether there is a notebook to show things in; otherwise texts are printed. */
  readonly isNotebook: boolean;
  /** Shows a value under the present cell; done when it has been sent. */
  display(value: unknown): Promise<void>;
  /** Sends data and bytes for a program at the other end, not for eyes. */
  send(mime: string, data: unknown, buffers?: readonly Uint8Array[]): Promise<void>;
  /** Opens one output that can be drawn again and again. */
  openLive(options?: LiveOptions): LiveOutput;
}

/** How often a {@link LiveOutput} is drawn. */
export interface LiveOptions {
  /** Milliseconds between two drawings, at least. @default 500 in a notebook, 5000 outside */
  readonly interval?: number;
}

/** One output under a cell that changes. */
export interface LiveOutput {
  /** Draws, unless it was drawn a moment ago; drawing takes a twentieth of the time at most. */
  update(draw: () => unknown): Promise<void>;
  /** Draws in any case. */
  finish(draw: () => unknown): Promise<void>;
}

/** What {@link createOutput} works with; all of it only for tests. */
export interface OutputOptions {
  /** @default the one that runs this program, if any */
  readonly kernel?: Kernel | undefined;
  /** Milliseconds. @default performance.now */
  readonly now?: () => number;
  /** @default setTimeout */
  readonly wait?: (milliseconds: number) => Promise<void>;
  /** Prints where there is no notebook. @default standard output */
  readonly print?: (text: string) => void;
}

/** The most that one output may have, in bytes: a message of 10 MB breaks the kernel's connection. */
export const MAX_OUTPUT_BYTES = 1_500_000;

/** Milliseconds until a message is surely sent: measured 1 for small ones, 50 for some MB. */
const FLUSH = { small: 5, large: 50, largeFrom: 200_000 };

/** The part of the time that drawing may take. */
const SHARE = 1 / 20;

/** Creates an {@link Output}. Programs want {@link display}, which uses one for all. */
export function createOutput(options: OutputOptions = {}): Output {
  const kernel = "kernel" in options ? options.kernel : findKernel();
  const { now = () => performance.now(), wait = sleep, print = printText } = options;
  let queue = Promise.resolve();
  const inTurn = (work: () => Promise<void>) => {
    const turn = queue.then(work);
    queue = turn.catch(() => {}); // the next one does not care; whoever waits for this one hears of it
    return turn;
  };
  const broadcast = async (
    type: string,
    data: MimeBundle,
    id?: string,
    buffers: readonly Uint8Array[] = [],
  ) => {
    await kernel?.broadcast(type, {
      data,
      metadata: {},
      transient: id === undefined ? {} : { display_id: id },
    }, {
      buffers,
    });
    const numBytes = sizeOfBundle(data) + buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
    await wait(numBytes < FLUSH.largeFrom ? FLUSH.small : FLUSH.large);
  };
  const show = async (value: unknown, type: string, id?: string) => {
    const bundle = capBundle(await toBundle(value));
    if (kernel === undefined) print(`${bundle["text/plain"]}\n`);
    else await broadcast(type, bundle, id);
  };
  return {
    isNotebook: kernel !== undefined,
    display: (value) => inTurn(() => show(value, "display_data")),
    send: (mime, data, buffers) =>
      inTurn(() => broadcast("display_data", { [mime]: data }, undefined, buffers)),
    openLive({ interval = kernel === undefined ? 5000 : 500 } = {}) {
      const id = crypto.randomUUID();
      let type = "display_data", next = -Infinity;
      const draw = async (make: () => unknown) => {
        const started = now();
        await show(await make(), type, id);
        type = "update_display_data";
        const ended = now();
        next = ended + Math.max(interval, (ended - started) / SHARE);
      };
      return {
        update: (make) => now() < next ? Promise.resolve() : inTurn(() => draw(make)),
        finish: (make) => inTurn(() => draw(make)),
      };
    },
  };
}

let standard: Output | undefined;

/** The output of this program. */
export function standardOutput(): Output {
  return standard ??= createOutput();
}

/**
 * Shows a value under the present cell of a notebook, and waits until it is sent, so that it is neither lost nor lands
 * under another cell. Outside of notebooks its text is printed.
 *
 * Pictures, canvases, plans, pools, runs, figures and configs have drawings of their own; see {@link drawValue}.
 */
export async function display(value: unknown): Promise<void> {
  await standardOutput().display(value);
}

/** What a notebook shows of a value: as it draws itself, or in words. */
export async function toBundle(value: unknown): Promise<MimeBundle> {
  if (isDisplayable(value)) return await value[DISPLAY]();
  const drawing = await drawValue(value)?.();
  return isDisplayable(drawing) ? await drawing[DISPLAY]() : { "text/plain": describeValue(value) };
}

/** Leaves out the largest forms of an output that is too large, and says so. */
export function capBundle(bundle: MimeBundle): MimeBundle {
  let kept: Record<string, unknown> = { ...bundle };
  while (sizeOfBundle(kept) > MAX_OUTPUT_BYTES) {
    const [mime = "", bytes = 0] = Object.entries(kept).map(([mime, data]) =>
      [mime, sizeOfData(data)] as const
    )
      .reduce((largest, other) => other[1] > largest[1] ? other : largest);
    const { [mime]: dropped, ...rest } = kept;
    const text = mime === "text/plain" ? `${String(dropped).slice(0, 1000)} ...` : rest["text/plain"] ?? "";
    const note = `(${(bytes / 1e6).toFixed(1)} MB of ${mime} left out: an output may have ${
      MAX_OUTPUT_BYTES / 1e6
    } MB)`;
    kept = { ...rest, "text/plain": `${text}\n${note}` };
  }
  return kept;
}

function sizeOfBundle(bundle: MimeBundle): number {
  return Object.values(bundle).reduce<number>((sum, data) => sum + sizeOfData(data), 0);
}

function sizeOfData(data: unknown): number {
  return (typeof data === "string" ? data : JSON.stringify(data) ?? "").length;
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function printText(text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let written = 0; written < bytes.length;) written += Deno.stdout.writeSync(bytes.subarray(written));
}
