import { expand } from "./elementwise.ts";
import type { GraphBuilder } from "./graph_builder.ts";
import { inputOf, type LoweringRule } from "./lowering_rule.ts";
import { sideOf, type Value } from "./value.ts";

/** The last axis in ascending order, equal elements in their old order: values and int64 positions. */
function sortLast(graph: GraphBuilder, x: Value): { values: Value; positions: string } {
  const last = x.shape.length - 1;
  const source = expand(graph, x, [last]);
  const inputs = [source.name, graph.integers([sideOf(x.shape, last)])];
  const [name = "", positions = ""] = graph.nodes("TopK", inputs, 2, { axis: last, largest: 0, sorted: 1 });
  return { values: { name, dtype: x.dtype, shape: x.shape, extents: source.extents }, positions };
}

/** The last axis in ascending order. */
export const lowerSort: LoweringRule = (
  graph,
  application,
) => [sortLast(graph, inputOf(application, 0)).values];

/** The last axis in ascending order, and where each element was. */
export const lowerArgsort: LoweringRule = (graph, application) => {
  const { values, positions } = sortLast(graph, inputOf(application, 0));
  return [values, { ...values, dtype: "int32", name: graph.node("Cast", [positions], { to: 6 }) }];
};
