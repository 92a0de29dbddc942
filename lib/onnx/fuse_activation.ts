import type { Fusion } from "./graph_view.ts";

/** `x (erf(x / sqrt 2) + 1) / 2`, the gelu of `nn/activations.ts`. */
export const fuseGelu: Fusion = ({ outputs: [output] }, view) => {
  const doubled = view.withNumber(output, "Mul", 0.5);
  for (const [x, gate] of view.eitherWay(doubled, "Mul")) {
    const erf = view.withNumber(gate, "Add", 1);
    const isGelu = view.withNumber(view.operands(erf, "Erf")[0], "Mul", Math.SQRT1_2) === x;
    if (isGelu && view.numUses(gate) === 1) return { op: "com.microsoft.Gelu", inputs: [x], attributes: {} };
  }
  return undefined;
};
