import { numpy as np } from "@jax-js/jax";
import type { Tensor } from "../core/mod.ts";
import { gelu } from "./activations.ts";
import type { Initializer } from "./initializers.ts";
import { initLinear, linear, type LinearParameters } from "./linear.ts";

/** Parameters of {@link feedForward}: up `[d, 8 d]` (gate and value), down `[4 d, d]`. */
export type FeedForwardParameters<Leaf> = {
  readonly up: LinearParameters<Leaf>;
  readonly down: LinearParameters<Leaf>;
};

/** Starts a feed-forward layer with expansion 4. */
export function initFeedForward(initializer: Initializer, dim: number): FeedForwardParameters<Tensor> {
  return { up: initLinear(initializer, dim, 8 * dim), down: initLinear(initializer, 4 * dim, dim) };
}

/**
 * GEGLU: `y = (x V * gelu(x G)) W`. Borrows the parameters, consumes `x`.
 *
 * Source: Shazeer 2020, GLU variants improve transformer, arXiv:2002.05202, equation 6; biases added.
 *
 * @param tapHidden Sees the hidden values `[..., 4 d]`, and gives those to go on with.
 */
export function feedForward(
  parameters: FeedForwardParameters<np.Array>,
  x: np.Array,
  tapHidden: (hidden: np.Array) => np.Array = (hidden) => hidden,
): np.Array {
  const [value, gate] = np.split(linear(parameters.up, x), 2, -1); // [..., 4 d] each
  if (value === undefined || gate === undefined) {
    throw new TypeError("Cannot apply feedForward: up must split in two");
  }
  return linear(parameters.down, tapHidden(value.mul(gelu(gate))));
}
