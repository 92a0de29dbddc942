import type { GraphNode } from "./graph_builder.ts";

/** What fusing needs to know about a graph. */
export interface FusionContext {
  /** How often an edge is read; results of the graph count too. */
  readonly numUses: ReadonlyMap<string, number>;
  /** Name of the constant that says "the last axis". */
  readonly lastAxis: string;
}

/**
 * Replaces `exp(x - max(x)) / sum(exp(x - max(x)))` over the last axis, as jax-js writes it, by ONNX's Softmax, which
 * takes half the time. Where the exponential is read elsewhere (as a gradient does), nothing changes.
 */
export function fuseSoftmax(nodes: readonly GraphNode[], { numUses, lastAxis }: FusionContext): GraphNode[] {
  const producers = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node])));
  const made = (name: string | undefined, op: string): GraphNode | undefined => {
    const node = name === undefined ? undefined : producers.get(name);
    return node?.op === op ? node : undefined;
  };
  const reduced = (name: string | undefined, op: string): string | undefined => {
    const node = made(name, op);
    return node?.inputs[1] === lastAxis ? node.inputs[0] : undefined;
  };
  const operandOf = (node: GraphNode): string | undefined => {
    if (node.op !== "Mul") return undefined;
    for (const [power, factor] of [node.inputs, node.inputs.toReversed()]) {
      const difference = made(made(power, "Exp")?.inputs[0], "Sub");
      const [x, most] = difference?.inputs ?? [];
      const isSum = power !== undefined &&
        reduced(made(factor, "Reciprocal")?.inputs[0], "ReduceSum") === power;
      if (isSum && x !== undefined && reduced(most, "ReduceMax") === x && numUses.get(power) === 2) return x;
    }
    return undefined;
  };
  return nodes.map((node) => {
    const x = operandOf(node);
    return x === undefined ? node : { ...node, op: "Softmax", inputs: [x], attributes: { axis: -1 } };
  });
}
