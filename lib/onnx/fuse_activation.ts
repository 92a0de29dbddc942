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

/** `x / (1 + exp(min(-x, 80)))`, the silu of `nn/activations.ts`; the bound keeps a gradient finite and is not needed here. */
export const fuseSilu: Fusion = ({ outputs: [output] }, view) => {
  for (const [x, gate] of view.eitherWay(output, "Mul")) {
    const power = view.operands(view.withNumber(view.operands(gate, "Reciprocal")[0], "Add", 1), "Exp")[0];
    const isSilu = view.withNumber(view.withNumber(power, "Min", 80), "Mul", -1) === x;
    if (isSilu && view.numUses(gate) === 1) {
      return { op: "com.microsoft.QuickGelu", inputs: [x], attributes: { alpha: { float: 1 } } };
    }
  }
  return undefined;
};
