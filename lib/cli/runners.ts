import type { Extent, Picture, TokenGrid } from "../core/mod.ts";
import type { OrderName } from "../direction/mod.ts";
import type { PlayerRun } from "../figures/mod.ts";
import type { Device, DeviceList, Precision } from "../runtime/mod.ts";
import type { LocalDecoderName, Sampling } from "../steps/mod.ts";
import type { Size } from "./option_parsers.ts";

/** Named figures, as `--json` prints them. */
export type Figures = Readonly<Record<string, unknown>>;

/** Hears how far work has come, with more to say where there is. */
export type OnProgress = (done: number, total: number, details?: ProgressDetails) => void;

/** What work knows better than the clock. */
export interface ProgressDetails {
  /** Figures of the moment. */
  readonly note?: string;
  /** @default an estimate from the time that the steps so far took */
  readonly secondsLeft?: number;
}

/** What `generate` and `demo` ask for. */
export interface GenerateRequest extends Sampling {
  readonly text: string;
  readonly size: Size;
  /** Of the first picture; the next ones have the seeds that follow. */
  readonly seed: number;
  /** Pictures. */
  readonly numSamples: number;
  /** Folder of the weights. */
  readonly weights: string;
  readonly order: OrderName;
  /** @default the one that the weights were trained with */
  readonly extent?: Extent;
  readonly device: Device;
  readonly precision: Precision;
  readonly local: LocalDecoderName;
  /** Of `p-nar`. @default the decoder's own */
  readonly steps?: number;
  readonly waves: boolean;
  /** Whether the pictures come with what the player shows of their inside. @default false */
  readonly inspects?: boolean;
}

/** What `reconstruct` asks for. */
export interface ReconstructRequest {
  readonly picture: Picture;
  readonly weights: string;
  readonly device: Device;
}

/** What `extend` asks for. */
export interface ExtendRequest extends Omit<GenerateRequest, "size" | "numSamples" | "order"> {
  readonly picture: Picture;
  /** Pixels to add on each side. */
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** @default towards the side that grows; `outward` where several do */
  readonly order?: OrderName;
}

/** What `train` asks for. */
export interface TrainRequest {
  readonly part: "tokenizer" | "transformer";
  /** The content of the config file, unchecked. */
  readonly config: unknown;
  /** Where it comes from; paths in it are relative to this file. */
  readonly configPath: string;
  /** Folder of the run; to be created if it does not exist, its parent does. */
  readonly out: string;
  /** `handscroll`, or a folder of pictures that exists. */
  readonly data: string;
  readonly resume: boolean;
  /** Stop after so long; absent: as long as the config says. */
  readonly minutes?: number;
  readonly device: Device;
}

/** What `evaluate` asks for. */
export interface EvaluateRequest extends Sampling {
  readonly weights: string;
  readonly device: Device;
  readonly precision: Precision;
  /** What draws the pictures; the likelihood is that of `ar`. */
  readonly local: LocalDecoderName;
  /** Of `p-nar`. @default the decoder's own */
  readonly steps?: number;
  /** Pictures to generate from captions. */
  readonly captions: number;
  /** Whether a wide picture is generated and measured. */
  readonly wide: boolean;
}

/** A picture, and what it took to make it. */
export interface PictureWithFigures {
  readonly picture: Picture;
  readonly figures: Figures;
  /** How it was made, for those who replay it. */
  readonly run?: Omit<PlayerRun, "pictures" | "text" | "details"> & {
    /** Codes of the whole canvas. */
    readonly tokens: TokenGrid;
    /** Pixels along the side of a patch. */
    readonly patchPixels: number;
  };
}

/** The work behind the commands: everything that is not words, files and printing. */
export interface Runners {
  /** Gives the pictures in the order of their seeds, each as soon as it is there. */
  readonly generate: (request: GenerateRequest, onProgress: OnProgress) => AsyncIterable<PictureWithFigures>;
  readonly reconstruct: (request: ReconstructRequest, onProgress: OnProgress) => Promise<PictureWithFigures>;
  readonly extend: (request: ExtendRequest, onProgress: OnProgress) => Promise<PictureWithFigures>;
  readonly train: (request: TrainRequest, onProgress: OnProgress) => Promise<Figures>;
  /** Gives the wide picture too, where it is asked for. */
  readonly evaluate: (
    request: EvaluateRequest,
    onProgress: OnProgress,
  ) => Promise<{ readonly figures: Figures; readonly picture?: Picture }>;
  readonly devices: () => Promise<DeviceList>;
}
