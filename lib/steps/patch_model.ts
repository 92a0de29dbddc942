import { createTensor, sizeOf, type Tensor } from "../core/mod.ts";
import {
  type ActivationChanges,
  contextShape,
  createTap,
  type DecodeInputs,
  encodePatch,
  encodeText,
  type Model,
  numPatchTokens,
  type PatchEdges,
  type PatchInputs,
  type PatchTransformerConfig,
  type Tap,
  textMemories,
} from "../models/mod.ts";
import { compile, type CompileOptions, type Device, type Precision } from "../runtime/mod.ts";

import { compileLocalDecoder, type LocalDecoder, type LocalDecoderName } from "./local_decoder.ts";

/** How patches are computed; every choice here is a compiled shape. */
export interface PatchModelOptions {
  /** The most context patches that a patch may have: a plan's `maxContext`. */
  readonly maxContext: number;
  /** Whether a second stream without text runs along, for guidance. @default false */
  readonly isGuided?: boolean;
  /**
   * Patches computed together, always: with fewer at hand the rest is idle, so that a patch comes out the same in any
   * company. @default 4
   */
  readonly batchSize?: number;
  /** Where to run. @default "auto" */
  readonly device?: Device;
  /** How exactly the weights are kept. @default "float32" */
  readonly precision?: Precision;
  /** How the tokens of a patch are drawn. @default "ar" */
  readonly local?: LocalDecoderName | undefined;
  /** Steps of the local decoder `p-nar`, 1 to M. @default 8 */
  readonly numSteps?: number | undefined;
  /**
   * Interventions on activations, by name: the model computes with what they give, when it draws tokens and when it runs
   * finished patches.
   * @default none
   */
  readonly changes?: ActivationChanges;
}

/** A model compiled to fill patches; see `fillPatch` and `updateContextPool`. */
export interface PatchModel {
  /** What it was compiled from. */
  readonly model: Model;
  /** The model's transformer. */
  readonly config: PatchTransformerConfig;
  /** C, the context slots of a row: the `maxContext` asked for, but 1 at least. */
  readonly maxContext: number;
  /** Patches computed together, always. */
  readonly batchSize: number;
  /** The device that decodes: what "auto" chose, or what was asked for. */
  readonly device: Device;
  /** What draws the tokens of a patch. */
  readonly decoder: Omit<LocalDecoder, "decode" | "dispose">;
  /** The interventions that it computes with. */
  readonly changes: ActivationChanges;
  /** Streams that run side by side: 1, or 2 with guidance (under the text; without it). */
  readonly numStreams: number;
  /** Shape of a patch's caches in the pool: `[streams, L, 2, heads, M, headDim]`. */
  readonly cacheShape: readonly number[];
  /** Runs the text encoder: int32 `[streams, S]` to states `[streams, S, d]` and bias `[streams, S]`. */
  encodeText(wordIds: Tensor): Promise<{ states: Tensor; bias: Tensor }>;
  /** Decodes patches with the local decoder: int32 tokens `[M, batchSize]`. */
  decode(inputs: RowInputs & SampleInputs): Promise<Tensor>;
  /** Runs finished patches: from int32 `[rows, M]` to their caches `[rows, L, 2, heads, M, headDim]`. */
  encode(tokenIds: Tensor, inputs: RowInputs): Promise<Tensor>;
  /** Frees what was compiled. */
  dispose(): Promise<void>;
}

/** What every row needs; there are `numStreams * batchSize` rows. */
export type RowInputs = {
  /** int32 `[rows]`: the row band of each row's patch. */
  readonly bands: Tensor;
  /** int32 `[rows, width]` and `[rows, height]`: what is known along each patch's edges. */
  readonly edges: PatchEdges<Tensor>;
  /** The finished patches that each row sees, in C slots. */
  readonly context: {
    /** Keys and values of each layer, `[rows, heads, C, M, headDim]`. */
    readonly layers: readonly { readonly key: Tensor; readonly value: Tensor }[];
    /** int32 `[rows, C]`: index of each slot's offset, see `offsetIndex`. */
    readonly offsets: Tensor;
    /** `[rows, C]`: 0, or `HIDDEN` for an empty slot. */
    readonly bias: Tensor;
  };
  /** The encoded text of each row: `[rows, S, textDim]` and `[rows, S]`. */
  readonly text: { readonly states: Tensor; readonly bias: Tensor };
};

/** What sampling needs. */
export type SampleInputs = {
  /** `[numDraws, M, batchSize]` in [0, 1), see {@link LocalDecoder}. */
  readonly uniforms: Tensor;
  /** int32 `[M, batchSize]`: tokens that are given instead of drawn; -1 elsewhere. */
  readonly forced: Tensor;
  /** Scalars: temperature > 0; topK int32, K for all; topP, above 1 for all. */
  readonly sampling: { readonly temperature: Tensor; readonly topK: Tensor; readonly topP: Tensor };
  /** Scalar, 1 for no guidance; unused with one stream. */
  readonly guidance: Tensor;
  /** Scalar; unused by `ar`. */
  readonly choiceTemperature: Tensor;
};

/**
 * Compiles a model for filling patches.
 *
 * @throws {TypeError} If the model is a tokenizer alone, or has not learned the local decoder.
 * @throws {RangeError} If there is no such local decoder, or it cannot take so many steps.
 */
