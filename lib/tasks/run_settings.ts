import { z } from "zod";
import type { Extent, PatchPosition } from "../core/mod.ts";
import { type Precision, PRECISIONS } from "../runtime/mod.ts";
import { LOCAL_DECODERS, type LocalDecoderName, type Sampling } from "../steps/mod.ts";

/** Everything besides the weights that decides a run's picture, but for functions. Plain JSON. */
export interface RunSettings {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** What the picture is to show; absent for anything. */
  readonly text?: string | undefined;
  /** Any safe integer >= 0. */
  readonly seed: number;
  /** The order's name, or all positions in the caller's own order. */
  readonly order: string | readonly PatchPosition[];
  /** Which finished patches a patch sees. */
  readonly extent: Extent;
  /** How tokens are drawn. */
  readonly sampling: Sampling;
  /** Whether patches that do not wait for each other are filled together: decides only what "the first n" are. */
  readonly waves: boolean;
  /** How exactly the weights are kept; absent for float32. */
  readonly precision?: Precision | undefined;
  /** How the tokens of a patch are drawn; absent for token by token. */
  readonly local?: LocalDecoderName | undefined;
  /** Steps of the local decoder `p-nar`; absent for the default. */
  readonly numSteps?: number | undefined;
  /**
   * Which functions changed it from inside, `intervene` or names of activations; absent for none. A function cannot be
   * saved: with these, the settings alone do not give the picture again.
   */
  readonly interventions?: readonly string[] | undefined;
  /** How a branch began: what its first patches were filled with, oldest first. */
  readonly lineage?: readonly RunOrigin[] | undefined;
}

/** What the patches before a branching were filled with. */
export interface RunOrigin {
  /** They are the first so many. */
  readonly numDone: number;
  /** Under this seed. */
  readonly seed: number;
  /** Under this text. */
  readonly text?: string | undefined;
  /** Drawn in this way. */
  readonly sampling: Sampling;
  /** Changed by these functions. */
  readonly interventions?: readonly string[] | undefined;
}

const count = z.int().min(0);
const sampling = z.strictObject({
  temperature: z.number(),
  topK: count,
  topP: z.number(),
  guidance: z.number(),
  choiceTemperature: z.number(),
});
const interventions = z.array(z.string()).min(1).readonly().optional();

/** Checks a {@link RunSettings} that comes from a file. */
export const RUN_SETTINGS_SCHEMA: z.ZodType<RunSettings> = z.strictObject({
  width: z.int().min(1),
  height: z.int().min(1),
  text: z.string().optional(),
  seed: count,
  order: z.union([
    z.string(),
    z.array(z.strictObject({ frame: count, row: count, column: count })).readonly(),
  ]),
  extent: z.strictObject({ width: count, height: count, frames: count }),
  sampling,
  waves: z.boolean(),
  precision: z.enum(PRECISIONS).optional(),
  local: z.enum(LOCAL_DECODERS).optional(),
  numSteps: z.int().min(1).optional(),
  interventions,
  lineage: z.array(
    z.strictObject({ numDone: count, seed: count, text: z.string().optional(), sampling, interventions }),
  ).readonly().optional(),
});
