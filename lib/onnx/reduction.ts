import { castTo, expand, fill, flipTopBit, mapElements, withName } from "./elementwise.ts";
import type { GraphBuilder } from "./graph_builder.ts";
import { type LoweringRule, simpleRule } from "./lowering_rule.ts";
import { axesOf, isConstantAlong, sideOf, type Value } from "./value.ts";

/** The reductions of jax-js by their names, and ONNX's operator for numbers. */
const OPERATORS = { Add: "ReduceSum", Mul: "ReduceProd", Min: "ReduceMin", Max: "ReduceMax" } as const;

/** A value without the given axes, over which nothing is left to reduce but elements that are held. */
function reduceHeld(graph: GraphBuilder, op: string, x: Value, axes: readonly number[]): Value {
  const rank = x.shape.length;
  const kept = axesOf(rank).filter((axis) => !axes.includes(axis));
  const [shape, extents] = [x.shape, x.extents].map((sides) => kept.map((axis) => sideOf(sides, axis)));
  if (x.shape.includes(0)) {
    return fill(graph, op === "ReduceProd" ? 1 : 0, { dtype: x.dtype, shape: shape ?? [] });
  }
  const held = axes.filter((axis) => x.extents[axis] !== 1);
  // The axes stay, with side 1, until a reshape drops them: most callers of jax-js put them back at once.
  const before = x.extents.map((extent, axis) => held.includes(axis) ? 1 : extent);
  const places = graph.integers(held.map((axis) => axis === rank - 1 ? -1 : axis));
  const reduced = held.length === 0 ? x.name : graph.node(op, [x.name, places], { keepdims: 1 });
  return {
    dtype: x.dtype,
    shape: shape ?? [],
    extents: extents ?? [],
    name: graph.reshape(reduced, before, extents ?? []),
  };
}

/** The sum over `axes`; along an axis where the value is constant, a product with its length. */
export function sumOver(graph: GraphBuilder, x: Value, axes: readonly number[]): Value {
  if (x.sumOfLast && axes.length === 1 && axes[0] === x.shape.length - 1) return x.sumOfLast;
  const times = axes.reduce(
    (product, axis) => isConstantAlong(x, axis) ? product * sideOf(x.shape, axis) : product,
    1,
  );
  const sum = reduceHeld(graph, "ReduceSum", x, axes);
  if (times === 1) return sum;
  return withName(
    sum,
    graph.node("Mul", [sum.name, graph.scalar(times, x.dtype === "float32" ? "float32" : "int32")]),
  );
}

/** Sum, product, least or largest over axes; "any" or "all" for booleans. */
export const lowerReduce: LoweringRule = simpleRule((graph, x, output, { params }) => {
  const op: keyof typeof OPERATORS = params.op;
  const axes: readonly number[] = params.axis;
  if (x.dtype === "bool") {
    const isAny = op === "Add" || op === "Max";
    const number = castTo(graph, x, "int32");
    return castTo(graph, reduceHeld(graph, isAny ? "ReduceMax" : "ReduceMin", number, axes), "bool");
  }
  if (op === "Add") return sumOver(graph, x, axes);
  if (op === "Mul") return reduceHeld(graph, OPERATORS.Mul, expand(graph, x, axes), axes);
  if (x.dtype !== "uint32") return reduceHeld(graph, OPERATORS[op], x, axes);
  return {
    ...flipTopBit(graph, reduceHeld(graph, OPERATORS[op], flipTopBit(graph, x), axes)),
    shape: output.shape,
  };
});

/** The product of two values whose shapes broadcast. */
export function multiply(graph: GraphBuilder, x: Value, y: Value, shape: readonly number[]): Value {
  return mapElements(graph, "Mul", [x, y], { shape, dtype: x.dtype });
}
