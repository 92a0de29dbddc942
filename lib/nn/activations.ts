import { lax, numpy as np } from "@jax-js/jax";

/** `x / (1 + exp(-x))`. Source: Hendrycks and Gimpel 2016, arXiv:1606.08415, section 2. Consumes `x`. */
export function silu(x: np.Array): np.Array {
  return x.ref.mul(np.reciprocal(np.exp(x.mul(-1)).add(1)));
}

/** `x Phi(x)`, Phi the normal distribution function. Source: Hendrycks and Gimpel 2016, arXiv:1606.08415. Consumes `x`. */
export function gelu(x: np.Array): np.Array {
  return x.ref.mul(lax.erf(x.mul(Math.SQRT1_2)).add(1)).mul(0.5);
}
