import { uniformOf } from "./elementwise.ts";
import type { GraphBuilder } from "./graph_builder.ts";
import { axesOf, isConstantAlong, sideOf, type Value } from "./value.ts";

/** Whether a square of booleans is true on and below its diagonal, or below it alone, and false elsewhere. */
function triangleKind({ constant, extents }: Value): "inclusive" | "exclusive" | undefined {
  const [rows = 0, columns = 0] = extents.slice(-2);
  if (!constant || rows !== columns || constant.length !== rows * columns || rows < 2) return undefined;
  const offset = constant[0] ? 0 : 1;
  const isTriangle = constant.every((value, place) => {
    return (value !== 0) === (place % columns <= Math.floor(place / columns) - offset);
  });
  return isTriangle ? (offset === 0 ? "inclusive" : "exclusive") : undefined;
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
  const kind = last < 1 ? undefined : triangleKind(condition);
  if (!kind || uniformOf(graph, y) !== 0 || x.shape.length !== masked.shape.length) return undefined;
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
