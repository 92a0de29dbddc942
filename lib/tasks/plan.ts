import { listLeaves } from "../core/mod.ts";
import type { Plan } from "../direction/mod.ts";
import { type Model, numPatchTokens } from "../models/mod.ts";
import { assertLocalDecoder, chooseBatchSize, DEFAULT_STEPS, SAMPLING } from "../steps/mod.ts";
import { assertCodes, findPooled, scheduleCanvas } from "./_known_patches.ts";
import { type CanvasLayout, layOutCanvas } from "./canvas_layout.ts";
import type { GenerateOptions } from "./generate.ts";

/** What a generation will take: a dry run. */
export interface RunPlan {
  /** The canvas. */
  readonly layout: CanvasLayout;
  /** The order, with contexts and waves. */
  readonly plan: Plan;
  /** Whether a second stream without text runs along. */
  readonly isGuided: boolean;
  /** Patches computed together. */
  readonly batchSize: number;
  /** Patches of the canvas. */
  readonly numPatches: number;
  /** Patches that are known: the first steps of the plan. Their tokens are not drawn. */
  readonly numKnown: number;
  /** Tokens to draw. */
  readonly numTokens: number;
  /** Runs that draw tokens, each of up to `batchSize` patches. */
  readonly numRuns: number;
  /** The most patches in the pool between rounds. */
  readonly poolPeakPatches: number;
  /** The most bytes in the pool between rounds: a closed form, not an estimate. */
  readonly poolPeakBytes: number;
  /** Bytes of the parameters, as float32. */
  readonly parameterBytes: number;
  /** Bytes of the finished picture. */
  readonly pictureBytes: number;
  /** Multiply-adds, counted twice: drawing, pooling and decoding. */
  readonly flops: number;
  /** What it may take, by {@link EstimateOptions.gigaflops}: right within a factor of about 2. */
  readonly seconds: number;
  /** Sentences for the user, e.g. that another order would need a smaller pool. */
  readonly warnings: readonly string[];
}

/** What {@link plan} estimates with. */
export interface EstimateOptions {
  /** 10^9 floating-point operations a second in runs of the model. @default 10 for each CPU core */
  readonly gigaflops?: number;
}

/** Reached in decoding token by token, where memory is the limit, a CPU core: small preset, 2 cores. */
const GIGAFLOPS_PER_CORE = 10;

/**
 * Says what a generation will take before anything is spent: patches, tokens, the pool's peak, seconds and bytes.
 *
 * @throws {RangeError} If the size makes no sense, the extent is larger than the model's, or `known` holds no codes.
 * @throws {TypeError} If `known` is not of the canvas's shape.
 */
export function plan(model: Model, options: GenerateOptions & EstimateOptions): RunPlan {
  const { waves = true, width, height } = options;
  const layout = layOutCanvas(model, options);
  if (model.config.transformer !== undefined) assertLocalDecoder(model.config.transformer, options);
  if (options.known !== undefined) assertCodes(options.known, model.config.tokenizer.codebookSize);
  const canvasPlan = scheduleCanvas(layout, options), { plan, numKnown } = canvasPlan;
  const isGuided = (options.sampling?.guidance ?? SAMPLING.guidance) !== 1 && model.config.text !== undefined;
  const batchSize = chooseBatchSize(plan);
  const rounds = waves ? plan.waves : plan.steps.map((_, index) => [index]);
  const countRuns = (isIn: (step: number) => boolean) =>
    rounds.reduce((sum, round) => sum + Math.ceil(round.filter(isIn).length / batchSize), 0);
  const isPooled = findPooled(canvasPlan);
  const numRuns = countRuns((step) => step >= numKnown);
  const tokensPerPatch = layout.patchTokens.height * layout.patchTokens.width;
  const poolPeakPatches = waves ? plan.wavePeak : plan.peak;
  const gigaflops = options.gigaflops ?? GIGAFLOPS_PER_CORE * navigator.hardwareConcurrency;
  const flops = countFlops(model, {
    numRows: batchSize * (isGuided ? 2 : 1) *
      (countPasses(options) * numRuns + countRuns((step) => isPooled[step] === true)),
    plan,
  });
  return {
    layout,
    plan,
    isGuided,
    batchSize,
    numPatches: plan.steps.length,
    numKnown,
    numTokens: (plan.steps.length - numKnown) * tokensPerPatch,
    numRuns,
    poolPeakPatches,
    poolPeakBytes: poolPeakPatches * patchBytes(model, isGuided),
    parameterBytes: countParameters(model.parameters) * Float32Array.BYTES_PER_ELEMENT,
    pictureBytes: width * height * 3,
    flops,
    seconds: flops / (gigaflops * 1e9),
    warnings: plan.warnings,
  };
}

/** How often a local decoder computes each token. */
function countPasses({ local = "ar", numSteps = DEFAULT_STEPS }: GenerateOptions): number {
  return local === "p-nar" ? numSteps : 1;
}

/** Bytes that the pool keeps of a patch: keys and values of every layer and stream, and the tokens. */
function patchBytes({ config: { transformer } }: Model, isGuided: boolean): number {
  if (transformer === undefined) return 0;
  const M = numPatchTokens(transformer);
  return M * (transformer.numLayers * 2 * transformer.embedDim * (isGuided ? 2 : 1) + 1) * 4;
}

function countParameters(parameters: Model["parameters"][keyof Model["parameters"]] | Model["parameters"]) {
  if (parameters === undefined) return 0;
  return listLeaves(parameters).reduce((sum, [, { data }]) => sum + data.length, 0);
}

/**
 * `2 (P + 2 d L C M)` a token: every parameter P of the transformer once, and in each of L layers a query against C M
 * context tokens, keys and values. Rows are those of all runs: a patch is in as many as the local decoder looks at it,
 * and in one more to pool it.
 */
function countFlops(
  { config: { transformer }, parameters }: Model,
  { numRows, plan }: { readonly numRows: number; readonly plan: Plan },
): number {
  if (transformer === undefined) return 0;
  const M = numPatchTokens(transformer);
  const perToken = 2 * (countParameters(parameters.transformer) +
    2 * transformer.embedDim * transformer.numLayers * plan.maxContext * M);
  return numRows * M * perToken;
}
