import { sizeOf } from "../core/mod.ts";
import { castTo, expand, uniformOf } from "./elementwise.ts";
import type { GraphBuilder } from "./graph_builder.ts";
import { inputOf, type LoweringRule, outputOf } from "./lowering_rule.ts";
import { reshapeValue, transposeValue } from "./movement.ts";
import { UnsupportedPrimitiveError } from "./unsupported_primitive_error.ts";
import { axesOf, countsUp, sideOf, type TensorType, type Value } from "./value.ts";

/** Where the axes of a gather come from. */
interface Indexing {
  readonly axis: readonly number[];
  readonly outDim: number;
}

/** The shape to which all index arrays broadcast. */
function indexShape(indices: readonly Value[]): number[] {
  const rank = Math.max(...indices.map((index) => index.shape.length));
  return axesOf(rank).map((axis) => {
    const sides = indices.map((index) => index.shape[axis - rank + index.shape.length] ?? 1);
    return sides.includes(0) ? 0 : Math.max(...sides);
  });
}

/** An index array with `shape` and int32 elements; lazy where it is constant. */
function broadcastIndex(graph: GraphBuilder, index: Value, shape: readonly number[]): Value {
  const padded = reshapeValue(graph, castTo(graph, index, "int32"), [
    ...Array<number>(shape.length - index.shape.length).fill(1),
    ...index.shape,
  ]);
  return { ...padded, shape };
}

/** Whether an index array counts `0, 1, 2, …` along `axis` and does not depend on the others. */
function countsAlong(graph: GraphBuilder, index: Value, axis: number): boolean {
  const { constant, extents, shape } = index;
  if (extents.some((extent, place) => place !== axis && extent !== 1) || extents[axis] !== shape[axis]) {
    return false;
  }
  if (shape[axis] === 1) return (constant?.[0] ?? uniformOf(graph, index)) === 0;
  return countsUp(constant);
}

/** The one axis that takeAlongAxis really indexes, if this gather is one; all other indices count along their axis. */
function alongAxis(
  graph: GraphBuilder,
  x: Value,
  indices: readonly Value[],
  shape: readonly number[],
): number | undefined {
  if (indices.length !== x.shape.length || shape.length !== x.shape.length) return undefined;
  const free = indices.flatMap((index, axis) => {
    return countsAlong(graph, index, axis) && index.shape[axis] === x.shape[axis] ? [] : [axis];
  });
  return free.length <= 1 ? free[0] ?? 0 : undefined;
}

/** All index arrays side by side on a new last axis, as GatherND wants them; shape `[...index, n]`. */
function stackIndices(graph: GraphBuilder, indices: readonly Value[], shape: readonly number[]): string {
  const columns = indices.map((index) => {
    const whole = expand(graph, broadcastIndex(graph, index, shape));
    const name = graph.reshape(whole.name, whole.extents, [...shape, 1]);
    return graph.node("Cast", [name], { to: 7 });
  });
  return columns.length === 1 ? columns[0] ?? "" : graph.node("Concat", columns, { axis: shape.length });
}

/** The axes of an operand with the indexed ones first. */
function indexedFirst(rank: number, axis: readonly number[]): number[] {
  return [...axis, ...axesOf(rank).filter((place) => !axis.includes(place))];
}

/** A permutation that moves the first `count` axes of `rank` to start at `outDim`. */
function moveLeading(rank: number, count: number, outDim: number): number[] {
  const rest = axesOf(rank).slice(count);
  return [...rest.slice(0, outDim), ...axesOf(count), ...rest.slice(outDim)];
}

/** Elements along several axes at once: GatherND on the operand with those axes in front. */
function gatherTogether(
  graph: GraphBuilder,
  x: Value,
  indices: readonly Value[],
  { axis, outDim }: Indexing,
): Value {
  const shape = indexShape(indices);
  const front = transposeValue(graph, expand(graph, x, axis), indexedFirst(x.shape.length, axis));
  const name = graph.node("GatherND", [front.name, stackIndices(graph, indices, shape)]);
  const rest = { shape: front.shape.slice(axis.length), extents: front.extents.slice(axis.length) };
  const result = {
    name,
    dtype: x.dtype,
    shape: [...shape, ...rest.shape],
    extents: [...shape, ...rest.extents],
  };
  return transposeValue(graph, result, moveLeading(result.shape.length, shape.length, outDim));
}

