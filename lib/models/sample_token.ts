import { nn, numpy as np } from "@jax-js/jax";

/** How a token is drawn from its logits; all scalars, so that one compiled program serves every setting. */
export type SamplingInputs = {
  /** > 0. */
  readonly temperature: np.Array;
  /** int32: how many of the most likely tokens may be drawn; K allows all. */
  readonly topK: np.Array;
  /** Tokens are kept until their probabilities first sum to more than this; 1 allows all. */
  readonly topP: np.Array;
};

/**
 * Draws one token a row by inverting the distribution function at `uniform`.
 *
 * Top-k and nucleus masks are taken on the same distribution and united. Tokens count from the most likely down, ties
 * by index, so the result depends on logits and `uniform` alone.
 *
 * Source: Holtzman et al. 2020, arXiv:1904.09751, section 3.1 (nucleus).
 *
 * @param logits `[B, K]`; consumed.
 * @param uniform In [0, 1), `[B]`; consumed.
 * @param sampling Borrowed.
 * @returns int32 `[B]`.
 */
export function sampleToken(logits: np.Array, uniform: np.Array, sampling: SamplingInputs): np.Array {
  const [B = 1, K = 1] = logits.shape;
  const falling = logits.mul(np.reciprocal(sampling.temperature.ref).mul(-1)); // sorted upwards, the most likely come first
  const order = np.argsort(falling.ref, -1); // [B, K]
  const probabilities = nn.softmax(np.sort(falling, -1).mul(-1), -1); // [B, K], descending
  const cumulative = runningSum(probabilities.ref); // [B, K]
  // A rank is kept while less than this lies before it.
  const limits = np.where(np.less(np.arange(K).astype(np.int32), sampling.topK.ref), sampling.topP.ref, -1); // [K]
  const isKept = np.less(cumulative.ref.sub(probabilities), limits.reshape([1, K]));
  const total = np.max(np.where(isKept, cumulative.ref, 0), -1, { keepdims: true }); // [B, 1]: those kept come first
  // Below the total too, for a product with a number just below 1 may be rounded up to it.
  const drawn = np.minimum(total.ref.mul(uniform.reshape([B, 1])), total.mul(1 - 2 ** -24));
  const rank = np.sum(np.lessEqual(cumulative, drawn).astype(np.int32), -1).reshape([B, 1]); // [B, 1]
  return np.takeAlongAxis(order, rank, -1).reshape([B]).astype(np.int32);
}

/**
 * Classifier-free guidance: `u + scale (c - u)`.
 *
 * Source: Ho and Salimans 2022, arXiv:2207.12598; on logits as in Parti, arXiv:2206.10789, section 3.
 *
 * @param conditional Logits under the text; consumed.
 * @param unconditional Logits without it; consumed.
 * @param scale Scalar; borrowed. 1 is no guidance.
 */
export function guideLogits(conditional: np.Array, unconditional: np.Array, scale: np.Array): np.Array {
  return unconditional.ref.add(conditional.sub(unconditional).mul(scale.ref));
}

/** The running sum over the last axis, as one operator: `np.cumsum()` cuts a long axis in pieces. */
function runningSum(x: np.Array): np.Array {
  const [B = 1, K = 1] = x.shape;
  const rows = np.broadcastTo(x.reshape([B, 1, K]), [B, K, K]);
  return np.sum(np.where(np.tri(K, K, 0, { dtype: np.bool }), rows, 0), -1);
}
