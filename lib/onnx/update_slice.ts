import { expand, withName } from "./elementwise.ts";
import type { GraphBuilder } from "./graph_builder.ts";
import {
  axesOf,
  countsUp,
  type OneSlice,
  placesOf,
  sameShape,
  type TensorType,
  type Value,
} from "./value.ts";

/** The slice where `a == b`, if one counts `0, 1, 2, …` along an axis and the other is a number that the axis has. */
export function equalSlice(a: Value, b: Value): OneSlice | undefined {
  const [counting, index] = a.constant ? [a, b] : [b, a];
  const axis = countedAxis(counting);
  if (axis === undefined || counting.dtype !== "int32" || index.below === undefined) return undefined;
  if (index.below > (counting.shape[axis] ?? 0)) return undefined;
  return { axis: axis - counting.shape.length, index: index.name };
}

function countedAxis({ constant, extents }: Value): number | undefined {
  const [axis, ...others] = axesOf(extents.length).filter((axis) => extents[axis] !== 1);
  return others.length === 0 && countsUp(constant) ? axis : undefined;
}

/**
 * `where(mask, update, x)`, the mask holding in one slice, as JAX's `dynamic_update_slice`: ScatterND copies `x` and writes the slice, in a quarter of the
 * time. No place is written twice, so its threads cannot race. Nothing where `x` is not whole, or `update` has more.
 */
export function updateSlice(
  graph: GraphBuilder,
  slice: OneSlice,
  { update, x }: { readonly update: Value; readonly x: Value },
  output: TensorType,
): Value | undefined {
  const rank = output.shape.length, axis = rank + slice.axis;
  const isWhole = sameShape(x.extents, output.shape) && update.shape.length === rank;
  if (!isWhole || update.extents[axis] !== 1) return undefined;
  const rows = x.shape.slice(0, axis);
  const whole = expand(graph, { ...update, shape: x.shape }, axesOf(rank).filter((other) => other !== axis));
  const starts = placesOf(rows).flatMap((place) => [...place, 0]);
  const step = graph.integers([...rows.map(() => 0), 1]);
  const places = graph.node("Add", [
    graph.reshape(graph.integers(starts), [starts.length], [...rows, 1, axis + 1]),
    graph.node("Mul", [graph.node("Cast", [slice.index], { to: 7 }), step]),
  ]);
  return withName(x, graph.node("ScatterND", [x.name, places, whole.name]));
}
