import { createTensor, type Tensor } from "../core/mod.ts";
import {
  type DecodeCarry,
  type DecodeConstants,
  type DecodeInputs,
  decodeToken,
  initDecode,
  initMaskPredict,
  knownAfterSteps,
  type MaskPredictCarry,
  type MaskPredictConstants,
  type MaskPredictInputs,
  maskPredictStep,
  type Model,
  numPatchTokens,
  type PatchTransformerConfig,
  type Tap,
} from "../models/mod.ts";
import { compileLoop, type CompileOptions, type Device } from "../runtime/mod.ts";
import type { RowInputs, SampleInputs } from "./patch_model.ts";

/** How the tokens of a patch are drawn: one after another, in some steps, or all at once. */
export type LocalDecoderName = "ar" | "p-nar" | "nar";

/** All local decoders, slowest and best first. */
export const LOCAL_DECODERS: readonly LocalDecoderName[] = ["ar", "p-nar", "nar"];

/** Steps of `p-nar` where nobody says how many. */
export const DEFAULT_STEPS = 8;

/** A local decoder, compiled. */
export interface LocalDecoder {
  /** Which one it is. */
  readonly name: LocalDecoderName;
  /** How often the model runs for a patch: M for `ar`, 1 for `nar`. */
  readonly numSteps: number;
  /** Uniform numbers that each token takes. */
  readonly numDraws: number;
  /** The device that decodes. */
  readonly device: Device;
  /** Decodes patches: int32 tokens `[M, batchSize]`. */
  decode(inputs: RowInputs & SampleInputs): Promise<Tensor>;
  /** Frees what was compiled. */
  dispose(): Promise<void>;
}

/** What a local decoder is compiled from. */
export interface LocalDecoderOptions {
  /** Which one. @default "ar" */
  readonly local?: LocalDecoderName | undefined;
  /** Steps of `p-nar`, 1 to M. @default 8, or M if that is less */
  readonly numSteps?: number | undefined;
  /** Inputs of all rows, as examples. */
  readonly rows: RowInputs;
  /** B; there are B rows, or 2 B with guidance. */
  readonly batchSize: number;
  /** Where and how exactly to compute. */
  readonly target: Pick<CompileOptions, "device" | "precision">;
  /** Sees and changes activations. */
  readonly tap?: Tap | undefined;
}

type Transformer = NonNullable<Model["parameters"]["transformer"]>;
type TracedTransformer = Parameters<typeof initDecode>[1];
type TracedScalar = DecodeInputs["bands"];

/**
 * Compiles a local decoder. All three take the same inputs and draw from the same weights; the picture depends on the
 * decoder, of course.
 *
 * Source: NUWA-Infinity, arXiv:2207.09814, section 3.1 and its local variants AR, P-NAR and NAR.
 *
 * @throws {RangeError} If there is no such decoder, or it cannot take so many steps.
 * @throws {TypeError} If the model has not learned to fill patches in parallel.
 */
export async function compileLocalDecoder(
  config: PatchTransformerConfig,
  parameters: Transformer,
  options: LocalDecoderOptions,
): Promise<LocalDecoder> {
  const { local = "ar" } = options;
  assertLocalDecoder(config, options);
  return local === "ar"
    ? await compileTokenByToken(config, parameters, options)
    : await compileMaskPredict(config, parameters, { ...options, local });
}

/** Throws unless the model can decode so. */
export function assertLocalDecoder(
  config: PatchTransformerConfig,
  { local = "ar", numSteps }: Pick<LocalDecoderOptions, "local" | "numSteps">,
): void {
  if (!LOCAL_DECODERS.includes(local)) {
    throw new RangeError(
      `Cannot fill patches: local must be one of ${LOCAL_DECODERS.join(", ")}, got ${local}`,
    );
  }
  if (numSteps !== undefined && local !== "p-nar") {
    throw new RangeError(
      `Cannot fill patches: numSteps is for local decoder p-nar alone, got it for ${local}`,
    );
  }
  if (local !== "ar" && !config.maskEmbedding) {
    throw new TypeError(
      `Cannot fill patches with ${local}: the model must have a mask embedding; this one knows ar alone`,
    );
  }
  if (numSteps !== undefined) knownAfterSteps(numPatchTokens(config), numSteps);
}

