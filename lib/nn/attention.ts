import { nn, numpy as np } from "@jax-js/jax";
import type { Tensor } from "../core/mod.ts";
import type { Initializer } from "./initializers.ts";
import { initLinear, linear, type LinearParameters } from "./linear.ts";

/** Parameters of an attention layer: query, key and value without bias, output with one; `[d, d]` each. */
export type AttentionParameters<Leaf> = {
  readonly query: LinearParameters<Leaf>;
  readonly key: LinearParameters<Leaf>;
  readonly value: LinearParameters<Leaf>;
  readonly output: LinearParameters<Leaf>;
};

/** Starts an attention layer of width `dim` whose keys and values come from width `contextDim`. */
export function initAttention(
  initializer: Initializer,
  dim: number,
  contextDim = dim,
): AttentionParameters<Tensor> {
  return {
    query: initLinear(initializer, dim, dim, { bias: false }),
    key: initLinear(initializer, contextDim, dim, { bias: false }),
    value: initLinear(initializer, contextDim, dim, { bias: false }),
    output: initLinear(initializer, dim, dim),
  };
}

/** `[..., T, d]` to `[..., numHeads, T, d / numHeads]`. Consumes `x`. */
export function splitHeads(x: np.Array, numHeads: number): np.Array {
  const [length = 1, dim = 1] = x.shape.slice(-2);
  const lead = x.shape.slice(0, -2);
  const axes = lead.map((_, axis) => axis);
  const n = lead.length;
  return x.reshape([...lead, length, numHeads, dim / numHeads]).transpose([...axes, n + 1, n, n + 2]);
}

/** The inverse of {@link splitHeads}. */
export function mergeHeads(x: np.Array): np.Array {
  const [numHeads = 1, length = 1, headDim = 1] = x.shape.slice(-3);
  const lead = x.shape.slice(0, -3);
  const axes = lead.map((_, axis) => axis);
  const n = lead.length;
  return x.transpose([...axes, n + 1, n, n + 2]).reshape([...lead, length, numHeads * headDim]);
}

/**
 * Sees what an attention computes on the way, and gives what it goes on with: the same value, or another in its place.
 * `weights` come after the softmax, `[..., T, S]`; `query` and `read`, what each head read, are `[..., T, headDim]`.
 */
export type AttentionTap = (part: "query" | "weights" | "read", value: np.Array) => np.Array;

/**
 * `softmax(q k^T / sqrt(headDim) + bias) v`. Consumes its arguments.
 *
 * @param query `[..., T, headDim]`
 * @param key `[..., S, headDim]`
 * @param value `[..., S, headDim]`
 * @param bias Broadcast to `[..., T, S]`; a large negative number hides a key.
 * @param tap Sees the weights.
 */
export function attend(
  query: np.Array,
  key: np.Array,
  value: np.Array,
  bias?: np.Array,
  tap: AttentionTap = (_, value) => value,
): np.Array {
  const scale = 1 / Math.sqrt(query.shape.at(-1) ?? 1);
  const swapped = key.shape.map((_, axis) => axis);
  swapped.splice(-2, 2, swapped.length - 1, swapped.length - 2);
  const scores = np.matmul(query.mul(scale), key.transpose(swapped)); // [..., T, S]
  const weights = nn.softmax(bias === undefined ? scores : scores.add(bias), -1);
  return np.matmul(tap("weights", weights), value);
}

/** Keys and values of what is attended to, `[B, numHeads, S, headDim]` each, and what to hide of it. */
export type AttentionMemory = {
  readonly key: np.Array;
  readonly value: np.Array;
  /** Broadcast to `[B, numHeads, T, S]`. */
  readonly bias: np.Array;
};

/** Projects `context` `[B, S, contextDim]` to keys and values. Borrows the parameters, consumes the rest. */
export function projectMemory(
  parameters: AttentionParameters<np.Array>,
  context: np.Array,
  options: { readonly numHeads: number; readonly bias: np.Array },
): AttentionMemory {
  return {
    key: splitHeads(linear(parameters.key, context.ref), options.numHeads),
    value: splitHeads(linear(parameters.value, context), options.numHeads),
    bias: options.bias,
  };
}

/** Attention of `x` `[B, T, d]` over a memory. Borrows the parameters and the memory, consumes `x`. */
export function crossAttention(
  parameters: AttentionParameters<np.Array>,
  x: np.Array,
  memory: AttentionMemory,
  tap: AttentionTap = (_, value) => value,
): np.Array {
  const query = splitHeads(linear(parameters.query, x), memory.key.shape[1] ?? 1); // [B, heads, T, headDim]
  const { key, value, bias } = memory;
  const read = attend(tap("query", query), key.ref, value.ref, bias.ref, tap); // [B, heads, T, headDim]
  return linear(parameters.output, mergeHeads(tap("read", read)));
}
