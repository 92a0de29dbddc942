import { uniformOf } from "./elementwise.ts";
import type { GraphBuilder } from "./graph_builder.ts";
import { axesOf, countsUp, isConstantAlong, sameShape, sideOf, type Value } from "./value.ts";

/** The triangle where `row <= column`, as jax-js writes it: a row `0, 1, …`, and as long a column that begins with 0 or -1. */
export function triangleOf(row: Value, column: Value): Value["triangle"] {
  const [height = 0] = column.shape;
  if (!sameShape(row.shape, [height]) || !sameShape(column.shape, [height, 1]) || !countsUp(row.constant)) {
    return undefined;
  }
  if (countsUp(column.constant)) return "inclusive";
  return countsUp(column.constant, -1) ? "exclusive" : undefined;
}

/**
 * Recognises how jax-js writes a running sum: `where(triangle, x, 0)` with `x` repeated along the rows, whose sum over
 * the last axis the caller is about to take. Returns what the sum over the last axis will be.
 */
export function runningSumOf(
  graph: GraphBuilder,
  condition: Value,
  x: Value,
  y: Value,
  masked: Value,
): Value | undefined {
  const last = masked.shape.length - 1;
  const kind = condition.triangle;
  if (last < 1 || !kind || uniformOf(graph, y) !== 0 || x.shape.length !== masked.shape.length) {
    return undefined;
  }
  if (x.dtype === "bool" || !isConstantAlong(x, last - 1) || x.extents[last] !== masked.shape[last]) {
    return undefined;
  }
  const kept = axesOf(last + 1).filter((axis) => axis !== last - 1);
  const extents = kept.map((axis) => sideOf(x.extents, axis));
  const shape = masked.shape.slice(0, -1);
  const exclusive = kind === "exclusive" ? 1 : 0;
  const flat = graph.reshape(x.name, x.extents, extents);
  const name = graph.node("CumSum", [flat, graph.scalar(extents.length - 1, "int64")], { exclusive });
  return { name, dtype: x.dtype, shape, extents };
}
