import { createTensor, type PatchPosition, sizeOf, type Tensor } from "../core/mod.ts";
import type { ContextPool } from "../context_pool/mod.ts";
import type { Plan } from "../direction/mod.ts";
import {
  type ActivationAxis,
  type ActivationInfo,
  numPatchTokens,
  type PatchTransformerConfig,
  tokenizeText,
} from "../models/mod.ts";
import { describeRow, layOutRows, stepAt } from "./_row_inputs.ts";
import type { Inspector } from "./inspector.ts";
import type { Intervention } from "./intervene.ts";
import type { Prompt } from "./prompt.ts";

/** What {@link inspectPatch} needs besides the inspector. */
export interface InspectPatchOptions {
  /** The plan that the patch was filled by. */
  readonly plan: Plan;
  /** Index of its step. */
  readonly stepIndex: number;
  /** Holds the context of that step. */
  readonly pool: ContextPool;
  /** The prompt that it was filled under. */
  readonly prompt: Prompt;
  /** Its tokens, `[M]`: each is predicted from the true ones before it. */
  readonly tokens: Int32Array;
  /** Gives another view in place of what the patch sees. @default the view as it is */
  readonly intervene?: Intervention;
}

/** A captured activation. */
export interface Activation {
  /** What each axis counts; the same as in `listActivations`. */
  readonly axes: readonly ActivationAxis[];
  /** Its values, one for every place. */
  readonly tensor: Tensor<Float32Array>;
}

/** Activations by their canonical names, in the order of computation. */
export type Activations = Readonly<Record<string, Activation>>;

/** A finished patch seen from inside. */
export interface PatchInspection {
  /** Where the patch lies. */
  readonly position: PatchPosition;
  /** The patches that it saw, in the order of the axis `keys`; shape `[N]`. */
  readonly context: readonly PatchPosition[];
  /** Its size in tokens. */
  readonly patchTokens: PatchTransformerConfig["patchTokens"];
  /** Its tokens, `[M]`. */
  readonly tokens: Int32Array;
  /** The words of the text, as the axis `words` has them; none for a model without text. */
  readonly words: readonly string[];
  /** What was captured, under the text. */
  readonly activations: Activations;
  /** The same without the text, where the model runs a second stream for guidance. */
  readonly withoutText?: Activations;
  /** What all of it takes. */
  readonly bytes: number;
}

/**
 * Runs a finished patch once, all tokens in parallel, and keeps the activations that the inspector captures: those that
 * `fillPatch` had when it drew these tokens, if the local decoder was `ar`; the others see tokens in another sequence.
 *
 * @throws {RangeError} If the step is not in the plan, or its context not in the pool.
 * @throws {TypeError} If there are not M tokens.
 *
 * @example Causal tracing: which context patch matters for a token
 * ```ts
 * import * as nuwa from "nuwa-infinity";
 *
 * async function traceCauses(inspector: nuwa.Inspector, view: nuwa.InspectPatchOptions, token: number) {
 *   const whole = await nuwa.inspectPatch(inspector, view);
 *   const causes = [];
 *   for (const position of whole.context) {
 *     const without = await nuwa.inspectPatch(inspector, { ...view, intervene: nuwa.removeContext(position) });
 *     const bits = nuwa.tokenSurprise(without, token) - nuwa.tokenSurprise(whole, token);
 *     causes.push({ position, bits }); // how much less likely the token is without that patch
 *   }
 *   return causes;
 * }
 * ```
 */
export async function inspectPatch(
  inspector: Inspector,
  options: InspectPatchOptions,
): Promise<PatchInspection> {
  const { config, maxContext, numStreams } = inspector;
  const { tokens, ...source } = options, M = numPatchTokens(config);
  if (tokens.length !== M) {
    throw new TypeError(`Cannot inspect patch: tokens must have shape [${M}], got [${tokens.length}]`);
  }
  const row = await describeRow(inspector, source);
  const tokenIds = new Int32Array(numStreams * M);
  for (let stream = 0; stream < numStreams; stream++) tokenIds.set(tokens, stream * M);
  const captured = await inspector.run(createTensor([numStreams, M], tokenIds), layOutRows(inspector, [row]));
  const words = config.textDim > 0 ? listWords(inspector.model.config, row.prompt.text) : [];
  const sizes = { M, numContext: row.context.length, maxContext };
  const pick = (stream: number, numWords: number) =>
    Object.fromEntries(inspector.captured.map((info) => {
      const tensor = cutOut(captured[info.name], info, stream, { ...sizes, numWords });
      return [info.name, { axes: info.axes, tensor }];
    }));
  const streams = [
    pick(0, words.length),
    ...(numStreams === 2 ? [pick(1, listWords(inspector.model.config, undefined).length)] : []),
  ];
  const [activations = {}, withoutText] = streams;
  return {
    position: stepAt(source.plan, source.stepIndex).position,
    context: row.context.map(({ position }) => position),
    patchTokens: config.patchTokens,
    tokens,
    words,
    activations,
    ...(withoutText === undefined ? {} : { withoutText }),
    bytes: streams.flatMap((stream) => Object.values(stream))
      .reduce((sum, { tensor }) => sum + tensor.data.byteLength, 0),
  };
}

/** One stream of an activation `[streams, ...]`, without empty slots of the context and without padding of the text. */
function cutOut(
  from: Tensor | undefined,
  { name, axes }: ActivationInfo,
  stream: number,
  sizes: {
    readonly M: number;
    readonly numContext: number;
    readonly maxContext: number;
    readonly numWords: number;
  },
): Tensor<Float32Array> {
  if (!(from?.data instanceof Float32Array)) {
    throw new TypeError(`Cannot inspect patch: ${name} must be captured as float32`);
  }
  const shape = from.shape.slice(1), size = sizeOf(shape);
  const whole = from.data.subarray(stream * size, (stream + 1) * size);
  const { M, numContext, maxContext, numWords } = sizes;
  const last = axes.at(-1), width = shape.at(-1) ?? 1;
  if (last !== "keys" && last !== "words") return createTensor(shape, whole.slice());
  const ranges = last === "words"
    ? [[0, numWords]] as const
    : [[0, numContext * M], [maxContext * M, width]] as const;
  const kept = ranges.reduce((sum, [from, to]) => sum + to - from, 0);
  const numRows = size / width, data = new Float32Array(numRows * kept);
  let at = 0;
  for (let row = 0; row < numRows; row++) {
    for (const [from, to] of ranges) {
      data.set(whole.subarray(row * width + from, row * width + to), at);
      at += to - from;
    }
  }
  return createTensor([...shape.slice(0, -1), kept], data);
}

/** The words that a model reads of a text, one for each of its tokens. */
function listWords(
  { vocabulary: words = [], text }: Inspector["model"]["config"],
  prompt: string | undefined,
): string[] {
  const { ids } = tokenizeText({ words }, text?.maxLength ?? 1, prompt);
  return [...ids].filter((id) => id !== 0).map((id) => words[id] ?? String(id)); // 0 is padding
}
