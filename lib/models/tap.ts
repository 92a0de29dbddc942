import type { numpy as np } from "@jax-js/jax";
import type { AttentionTap } from "../nn/mod.ts";

/**
 * Sees an activation while the model is traced, and gives what the model goes on with: the same value, or another of its
 * shape in its place. So capture and intervention are one mechanism, and a model without a tap has no trace of it.
 *
 * @param name One of those that `listActivations` gives.
 * @param value `[rows, ...]` with the axes of that list; consumed. Of the tokens there may be only one (a step of the
 * decoding loop) or one more than M (the last token's own input, which predicts nothing).
 * @param positions A new int32 array: which token each place on the axis of tokens predicts.
 */
export type Tap = (name: string, value: np.Array, positions: () => np.Array) => np.Array;

/** A {@link Tap} of one layer: `part` is the name without `layers.N.`. */
export type LayerTap = (part: string, value: np.Array) => np.Array;

/** The tap that changes nothing. */
export function keepValue(_part: string, value: np.Array): np.Array {
  return value;
}

/** The part of a tap that belongs to a layer. */
export function tapLayer(tap: Tap | undefined, index: number, positions: () => np.Array): LayerTap {
  if (tap === undefined) return keepValue;
  return (part, value) => tap(`layers.${index}.${part}`, value, positions);
}

/** The part of a layer's tap that belongs to one of its attentions. */
export function tapAttention(tap: LayerTap, branch: "self" | "text"): AttentionTap {
  return (part, value) => tap(`${branch}.${part}`, value);
}