/** Inputs as the compiled programs take them: what no step reads is left out. */
function pickInputs(
  options: LocalDecoderOptions,
  { guidance, choiceTemperature, ...inputs }: RowInputs & SampleInputs,
) {
  const { local = "ar" } = options;
  return {
    ...inputs,
    ...(isGuided(options) ? { guidance } : {}),
    ...(local === "ar" ? {} : { choiceTemperature }),
  };
}

function isGuided({ rows, batchSize }: LocalDecoderOptions): boolean {
  return (rows.bands.shape[0] ?? 1) > batchSize;
}

function createExample(config: PatchTransformerConfig, options: LocalDecoderOptions, uniformShape: number[]) {
  const M = numPatchTokens(config), { batchSize } = options;
  const scalar = createTensor([], Float32Array.of(1));
  const size = uniformShape.reduce((product, side) => product * side, 1);
  return pickInputs(options, {
    ...options.rows,
    uniforms: createTensor(uniformShape, new Float32Array(size)),
    forced: createTensor([M, batchSize], new Int32Array(M * batchSize).fill(-1)),
    sampling: { temperature: scalar, topK: createTensor([], Int32Array.of(1)), topP: scalar },
    guidance: scalar,
    choiceTemperature: scalar,
  });
}

/** Inputs without the text where the model has none. */
function readText<Inputs extends { text?: unknown }>({ textDim }: PatchTransformerConfig, inputs: Inputs) {
  const { text, ...rest } = inputs;
  return textDim > 0 && text !== undefined ? inputs : rest;
}

async function compileTokenByToken(
  config: PatchTransformerConfig,
  parameters: Transformer,
  options: LocalDecoderOptions,
): Promise<LocalDecoder> {
  const M = numPatchTokens(config), { batchSize, tap } = options;
  const run = await compileLoop(
    {
      init: (parameters: TracedTransformer, inputs: DecodeInputs) =>
        initDecode(config, parameters, readText(config, inputs)),
      body: (iteration: TracedScalar, carry: DecodeCarry, constants: DecodeConstants) =>
        decodeToken(config, iteration, carry, constants, tap),
      numIterations: M,
    },
    [parameters, createExample(config, options, [M, batchSize])],
    {
      ...options.target,
      baked: [0],
      name: "fill_patch",
      argumentNames: ["parameters", "inputs"],
    },
  );
  return {
    name: "ar",
    numSteps: M,
    numDraws: 1,
    device: run.stats.device,
    decode: async (inputs) => {
      const flat = createTensor([M, batchSize], inputs.uniforms.data);
      return (await run(pickInputs(options, { ...inputs, uniforms: flat }))).outputs;
    },
    dispose: () => run.dispose(),
  };
}

async function compileMaskPredict(
  config: PatchTransformerConfig,
  parameters: Transformer,
  options: LocalDecoderOptions & { readonly local: "p-nar" | "nar" },
): Promise<LocalDecoder> {
  const M = numPatchTokens(config), { batchSize, local, tap } = options;
  const numSteps = local === "nar" ? 1 : options.numSteps ?? Math.min(DEFAULT_STEPS, M);
  const run = await compileLoop(
    {
      init: (parameters: TracedTransformer, inputs: MaskPredictInputs) =>
        initMaskPredict(config, parameters, readText(config, inputs)),
      body: (iteration: TracedScalar, carry: MaskPredictCarry, constants: MaskPredictConstants) =>
        maskPredictStep(config, numSteps, iteration, carry, constants, tap),
      numIterations: numSteps,
    },
    [parameters, createExample(config, options, [2 * numSteps, M, batchSize])],
    { ...options.target, baked: [0], name: "fill_patch", argumentNames: ["parameters", "inputs"] },
  );
  return {
    name: local,
    numSteps,
    numDraws: 2 * numSteps,
    device: run.stats.device,
    decode: async (inputs) => {
      const { carry: { tokenIds } } = await run(pickInputs(options, inputs)); // [B, M]
      const turned = Int32Array.from(
        { length: M * batchSize },
        (_, i) => tokenIds.data[i % batchSize * M + Math.floor(i / batchSize)] ?? 0,
      );
      return createTensor([M, batchSize], turned);
    },
    dispose: () => run.dispose(),
  };
}
