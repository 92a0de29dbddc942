import { castTo, expand, flipTopBit, mapElements, withName } from "./elementwise.ts";
import type { GraphBuilder } from "./graph_builder.ts";
import { type LoweringRule, simpleRule } from "./lowering_rule.ts";
import { axesOf, isConstantAlong, sideOf, type Value } from "./value.ts";

/** The reductions of jax-js by their names, and ONNX's operator for numbers. */
const OPERATORS = { Add: "ReduceSum", Mul: "ReduceProd", Min: "ReduceMin", Max: "ReduceMax" } as const;

/** A value without the given axes, over which nothing is left to reduce but elements that are held. */
function reduceHeld(graph: GraphBuilder, op: string, x: Value, axes: readonly number[]): Value {
  const kept = axesOf(x.shape.length).filter((axis) => !axes.includes(axis));
  const [shape, extents] = [x.shape, x.extents].map((sides) => kept.map((axis) => sideOf(sides, axis)));
  const held = axes.filter((axis) => x.extents[axis] !== 1);
  const name = held.length === 0
    ? graph.reshape(x.name, x.extents, extents ?? [])
    : reduceAndDrop(graph, op, x, axes, held, extents ?? []);
  return { dtype: x.dtype, shape: shape ?? [], extents: extents ?? [], name };
}

/** Reduces the axes `held` and drops all of `axes`. */
function reduceAndDrop(
  graph: GraphBuilder,
  op: string,
  x: Value,
  axes: readonly number[],
  held: readonly number[],
  extents: readonly number[],
): string {
  if (held.length === axes.length) return graph.node(op, [x.name, graph.integers(held)], { keepdims: 0 });
  const reduced = graph.node(op, [x.name, graph.integers(held)], { keepdims: 1 });
  const before = x.extents.map((extent, axis) => held.includes(axis) ? 1 : extent);
  return graph.reshape(reduced, before, extents);
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
