import type { FusionContext } from "./fuse_softmax.ts";
import type { GraphNode } from "./graph_builder.ts";

/** What fusing a layer norm needs to know besides. */
export interface LayerNormContext extends FusionContext {
  /** The number that a constant holds, if it is one number. */
  readonly scalarOf: (name: string) => number | undefined;
  /** Name of a constant vector of ones. */
  readonly ones: (length: number) => string;
}

/** Where a standardised value comes from. */
interface Standardised {
  readonly x: string;
  readonly length: number;
  readonly epsilon: number;
}

/**
 * Replaces `(x - mean) / sqrt(variance + epsilon)` over the last axis, as jax-js writes it, by ONNX's
 * LayerNormalization: one node for nine, which counts where arrays are small, as in decoding. Where parts of it are
 * read elsewhere (as a gradient does), nothing changes.
 */
export function fuseLayerNorm(nodes: readonly GraphNode[], context: LayerNormContext): GraphNode[] {
  const producers = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node])));
  return nodes.map((node) => {
    const found = standardisedBy(node, producers, context);
    if (!found) return node;
    const inputs = [found.x, context.ones(found.length)];
    return {
      ...node,
      op: "LayerNormalization",
      inputs,
      attributes: { axis: -1, epsilon: { float: found.epsilon } },
    };
  });
}

/** Reads `centred * (1 / sqrt(mean(centred^2) + epsilon))`. */
function standardisedBy(
  node: GraphNode,
  producers: ReadonlyMap<string, GraphNode>,
  context: LayerNormContext,
): Standardised | undefined {
  const { numUses, scalarOf, lastAxis } = context;
  const inputsOf = (name: string | undefined, op: string): readonly (string | undefined)[] => {
    const made = name === undefined ? undefined : producers.get(name);
    return made?.op === op ? made.inputs : [];
  };
  /** The operand of a mean over the last axis, and its length. */
  const meanOf = (name: string | undefined): [string, number] | undefined => {
    const [sum, share] = inputsOf(name, "Mul");
    const [operand, axis] = inputsOf(sum, "ReduceSum");
    const factor = share === undefined ? undefined : scalarOf(share);
    return operand !== undefined && axis === lastAxis && factor
      ? [operand, Math.round(1 / factor)]
      : undefined;
  };
  if (node.op !== "Mul") return undefined;
  const [centred, inverse] = node.inputs;
  const [root] = inputsOf(inverse, "Reciprocal");
  const [variance, shift] = inputsOf(inputsOf(root, "Sqrt")[0], "Add");
  const squares = meanOf(variance);
  const [left, right] = inputsOf(squares?.[0], "Mul");
  const [x, mean] = inputsOf(centred, "Sub");
  const centre = meanOf(mean);
  const epsilon = shift === undefined ? undefined : scalarOf(shift);
  const isNorm = left === centred && right === centred && centre?.[0] === x && squares?.[1] === centre?.[1];
  // The centred value is read three times, twice by its square: once more, and a gradient needs it.
  if (!isNorm || x === undefined || !centre || epsilon === undefined) return undefined;
  if (centred === undefined || numUses.get(centred) !== 3) return undefined;
  return { x, length: centre[1], epsilon };
}
