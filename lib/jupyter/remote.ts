import type { Picture } from "../core/mod.ts";
import { decodePicture } from "../media/mod.ts";
import { type GenerateRequest, generateThere, type Shown } from "./_generate_there.ts";
import type { RemoteKernel, RemoteOptions } from "./remote_kernel.ts";

export type { GenerateRequest, GenerateThereOptions } from "./_generate_there.ts";

/** Where a generation over there stands. */
export interface RemoteProgress {
  /** Patches filled. */
  readonly numDone: number;
  /** Patches of the whole canvas. */
  readonly numPatches: number;
  /** What is there so far, small; only now and then. */
  readonly preview?: Picture;
}

/** A picture that was generated over there. */
export interface RemoteGenerated {
  /** uint8 `[H, W, 3]`; half-filled if it was stopped. */
  readonly picture: Picture;
  /** The same as a file with its run in it: `decodeRunPicture(png, "there")`. */
  readonly png: Uint8Array;
  /** Patches filled. */
  readonly numDone: number;
  /** Patches of the whole canvas. */
  readonly numPatches: number;
  /** The device that computed it. */
  readonly device: string;
}

/** The toolkit on another machine. */
export interface RemoteToolkit {
  /**
   * Generates a picture there: the same picture as here, with the same weights.
   *
   * @param signal Stops it after the patches in work; what is there comes home.
   * @throws {RemoteError} If it fails there, e.g. for want of the toolkit or the weights, or because of another version.
   * @throws {KernelLostError} If the kernel is lost.
   */
  generate(
    request: GenerateRequest,
    options?: Pick<RemoteOptions, "signal">,
  ): AsyncGenerator<RemoteProgress, RemoteGenerated, void>;
}

/**
 * The toolkit on a kernel, wherever that is.
 *
 * @example Usage
 * ```ts ignore
 * await using kernel = await startKernel({ url: "https://gpu.example.org/", token });
 * const steps = remote(kernel).generate({ weights: "weights/handscroll", options: { text: "snow", width: 2048, height: 512 } });
 * for await (const { numDone, numPatches } of steps) console.log(`${numDone} of ${numPatches}`);
 * ```
 */
export function remote(kernel: RemoteKernel): RemoteToolkit {
  return { generate: (request, options) => generateRemotely(kernel, request, options ?? {}) };
}

async function* generateRemotely(
  kernel: RemoteKernel,
  request: GenerateRequest,
  { signal }: Pick<RemoteOptions, "signal">,
): AsyncGenerator<RemoteProgress, RemoteGenerated, void> {
  const queue: Shown[] = [];
  let wake = () => {};
  let isDone = false;
  const leave = new AbortController(); // the consumer may go before the end
  const outcome = kernel.call(`return await (${generateThere})(${JSON.stringify(request)}, tell);`, {
    signal: signal === undefined ? leave.signal : AbortSignal.any([signal, leave.signal]),
    onMessage(message) {
      queue.push(message as Shown); // told by `generateThere`
      wake();
    },
  }).finally(() => {
    isDone = true;
    wake();
  });
  outcome.catch(() => {}); // it is awaited below, unless the consumer leaves
  try {
    for (;;) {
      for (let shown = queue.shift(); shown !== undefined; shown = queue.shift()) yield await receive(shown);
      if (isDone) break;
      await new Promise<void>((resolve) => wake = resolve);
    }
  } finally {
    if (!isDone) leave.abort();
  }
  const { png: text, ...facts } = await outcome as Omit<RemoteGenerated, "png" | "picture"> & {
    readonly png: string;
  };
  const png = Uint8Array.fromBase64(text);
  return { ...facts, png, picture: await decodePicture(png, kernel.url) };
}

async function receive({ preview, ...progress }: Shown): Promise<RemoteProgress> {
  if (preview === undefined) return progress;
  return { ...progress, preview: await decodePicture(Uint8Array.fromBase64(preview), "preview") };
}
