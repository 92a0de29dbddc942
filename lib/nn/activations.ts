import { lax, numpy as np } from "@jax-js/jax";

/**
 * `x / (1 + exp(-x))`. Consumes `x`.
 *
 * Source: Hendrycks and Gimpel 2016, arXiv:1606.08415, section 2.
 */
export function silu(x: np.Array): np.Array {
  const power = np.minimum(x.ref.mul(-1), 80); // exp stays finite, and so does its gradient
  return x.mul(np.reciprocal(np.exp(power).add(1)));
}

/** `x Phi(x)`, Phi the normal distribution function. Source: Hendrycks and Gimpel 2016, arXiv:1606.08415. Consumes `x`. */
export function gelu(x: np.Array): np.Array {
  return x.ref.mul(lax.erf(x.mul(Math.SQRT1_2)).add(1)).mul(0.5);
}

/** `max(x, 0.2 x)`. Consumes `x`. */
export function leakyRelu(x: np.Array): np.Array {
  return np.maximum(x.ref, x.mul(0.2));
}
