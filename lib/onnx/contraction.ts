import { sizeOf } from "../core/mod.ts";
import { castTo } from "./elementwise.ts";
import type { GraphBuilder } from "./graph_builder.ts";
import { inputOf, type LoweringRule, outputOf } from "./lowering_rule.ts";
import { multiply, sumOver } from "./reduction.ts";
import { reshapeValue } from "./movement.ts";
import { axesOf, sideOf, type Value } from "./value.ts";

/** A value with axes of side 1 in front, so that it has `rank` axes. */
function withRank(graph: GraphBuilder, value: Value, rank: number): Value {
  return reshapeValue(graph, value, [...Array<number>(rank - value.shape.length).fill(1), ...value.shape]);
}

/** Axes of a contraction, each with extent above 1: in both operands, in one alone, summed over. */
interface AxisGroups {
  readonly batch: readonly number[];
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly summed: number;
}

/**
 * The order in which the operand's tensor holds its axes, looking through a transpose that made it; `source` is that
 * tensor.
 */
function storedAxes(
  graph: GraphBuilder,
  value: Value,
): { source: string; axes: readonly number[]; extents: readonly number[] } {
  const movement = graph.movementOf(value.name);
  if (movement?.perm) {
    const { perm } = movement;
    return {
      source: movement.source,
      extents: movement.extents,
      axes: movement.extents.map((_, place) => perm.indexOf(place)),
    };
  }
  return { source: value.name, extents: value.extents, axes: axesOf(value.extents.length) };
}

/** Those of `axes` in the order in which the operand's tensor holds them. */
function inStoredOrder(graph: GraphBuilder, value: Value, axes: readonly number[]): number[] {
  return storedAxes(graph, value).axes.filter((axis) => axes.includes(axis));
}

/**
 * An operand as a matrix or a stack of them: axes `[batch, rows, columns]`. Nothing moves in memory where the tensor
 * already holds the three groups one after another; swapping rows and columns is left to a Transpose next to the
 * MatMul, which ONNX Runtime fuses.
 */
function asMatrices(
  graph: GraphBuilder,
  value: Value,
  batch: readonly number[],
  rows: readonly number[],
  columns: readonly number[],
): string {
  const { source, axes, extents } = storedAxes(graph, value);
  const held = axes.filter((axis) => value.extents[axis] !== 1);
  const sides = [batch, rows, columns].map((group) =>
    sizeOf(group.map((axis) => sideOf(value.extents, axis)))
  );
  const [stack = 1, height = 1, width = 1] = sides;
  const lead = batch.length > 0 ? [stack] : [];
  if ([...batch, ...rows, ...columns].join() === held.join()) {
    return graph.reshape(source, extents, [...lead, height, width]);
  }
  if ([...batch, ...columns, ...rows].join() === held.join()) {
    const swapped = graph.reshape(source, extents, [...lead, width, height]);
    return graph.transpose(swapped, [...lead, width, height], batch.length > 0 ? [0, 2, 1] : [1, 0]);
  }
  const wanted = [...batch, ...rows, ...columns];
  const compact = graph.reshape(source, extents, held.map((axis) => sideOf(value.extents, axis)));
  const moved = graph.transpose(
    compact,
    held.map((axis) => sideOf(value.extents, axis)),
    wanted.map((axis) => held.indexOf(axis)),
  );
  return graph.reshape(moved, wanted.map((axis) => sideOf(value.extents, axis)), [...lead, height, width]);
}

/** Sorts the axes of `sum(x y)` over the last one. */
function groupAxes(graph: GraphBuilder, x: Value, y: Value): AxisGroups {
  const summed = x.extents.length - 1;
  const free = axesOf(summed);
  const inX = free.filter((axis) => x.extents[axis] !== 1);
  const inY = free.filter((axis) => y.extents[axis] !== 1);
  return {
    batch: inStoredOrder(graph, x, inX.filter((axis) => inY.includes(axis))),
    left: inStoredOrder(graph, x, inX.filter((axis) => !inY.includes(axis))),
    right: inStoredOrder(graph, y, inY.filter((axis) => !inX.includes(axis))),
    summed,
  };
}

/** `sum(x y)` over the last axis as a product of matrices. */
function matrixProduct(graph: GraphBuilder, x: Value, y: Value, groups: AxisGroups): Value {
  const { batch, left, right, summed } = groups;
  const a = asMatrices(graph, x, batch, left, [summed]);
  const b = asMatrices(graph, y, batch, [summed], right);
  const product = graph.node("MatMul", [a, b]);
  const order = [...batch, ...left, ...right];
  const extentOf = (axis: number) => Math.max(sideOf(x.extents, axis), sideOf(y.extents, axis));
  const rows = sizeOf(left.map(extentOf)), columns = sizeOf(right.map(extentOf));
  const produced = [...(batch.length > 0 ? [sizeOf(batch.map(extentOf))] : []), rows, columns];
  const free = axesOf(summed);
  const rest = free.filter((axis) => !order.includes(axis));
  const spread = graph.reshape(product, produced, [...order, ...rest].map(extentOf));
  const perm = free.map((axis) => [...order, ...rest].indexOf(axis));
  const shape = free.map((axis) => Math.max(sideOf(x.shape, axis), sideOf(y.shape, axis)));
  return {
    name: graph.transpose(spread, [...order, ...rest].map(extentOf), perm),
    dtype: x.dtype,
    shape,
    extents: free.map(extentOf),
  };
}

/** `sum(x y)` over the last axis, for operands of the same rank. */
export function contract(graph: GraphBuilder, x: Value, y: Value): Value {
  const summed = x.shape.length - 1;
  const free = axesOf(summed);
  const shape = free.map((axis) => {
    const sides = [sideOf(x.shape, axis), sideOf(y.shape, axis)];
    return sides.includes(0) ? 0 : Math.max(...sides);
  });
  const groups = groupAxes(graph, x, y);
  const isEmpty = [...x.shape, ...y.shape].includes(0);
  const isOneSided = x.extents[summed] === 1 || y.extents[summed] === 1;
  if (isOneSided && x.shape[summed] === y.shape[summed] && !isEmpty) {
    const [held, constant] = x.extents[summed] === 1 ? [y, x] : [x, y];
    const factor = sumOver(graph, { ...constant, shape: [...constant.shape.slice(0, summed), 1] }, [summed]);
    return multiply(graph, sumOver(graph, held, [summed]), factor, shape);
  }
  if (
    isEmpty || isOneSided ||
    (groups.left.length === 0 && groups.right.length === 0 && groups.batch.length > 0)
  ) {
    const full = [...shape, Math.max(sideOf(x.shape, summed), sideOf(y.shape, summed))];
    return sumOver(graph, multiply(graph, x, y, full), [summed]);
  }
  return matrixProduct(graph, x, y, groups);
}

/** `sum(x y)` over the last axis, with broadcasting. */
export const lowerDot: LoweringRule = (graph, application) => {
  const output = outputOf(application);
  const [a, b] = [inputOf(application, 0), inputOf(application, 1)];
  const inner = output.dtype === "bool" ? "int32" : output.dtype;
  const rank = Math.max(a.shape.length, b.shape.length);
  const [x, y] = [a, b].map((value) => withRank(graph, castTo(graph, value, inner), rank));
  if (!x || !y) return [];
  const result = contract(graph, x, y);
  return [castTo(graph, { ...result, shape: output.shape }, output.dtype)];
};