export async function compilePatchModel(model: Model, options: PatchModelOptions): Promise<PatchModel> {
  const { config: { transformer: config, text }, parameters: { transformer: parameters } } = model;
  if (config === undefined || parameters === undefined) {
    throw new TypeError("Cannot fill patches: model must have a transformer, got a tokenizer alone");
  }
  if (config.offsetEmbedding === "bias") {
    throw new TypeError(
      "Cannot fill patches: offsetEmbedding must be vector, scalar or rotary, got bias, which is only trained and measured",
    );
  }
  const { isGuided = false, batchSize = 4, device = "auto", precision = "float32", changes = {} } = options;
  const target = { device, precision };
  const tap = Object.keys(changes).length === 0 ? undefined : createTap(model.config, changes);
  const numStreams = isGuided && text !== undefined ? 2 : 1;
  const maxContext = Math.max(1, options.maxContext);
  const rows = exampleRows(config, {
    numRows: numStreams * batchSize,
    maxContext,
    textLength: text?.maxLength ?? 1,
  });
  const { decode, dispose, ...decoder } = await compileLocalDecoder(config, parameters, {
    rows,
    batchSize,
    target,
    tap,
    local: options.local,
    numSteps: options.numSteps,
  });
  const encode = await compileEncode(config, parameters, rows, { ...target, tap });
  const readText = await compileText(model, numStreams, target);
  const { numLayers, numHeads, embedDim } = config;
  const cacheShape = [numStreams, numLayers, 2, numHeads, numPatchTokens(config), embedDim / numHeads];
  return {
    model,
    config,
    maxContext,
    batchSize,
    device: decoder.device,
    decoder,
    changes,
    numStreams,
    cacheShape,
    encodeText: readText,
    decode,
    encode: (tokenIds, inputs) => encode(tokenIds, inputs),
    dispose: async () => {
      await Promise.all([dispose(), encode.dispose(), readText.dispose()]);
    },
  };
}

type Sizes = { readonly numRows: number; readonly maxContext: number; readonly textLength: number };

/** Rows of zeros, of the shapes that are compiled. */
export function exampleRows(
  config: PatchTransformerConfig,
  { numRows, maxContext, textLength }: Sizes,
): RowInputs {
  const { height, width } = config.patchTokens;
  const shape = contextShape(config, numRows, maxContext);
  const empty = () => createTensor(shape, new Float32Array(sizeOf(shape)));
  return {
    bands: createTensor([numRows], new Int32Array(numRows)),
    edges: {
      above: createTensor([numRows, width], new Int32Array(numRows * width)),
      left: createTensor([numRows, height], new Int32Array(numRows * height)),
    },
    context: {
      layers: Array.from({ length: config.numLayers }, () => ({ key: empty(), value: empty() })),
      offsets: createTensor([numRows, maxContext], new Int32Array(numRows * maxContext)),
      bias: createTensor([numRows, maxContext], new Float32Array(numRows * maxContext)),
    },
    text: {
      states: createTensor(
        [numRows, textLength, config.textDim],
        new Float32Array(numRows * textLength * config.textDim),
      ),
      bias: createTensor([numRows, textLength], new Float32Array(numRows * textLength)),
    },
  };
}

/** Where and how exactly to compute. */
type Target = Pick<CompileOptions, "device" | "precision">;

type Transformer = NonNullable<Model["parameters"]["transformer"]>;

function compileEncode(
  config: PatchTransformerConfig,
  parameters: Transformer,
  rows: RowInputs,
  { tap, ...target }: Target & { readonly tap: Tap | undefined },
) {
  const [numRows = 1] = rows.bands.shape;
  const M = numPatchTokens(config);
  const encode = (
    parameters: TracedTransformer,
    tokenIds: PatchInputs["tokenIds"],
    { text, ...inputs }: Omit<PatchInputs, "tokenIds" | "text"> & { text: NonNullable<DecodeInputs["text"]> },
  ) => {
    const { caches, logits } = encodePatch(config, parameters, {
      ...inputs,
      tokenIds,
      text: config.textDim > 0 ? textMemories(config, parameters, text) : [],
    }, tap);
    logits.dispose(); // the pool needs none, and what nothing reads is not computed
    return caches;
  };
  return compile(encode, [parameters, createTensor([numRows, M], new Int32Array(numRows * M)), rows], {
    ...target,
    baked: [0],
    name: "update_context_pool",
    argumentNames: ["parameters", "tokenIds", "inputs"],
  });
}

type TracedTransformer = Parameters<typeof encodePatch>[1];

async function compileText(model: Model, numStreams: number, target: Target) {
  const { config: { text: config }, parameters: { text: parameters } } = model;
  if (config === undefined || parameters === undefined) {
    const none = {
      states: createTensor([numStreams, 1, 0], new Float32Array()),
      bias: createTensor([numStreams, 1], new Float32Array(numStreams)),
    };
    return Object.assign(() => Promise.resolve(none), { dispose: () => Promise.resolve() });
  }
  const example = createTensor([numStreams, config.maxLength], new Int32Array(numStreams * config.maxLength));
  const run = await compile(
    (parameters: Parameters<typeof encodeText>[1], wordIds: Parameters<typeof encodeText>[2]) =>
      encodeText(config, parameters, wordIds),
    [parameters, example],
    { ...target, baked: [0], name: "encode_text", argumentNames: ["parameters", "wordIds"] },
  );
  return Object.assign((wordIds: Tensor) => run(wordIds), { dispose: () => run.dispose() });
}
