import type { Graph, GraphNode } from "./graph_builder.ts";

/** Those of `nodes`, which are in order of execution, that `results` need. */
export function liveNodes(nodes: readonly GraphNode[], results: readonly string[]): GraphNode[] {
  const needed = new Set(results);
  return nodes.toReversed().filter((node) => {
    if (!node.outputs.some((output) => needed.has(output))) return false;
    edgesReadBy(node).forEach((input) => needed.add(input));
    return true;
  }).reverse();
}

/** The edges that a node reads, those read inside its subgraphs included. */
export function edgesReadBy(node: GraphNode): string[] {
  return [
    ...node.inputs,
    ...subgraphsOf(node).flatMap((graph) => [
      ...graph.nodes.flatMap(edgesReadBy),
      ...graph.outputs.map((output) => output.name),
    ]),
  ];
}

/** The bodies of a node's loops. */
export function subgraphsOf(node: GraphNode): Graph[] {
  return Object.values(node.attributes).filter((value): value is Graph => {
    return typeof value === "object" && "nodes" in value;
  });
}

/** A graph without the nodes and constants that its outputs do not need. */
export function pruneGraph(graph: Graph): Graph {
  const results = graph.outputs.map((output) => output.name);
  const nodes = liveNodes(graph.nodes, results);
  const needed = new Set([...nodes.flatMap(edgesReadBy), ...results]);
  return { ...graph, nodes, initializers: graph.initializers.filter(({ name }) => needed.has(name)) };
}
