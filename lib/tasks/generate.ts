import type { Extent, Picture, TokenGrid } from "../core/mod.ts";
import type { ContextPool } from "../context_pool/mod.ts";
import type { GenerationOrderOptions, Plan } from "../direction/mod.ts";
import type { Model } from "../models/mod.ts";
import type { Device, Precision } from "../runtime/mod.ts";
import type { FilledPatch, LocalDecoder, LocalDecoderName, PatchInspection, Sampling } from "../steps/mod.ts";
import { finishPicture, paintPicture } from "./_paint_picture.ts";
import { createEngine, disposeEngine } from "./_run_engine.ts";
import type { Interventions } from "./interventions.ts";
import { plan as planRun } from "./plan.ts";

/** What to generate, and how. */
export interface GenerateOptions extends Interventions {
  /** Pixels. Sizes that are not multiples of the patch are generated larger and cropped. */
  readonly width: number;
  /** Pixels, likewise; `width * height` is at most {@link MAX_PIXELS}. */
  readonly height: number;
  /** What the picture is to show. @default anything */
  readonly text?: string;
  /** Any safe integer >= 0; decides every draw. @default 0 */
  readonly seed?: number;
  /** In which order patches are generated; "auto" takes the one with the smallest pool. @default "auto" */
  readonly order?: GenerationOrderOptions["order"];
  /**
   * Codes that are there already, `[h, w]` of the whole canvas, -1 elsewhere: patches all of whose tokens are known stay
   * as they are and are context of the others, as if they had been drawn first.
   * @default nothing is known
   */
  readonly known?: TokenGrid;
  /** Which finished patches a patch sees: the model's extent, or a smaller one. @default the model's */
  readonly extent?: Extent;
  /** How tokens are drawn. @default SAMPLING, field by field */
  readonly sampling?: Partial<Sampling>;
  /** Whether patches that do not wait for each other are filled together; the picture is the same. @default true */
  readonly waves?: boolean;
  /** Where to run. @default "auto" */
  readonly device?: Device;
  /** How exactly the transformer's weights are kept; each gives a picture of its own. @default "float32" */
  readonly precision?: Precision;
  /** How the tokens of a patch are drawn; each gives a picture of its own. @default "ar" */
  readonly local?: LocalDecoderName | undefined;
  /** Steps of the local decoder `p-nar`, 1 to M. @default 8 */
  readonly numSteps?: number | undefined;
  /**
   * Names of activations to keep of every patch, see `listActivations`; progress comes with `inspections` then. They are
   * those of drawing it token by token, as `ar` does, whatever `local` is.
   * @default nothing is kept
   */
  readonly capture?: readonly string[];
}

/** Where a generation stands, after each wave or patch. */
export interface GenerationProgress {
  /** Patches filled in this round, known ones included. */
  readonly filled: readonly FilledPatch[];
  /** Patches filled so far, this round's included. */
  readonly numDone: number;
  /** Patches of the whole canvas. */
  readonly numPatches: number;
  /** What is known so far, -1 elsewhere. Changes as the generation goes on. */
  readonly tokens: TokenGrid;
  /** The context pool after this round. */
  readonly pool: ContextPool;
  /** The order of the whole canvas; the same in every report. */
  readonly plan: Plan;
  /** The patches of `filled` seen from inside, if `capture` names activations. */
  readonly inspections?: readonly PatchInspection[];
}

/** A generated picture with the figures of its run. */
export interface Generated {
  /** uint8 `[H, W, 3]`, of the size asked for. */
  readonly picture: Picture;
  /** Codes of the whole canvas, `[h, w]`: of the picture before it was cropped. */
  readonly tokens: TokenGrid;
  /** The order in which the patches were generated, with the context of each. */
  readonly plan: Plan;
  /** The most patches in the pool after any round. */
  readonly poolPeakPatches: number;
  /** The most bytes of caches and tokens in the pool after any round. */
  readonly poolPeakBytes: number;
  /** The device that computed it: what "auto" chose, or what was asked for. */
  readonly device: Device;
  /** How exactly the transformer's weights were kept. */
  readonly precision: Precision;
  /** What drew the tokens of a patch. */
  readonly decoder: Pick<LocalDecoder, "name" | "numSteps">;
  /** Sentences for the user about the plan and the text; often none. */
  readonly warnings: readonly string[];
}

/**
 * Generates a picture, patch by patch: the five steps in a loop.
 *
 * Source: NUWA-Infinity, arXiv:2207.09814, algorithm 2.
 *
 * @returns An async generator that yields after every wave (or patch) and returns the picture.
 * @throws {RangeError} If the size is not positive, or absurd.
 * @throws {RangeError} If `known` holds what is no code.
 * @throws {TypeError} If the model has not learned the local decoder, or `known` is not of the canvas's shape.
 *
 * @example Usage
 * ```ts ignore
 * const { model } = await nuwa.loadModel("weights/handscroll");
 * const steps = nuwa.generate(model, {
 *   text: "a pagoda at dusk",
 *   width: 512,
 *   height: 256,
 *   intervene: nuwa.removeContext({ frame: 0, row: 0, column: 0 }), // as if it had never been
 *   changes: { "layers.2.self.read": nuwa.switchOffHeads(0) },
 *   capture: ["logits"],
 * });
 * for await (const { inspections } of steps) console.log(inspections?.map((seen) => nuwa.tokenSurprise(seen, 0)));
 * ```
 */
export async function* generate(
  model: Model,
  options: GenerateOptions,
): AsyncGenerator<GenerationProgress, Generated, void> {
  const engine = await createEngine(model, planRun(model, options), options);
  try {
    return await finishPicture(engine, yield* paintPicture(engine, options), options);
  } finally {
    await disposeEngine(engine);
  }
}
