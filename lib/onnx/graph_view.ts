import type { GraphNode } from "./graph_builder.ts";

/** What fusing needs to know about the edges of a graph. */
export interface EdgeFacts {
  /** Name of the constant that says "the last axis". */
  readonly lastAxis: string;
  /** How often an edge is read; results of the graph count too. */
  numUses(name: string): number;
  /** The number that a constant of one element holds. */
  numberOf(name: string): number | undefined;
  /** The sides of a constant or an input. */
  dimsOf(name: string): readonly number[] | undefined;
  /** Name of a constant vector of ones. */
  ones(length: number): string;
}

/** A graph as seen from the end: what made an edge. */
export interface GraphView extends EdgeFacts {
  /** The operands of the node that made an edge, if it is an `op`; empty otherwise. */
  operands(name: string | undefined, op: string): readonly string[];
  /** Both ways to read the two operands of an operator that commutes; empty if the edge was made by another one. */
  eitherWay(name: string | undefined, op: string): (readonly [string, string])[];
  /** The operand of a reduction over the last axis that keeps it. */
  reduced(name: string | undefined, op: string): string | undefined;
  /** The other operand, where one operand of `op` is a constant of one element near `number`. */
  withNumber(name: string | undefined, op: string, number: number): string | undefined;
}

/** A node that computes the same as `node`, whose output it takes over, in fewer steps; undefined if there is none. */
export type Fusion = (
  node: GraphNode,
  view: GraphView,
) => Pick<GraphNode, "op" | "inputs" | "attributes"> | undefined;

/** Indexes the nodes of a graph by what they make. */
export function createGraphView(nodes: readonly GraphNode[], facts: EdgeFacts): GraphView {
  const producers = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node])));
  const operands = (name: string | undefined, op: string): readonly string[] => {
    const node = name === undefined ? undefined : producers.get(name);
    return node?.op === op ? node.inputs : [];
  };
  const eitherWay = (name: string | undefined, op: string): (readonly [string, string])[] => {
    const [x, y] = operands(name, op);
    return x === undefined || y === undefined ? [] : [[x, y], [y, x]];
  };
  return {
    ...facts,
    operands,
    eitherWay,
    reduced(name, op) {
      const [x, axes] = operands(name, op);
      return axes === facts.lastAxis ? x : undefined;
    },
    withNumber(name, op, number) {
      return eitherWay(name, op).find(([, constant]) => isNear(facts.numberOf(constant), number))?.[0];
    },
  };
}

/** Whether a float32 constant is `number`, rounded. */
function isNear(constant: number | undefined, number: number): boolean {
  return constant !== undefined && Math.fround(constant) === Math.fround(number);
}
