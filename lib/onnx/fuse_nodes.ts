import { fuseGelu, fuseSilu } from "./fuse_activation.ts";
import { fuseLayerNorm } from "./fuse_layer_norm.ts";
import { fuseSoftmax } from "./fuse_softmax.ts";
import type { GraphNode } from "./graph_builder.ts";
import { createGraphView, type EdgeFacts } from "./graph_view.ts";

const FUSIONS = [fuseSoftmax, fuseLayerNorm, fuseGelu, fuseSilu];

/** Replaces the last node of everything that one operator computes; what came before it is left without a reader. */
export function fuseNodes(nodes: readonly GraphNode[], facts: EdgeFacts): GraphNode[] {
  const view = createGraphView(nodes, facts);
  return nodes.map((node) => {
    for (const fuse of FUSIONS) {
      const fused = fuse(node, view);
      if (fused) return { ...fused, outputs: node.outputs };
    }
    return node;
  });
}
