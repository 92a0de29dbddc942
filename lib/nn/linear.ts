import { numpy as np } from "@jax-js/jax";
import type { Tensor } from "../core/mod.ts";
import type { Initializer } from "./initializers.ts";

/** Parameters of {@link linear}: weight `[in, out]`, bias `[out]`. */
export type LinearParameters<Leaf> = {
  readonly weight: Leaf;
  readonly bias?: Leaf;
};

/** Starts a linear map with deviation `scale / sqrt(in)` and zero bias. */
export function initLinear(
  initializer: Initializer,
  inDim: number,
  outDim: number,
  options: { readonly bias?: boolean; readonly scale?: number } = {},
): LinearParameters<Tensor> {
  const weight = initializer.normal([inDim, outDim], (options.scale ?? 1) / Math.sqrt(inDim));
  return options.bias === false ? { weight } : { weight, bias: initializer.constant([outDim], 0) };
}

/** `y = x W + b` over the last axis. Borrows the parameters, consumes `x`. */
export function linear(parameters: LinearParameters<np.Array>, x: np.Array): np.Array {
  const y = np.matmul(x, parameters.weight.ref); // [..., out]
  return parameters.bias === undefined ? y : y.add(parameters.bias.ref);
}
