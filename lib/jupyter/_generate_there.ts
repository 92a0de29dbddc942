/** What to generate on another machine. */
export interface GenerateRequest {
  /** Folder of the weights over there; relative to the kernel's folder. */
  readonly weights: string;
  /** As `startRun` takes them, but nothing that is not JSON. */
  readonly options: GenerateThereOptions;
  /** How the toolkit is imported there. @default "nuwa-infinity" */
  readonly toolkit?: string;
}

/** The options of a generation, as JSON. */
export interface GenerateThereOptions {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** @default anything */
  readonly text?: string;
  /** @default 0 */
  readonly seed?: number;
  /** The order's name. @default "auto" */
  readonly order?: string;
  /** @default SAMPLING, field by field */
  readonly sampling?: Readonly<Record<string, number>>;
  /** @default true */
  readonly waves?: boolean;
  /** @default "auto" */
  readonly device?: string;
  /** @default "float32" */
  readonly precision?: string;
}

/** What is told on the way; pictures are the base64 of a JPEG file. */
export interface Shown {
  readonly numDone: number;
  readonly numPatches: number;
  readonly preview?: string;
}

/** The part of the toolkit that the code over there uses. */
interface Toolkit {
  readonly RUN_VERSION?: number;
  loadModel(folder: string): Promise<{ readonly model: unknown; readonly sha256: string }>;
  startRun(model: unknown, options: GenerateThereOptions): Promise<RunThere>;
  onInterrupt(): Disposable & { readonly signal: AbortSignal };
  resizePicture(
    picture: PictureThere,
    size: { readonly width: number; readonly height: number },
  ): Promise<PictureThere>;
  encodePicture(picture: PictureThere, format: "jpeg"): Promise<Uint8Array>;
  encodeRunPicture(picture: PictureThere, record: object): Promise<Uint8Array>;
}

interface PictureThere {
  readonly shape: readonly number[];
}

interface RunThere extends AsyncDisposable {
  readonly settings: object;
  readonly state: { readonly numDone: number };
  readonly numPatches: number;
  readonly device: string;
  advance(options: { readonly signal: AbortSignal }): AsyncIterable<{ readonly numDone: number }>;
  preview(): Promise<PictureThere>;
  decode(): Promise<PictureThere>;
}

/** Generates a picture on the kernel. It is sent as text, so it may use nothing from outside. */
export async function generateThere(
  { weights, options, toolkit = "nuwa-infinity" }: GenerateRequest,
  tell: (shown: Shown) => void,
): Promise<object> {
  const RUN_VERSION = 1, INTERVAL = 500, MAX_SIDE = 512;
  const nuwa: Toolkit = await import(toolkit);
  if (nuwa.RUN_VERSION !== RUN_VERSION) {
    throw new RangeError(
      `Cannot generate there: toolkit must write runs of version ${RUN_VERSION}, got ${nuwa.RUN_VERSION}`,
    );
  }
  const { model, sha256 } = await nuwa.loadModel(weights);
  await using run = await nuwa.startRun(model, options);
  using stop = nuwa.onInterrupt();
  const drawPreview = async () => {
    const picture = await run.preview();
    const [height = 1, width = 1] = picture.shape;
    const scale = Math.min(1, MAX_SIDE / Math.max(height, width));
    const size = { width: Math.ceil(width * scale), height: Math.ceil(height * scale) };
    return (await nuwa.encodePicture(await nuwa.resizePicture(picture, size), "jpeg")).toBase64();
  };
  let last = -Infinity;
  for await (const { numDone } of run.advance({ signal: stop.signal })) {
    const isDue = performance.now() - last > INTERVAL;
    tell({ numDone, numPatches: run.numPatches, ...(isDue ? { preview: await drawPreview() } : {}) });
    if (isDue) last = performance.now();
    await new Promise((resolve) => setTimeout(resolve)); // lets signals and messages through
  }
  const { settings, state, numPatches, device } = run;
  const picture = state.numDone === numPatches ? await run.decode() : await run.preview();
  const png = await nuwa.encodeRunPicture(picture, { settings, ...state, weightsSha256: sha256 });
  return { png: png.toBase64(), numDone: state.numDone, numPatches, device };
}
