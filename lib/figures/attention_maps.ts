import type { PatchPosition, Tensor } from "../core/mod.ts";
import type { AttentionTrace } from "./traces.ts";

/** Which layers or heads: one of them by its index, or all of them, averaged. */
export type Selection = number | "mean";

/** Where a key lies: a token of a patch, in raster order; -1 for the begin token. */
export interface KeyPlace {
  /** The patch that the key belongs to. */
  readonly patch: PatchPosition;
  /** Raster index inside the patch; -1 for the begin token. */
  readonly token: number;
}

/**
 * Throws a TypeError unless the weights have shape `[L, heads, M, N M + M]`.
 *
 * @returns The sizes of the axes; `numKeys` is N M + M.
 */
export function assertAttention({ weights, context, patchTokens }: AttentionTrace): {
  readonly numLayers: number;
  readonly numHeads: number;
  readonly numQueries: number;
  readonly numKeys: number;
} {
  const [numLayers = 0, numHeads = 0, numQueries = 0, numKeys = 0] = weights.shape;
  const M = patchTokens.height * patchTokens.width, keys = (context.length + 1) * M;
  if (weights.shape.length !== 4 || numQueries !== M || numKeys !== keys || numLayers < 1 || numHeads < 1) {
    throw new TypeError(
      `Cannot read attention: weights must have shape [L, heads, ${M}, ${keys}], got [${
        weights.shape.join(", ")
      }]`,
    );
  }
  return { numLayers, numHeads, numQueries, numKeys };
}

/** Where each key of a trace lies; shape `[N M + M]`. */
export function listKeys({ position, context, patchTokens }: AttentionTrace): KeyPlace[] {
  const M = patchTokens.height * patchTokens.width;
  const tokens = Array.from({ length: M }, (_, token) => token);
  return [
    ...context.flatMap((patch) => tokens.map((token) => ({ patch, token }))),
    ...tokens.map((token) => ({ patch: position, token: token - 1 })),
  ];
}

/**
 * The weights of one query over all keys, averaged over the layers and heads that are not named; shape `[N M + M]`.
 *
 * @throws {TypeError} If the trace does not have the shape that it promises.
 * @throws {RangeError} If there is no such query, layer or head.
 */
export function selectAttention(
  trace: AttentionTrace,
  query: number,
  { layer = "mean", head = "mean" }: { readonly layer?: Selection; readonly head?: Selection } = {},
): Float64Array {
  const { numLayers, numHeads, numQueries, numKeys } = assertAttention(trace);
  assertIndex("query", query, numQueries);
  const layers = pick("layer", layer, numLayers), heads = pick("head", head, numHeads);
  const mean = new Float64Array(numKeys);
  for (const l of layers) {
    for (const h of heads) {
      const start = ((l * numHeads + h) * numQueries + query) * numKeys;
      for (let key = 0; key < numKeys; key++) {
        mean[key] = (mean[key] ?? 0) + (trace.weights.data[start + key] ?? 0);
      }
    }
  }
  return mean.map((sum) => sum / (layers.length * heads.length));
}

/**
 * Attention rollout: how much of each key reaches each query through all layers, when every layer passes on half of its
 * input and half of what it attends to. Context tokens come from the pool, so they pass nothing on.
 *
 * Source: Abnar and Zuidema 2020, Quantifying attention flow in transformers, arXiv:2005.00928, section 3. Heads are
 * averaged, as published.
 *
 * @returns Shape `[M, N M + M]`; rows sum to 1.
 */
export function rollOutAttention(trace: AttentionTrace): Tensor<Float32Array> {
  const { numLayers, numQueries: M, numKeys } = assertAttention(trace);
  const own = numKeys - M;
  let reach = new Float32Array(M * numKeys);
  for (let query = 0; query < M; query++) reach[query * numKeys + own + query] = 1;
  for (let layer = 0; layer < numLayers; layer++) {
    const next = reach.map((value) => value / 2);
    for (let query = 0; query < M; query++) {
      const weights = selectAttention(trace, query, { layer });
      for (let key = 0; key < own; key++) {
        next[query * numKeys + key] = at(next, query * numKeys + key) + at(weights, key) / 2;
      }
      for (let other = 0; other < M; other++) {
        const weight = at(weights, own + other) / 2;
        if (weight === 0) continue;
        for (let key = 0; key < numKeys; key++) {
          next[query * numKeys + key] = at(next, query * numKeys + key) +
            weight * at(reach, other * numKeys + key);
        }
      }
    }
    reach = next;
  }
  return { shape: [M, numKeys], data: reach };
}

/**
 * Entropy of attention in bits, averaged over queries; shape `[L][heads]`. 0 looks at one key; `log2` of the number of
 * keys looks at all alike.
 */
export function attentionEntropy(traces: readonly AttentionTrace[]): number[][] {
  const [first] = traces;
  if (first === undefined) {
    throw new RangeError("Cannot measure attention: traces must number at least 1, got 0");
  }
  const { numLayers, numHeads } = assertAttention(first);
  return Array.from({ length: numLayers }, (_, layer) =>
    Array.from({ length: numHeads }, (_, head) => {
      let sum = 0, count = 0;
      for (const trace of traces) {
        const { numQueries } = assertAttention(trace);
        for (let query = 0; query < numQueries; query++, count++) {
          sum += entropyBits(selectAttention(trace, query, { layer, head }));
        }
      }
      return sum / count;
    }));
}

/** Entropy of a distribution in bits; NaN where a weight is. */
export function entropyBits(weights: ArrayLike<number>): number {
  let bits = 0;
  for (let i = 0; i < weights.length; i++) {
    const p = weights[i] ?? 0;
    if (p !== 0) bits -= p * Math.log2(p);
  }
  return bits;
}

/** Throws a RangeError unless `index` is one of `count`. */
export function assertIndex(name: string, index: number, count: number): void {
  if (Number.isInteger(index) && index >= 0 && index < count) return;
  throw new RangeError(`Cannot read trace: ${name} must be an index of ${count}, got ${index}`);
}

function pick(name: string, selection: Selection, count: number): readonly number[] {
  if (selection === "mean") return Array.from({ length: count }, (_, i) => i);
  assertIndex(name, selection, count);
  return [selection];
}

function at(values: Float32Array | Float64Array, index: number): number {
  return values[index] ?? 0;
}