/** Picks elements by index arrays. */
export const lowerGather: LoweringRule = (graph, application) => {
  const axis: readonly number[] = application.params.axis;
  const outDim: number = application.params.outDim;
  const x = inputOf(application, 0);
  const output = outputOf(application);
  const indices = application.inputs.slice(1);
  const shape = indexShape(indices);
  if (axis.length === 1) {
    const [at = 0] = axis;
    const index = broadcastIndex(graph, inputOf(application, 1), shape);
    const source = expand(graph, x, [at]);
    const name = graph.node("Gather", [source.name, index.name], { axis: at });
    const extents = [...source.extents.slice(0, at), ...index.extents, ...source.extents.slice(at + 1)];
    const full = [...x.shape.slice(0, at), ...shape, ...x.shape.slice(at + 1)];
    const result = { name, dtype: x.dtype, shape: full, extents };
    const order = axesOf(full.length);
    const moved = order.splice(at, shape.length);
    order.splice(outDim, 0, ...moved);
    return [transposeValue(graph, result, order)];
  }
  const wide = indices.map((index) => broadcastIndex(graph, index, shape));
  const along = outDim === 0 && axis.every((place, order) => place === order)
    ? alongAxis(graph, x, wide, shape)
    : undefined;
  if (along === undefined) return [gatherTogether(graph, x, indices, { axis, outDim })];
  const index = expand(graph, wide[along] ?? x);
  const name = graph.node("GatherElements", [expand(graph, x).name, index.name], { axis: along });
  return [{ ...output, extents: output.shape, name }];
};

/** Adds `updates` into zeros at index arrays that count on all axes but one. */
function scatterAlong(
  graph: GraphBuilder,
  updates: Value,
  index: Value,
  axis: number,
  output: TensorType,
): Value {
  const zeros = expandedZeros(graph, output);
  const whole = expand(graph, index);
  const inputs = [zeros, whole.name, expand(graph, updates).name];
  return {
    ...output,
    extents: output.shape,
    name: graph.node("ScatterElements", inputs, { axis, reduction: "add" }),
  };
}

/** A tensor of zeros, whole. */
function expandedZeros(graph: GraphBuilder, { shape, dtype }: TensorType): string {
  return graph.node("Expand", [graph.scalar(0, dtype === "uint32" ? "int32" : dtype), graph.integers(shape)]);
}

/** The reverse of a gather: adds updates into zeros at the places given by index arrays. */
export const lowerScatter: LoweringRule = (graph, application) => {
  const axis: readonly number[] = application.params.axis;
  const outDim: number = application.params.outDim;
  if (application.params.op !== "add") {
    throw new UnsupportedPrimitiveError("scatter", `only "add" is lowered, not "${application.params.op}"`);
  }
  const updates = inputOf(application, 0);
  const output = outputOf(application);
  const indices = application.inputs.slice(1);
  const shape = indexShape(indices);
  const wide = indices.map((index) => broadcastIndex(graph, index, shape));
  const target = { name: "", dtype: output.dtype, shape: output.shape, extents: output.shape };
  const inOrder = outDim === 0 && axis.every((place, order) => place === order);
  const along = axis.length > 1 && inOrder ? alongAxis(graph, target, wide, shape) : undefined;
  const index = along === undefined ? undefined : wide[along];
  if (along !== undefined && index) return [scatterAlong(graph, updates, index, along, output)];
  return [scatterRows(graph, updates, wide, { axis, outDim }, output)];
};

/**
 * Adds updates into the rows that indices name, one after the other: ScatterElements. ScatterND would add in several
 * threads at once, and lose some of what falls on one place (onnxruntime issues 18048 and 23396).
 */
function scatterRows(
  graph: GraphBuilder,
  updates: Value,
  indices: readonly Value[],
  { axis, outDim }: Indexing,
  output: TensorType,
): Value {
  const order = indexedFirst(output.shape.length, axis);
  const frontShape = order.map((place) => sideOf(output.shape, place));
  const shape = indexShape(indices);
  const backwards = moveLeading(updates.shape.length, shape.length, outDim);
  const inverse = axesOf(backwards.length).map((place) => backwards.indexOf(place));
  const front = transposeValue(graph, expand(graph, updates), inverse);
  const sides = frontShape.slice(0, axis.length);
  const [numRows, width] = [sizeOf(sides), sizeOf(frontShape.slice(axis.length))];
  const rows = graph.reshape(front.name, front.extents, [sizeOf(shape), width]);
  const places = graph.node("Expand", [
    rowNumbers(graph, indices, sides),
    graph.integers([sizeOf(shape), width]),
  ]);
  const zeros = expandedZeros(graph, { shape: [numRows, width], dtype: output.dtype });
  const added = graph.node("ScatterElements", [zeros, places, rows], { axis: 0, reduction: "add" });
  const name = graph.reshape(added, [numRows, width], frontShape);
  const result = { name, dtype: output.dtype, shape: frontShape, extents: frontShape };
  return transposeValue(graph, result, axesOf(order.length).map((place) => order.indexOf(place)));
}

/** The row that index arrays mean together, if the axes that they index were one: int32 `[n, 1]`. */
function rowNumbers(graph: GraphBuilder, indices: readonly Value[], sides: readonly number[]): string {
  const columns = indices.map((index) => {
    const whole = expand(graph, index);
    return graph.reshape(whole.name, whole.extents, [sizeOf(whole.extents), 1]);
  });
  if (columns.length === 1) return columns[0] ?? "";
  return columns.reduce((sum, column, place) => {
    const side = graph.scalar(sides[place] ?? 1, "int32");
    const inside = graph.node("Mod", [column, side]); // an index below 0 counts from the end
    return sum === "" ? inside : graph.node("Add", [graph.node("Mul", [sum, side]), inside]);
  }, "");
}
