import type { Fusion, GraphView } from "./graph_view.ts";

/**
 * `(x - mean) / sqrt(variance + epsilon)` over the last axis, as jax-js writes it, and a scale and a bias of that axis
 * if they follow: one node for twelve, which counts where arrays are small, as in decoding. Where parts of it are read
 * elsewhere (as a gradient does), nothing changes.
 */
export const fuseLayerNorm: Fusion = ({ outputs: [output] }, view) => {
  if (output === undefined) return undefined;
  for (const [scaled, bias] of view.eitherWay(output, "Add")) {
    for (const [standard, scale] of view.eitherWay(scaled, "Mul")) {
      const found = standardised(standard, view);
      const isVector = found &&
        [scale, bias].every((name) => view.dimsOf(name)?.join() === `${found.length}`);
      const isReadOnce = view.numUses(scaled) === 1 && view.numUses(standard) === 1;
      if (isVector && isReadOnce) return layerNormalization([found.x, scale, bias], found.epsilon);
    }
  }
  const found = standardised(output, view);
  return found && layerNormalization([found.x, view.ones(found.length)], found.epsilon);
};

function layerNormalization(inputs: readonly string[], epsilon: number): ReturnType<Fusion> {
  return { op: "LayerNormalization", inputs, attributes: { axis: -1, epsilon: { float: epsilon } } };
}

/** Where a standardised value comes from. */
interface Standardised {
  readonly x: string;
  readonly length: number;
  readonly epsilon: number;
}

/** Reads `centred * (1 / sqrt(mean(centred^2) + epsilon))`. */
function standardised(name: string, view: GraphView): Standardised | undefined {
  for (const [centred, factor] of view.eitherWay(name, "Mul")) {
    const [x, mean] = view.operands(centred, "Sub");
    const root = view.operands(view.operands(factor, "Reciprocal")[0], "Sqrt")[0];
    const [variance, constant] = view.operands(root, "Add");
    const epsilon = constant === undefined ? undefined : view.numberOf(constant);
    const [centre, squares] = [meanOf(mean, view), meanOf(variance, view)];
    const isSquare = view.operands(squares?.operand, "Mul").join() === `${centred},${centred}`;
    const isNorm = x !== undefined && centre?.operand === x && isSquare && squares?.length === centre.length;
    // The centred value is read three times, twice by its square: once more, and a gradient needs it.
    if (isNorm && epsilon !== undefined && view.numUses(centred) === 3) {
      return { x, length: centre.length, epsilon };
    }
  }
  return undefined;
}

/** The operand of a mean over the last axis, and its length. */
function meanOf(name: string | undefined, view: GraphView): { operand: string; length: number } | undefined {
  const [sum, share] = view.operands(name, "Mul");
  const operand = view.reduced(sum, "ReduceSum");
  const factor = share === undefined ? undefined : view.numberOf(share);
  return operand === undefined || !factor ? undefined : { operand, length: Math.round(1 / factor) };
}
