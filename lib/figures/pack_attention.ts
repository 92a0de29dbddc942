import { deflateSync } from "node:zlib";
import type { PatchPosition, Tensor } from "../core/mod.ts";
import { assertAttention } from "./attention_maps.ts";
import type { AttentionTrace, PatchTokens, TextAttentionTrace } from "./traces.ts";

/** Attention of one patch, small enough to be kept of every patch of a run: some tens of kilobytes. */
export interface PackedAttention {
  /** The patch that asks. */
  readonly position: PatchPosition;
  /** The context patches; shape `[N]`. */
  readonly context: readonly PatchPosition[];
  /** The size of every patch. */
  readonly patchTokens: PatchTokens;
  /** L. */
  readonly numLayers: number;
  /** Heads of a layer. */
  readonly numHeads: number;
  /** Deflated bytes `[L, heads, N M + M, M]`, keys before queries: `round(16 sqrt(weight))`, 255 for what is no number. */
  readonly weights: Uint8Array;
  /** The words of the text; shape `[T]`. */
  readonly words: readonly string[];
  /** Deflated bytes `[L, heads, T, M]`, likewise; empty without words. */
  readonly wordWeights: Uint8Array;
}

/** The steps between nothing and all: as many as let a page of 128 patches, 6 layers and 3 heads stay below 8 MB. */
const NUM_STEPS = 16;
/** Stands for weights that are no numbers. */
const NOT_A_NUMBER = 255;

/**
 * Packs where a patch looked, in 16 steps of the square root of its weights: shares below 1/1024 become 0.
 *
 * @param text Which words it looked at. @default none
 * @throws {TypeError} If a trace does not have the shape that it promises.
 *
 * @example Usage
 * ```ts
 * import * as nuwa from "nuwa-infinity";
 *
 * async function lookAtAll(steps: ReturnType<typeof nuwa.generate>) {
 *   const attention: nuwa.PackedAttention[] = []; // for createPlayer
 *   for await (const { inspections = [] } of steps) {
 *     attention.push(...inspections.map((seen) => nuwa.packAttention(nuwa.traceAttention(seen))));
 *   }
 *   return attention;
 * }
 * ```
 */
export function packAttention(trace: AttentionTrace, text?: TextAttentionTrace): PackedAttention {
  const { position, context, patchTokens, weights } = trace;
  const { numLayers, numHeads, numQueries } = assertAttention(trace);
  const words = text?.words ?? [], shape = [numLayers, numHeads, numQueries, words.length];
  if (text !== undefined && text.weights.shape.join() !== shape.join()) {
    throw new TypeError(
      `Cannot pack attention: weights of the text must have shape [${shape.join(", ")}], got [${
        text.weights.shape.join(", ")
      }]`,
    );
  }
  return {
    position,
    context,
    patchTokens,
    numLayers,
    numHeads,
    weights: packWeights(weights, numQueries),
    words,
    wordWeights: text === undefined ? new Uint8Array() : packWeights(text.weights, numQueries),
  };
}

/** Weights `[L, heads, M, keys]`; queries come last, since what neighbours look at is alike: that deflates better. */
function packWeights({ data, shape }: Tensor<Float32Array>, numQueries: number): Uint8Array {
  const numKeys = shape[3] ?? 0, bytes = new Uint8Array(data.length);
  for (let from = 0; from < data.length; from++) {
    const weight = data[from] ?? 0, row = Math.floor(from / numKeys), query = row % numQueries;
    const to = ((row - query) / numQueries * numKeys + from % numKeys) * numQueries + query;
    bytes[to] = Number.isFinite(weight)
      ? Math.round(NUM_STEPS * Math.sqrt(Math.max(0, weight)))
      : NOT_A_NUMBER;
  }
  return deflateSync(bytes);
}
