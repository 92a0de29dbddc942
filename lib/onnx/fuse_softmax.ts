import type { Fusion } from "./graph_view.ts";

/**
 * Softmax over the last axis, which jax-js writes `exp(x - max(x)) / sum(exp(x - max(x)))`; one operator takes half the
 * time. Where the exponential is read elsewhere (as a gradient does), nothing changes.
 */
export const fuseSoftmax: Fusion = ({ outputs: [output] }, view) => {
  for (const [power, factor] of view.eitherWay(output, "Mul")) {
    const [x, most] = view.operands(view.operands(power, "Exp")[0], "Sub");
    const summed = view.reduced(view.operands(factor, "Reciprocal")[0], "ReduceSum");
    if (x === undefined || view.reduced(most, "ReduceMax") !== x || summed !== power) continue;
    if (view.numUses(power) === 2) return { op: "Softmax", inputs: [x], attributes: { axis: -1 } };
  }
  return undefined;
};
