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

/** An operand as MatMul reads it: the last two extents are a matrix. */
interface Matrices {
  readonly name: string;
  readonly extents: readonly number[];
}

/**
 * An operand as a matrix or a stack of them: axes `[...batch, rows, columns]`. Nothing moves in memory where the tensor
 * already holds the three groups one after another; swapping rows and columns is left to a Transpose next to the
 * MatMul, which ONNX Runtime fuses.
 */
function asMatrices(
  graph: GraphBuilder,
  value: Value,
  batch: readonly number[],
  rows: readonly number[],
  columns: readonly number[],
): Matrices {
  const { source, axes, extents } = storedAxes(graph, value);
  const sidesOf = (group: readonly number[]) => group.map((axis) => sideOf(value.extents, axis));
  const held = axes.filter((axis) => value.extents[axis] !== 1);
  const lead = sidesOf(batch), height = sizeOf(sidesOf(rows)), width = sizeOf(sidesOf(columns));
  const target = [...lead, height, width];
  if ([...batch, ...rows, ...columns].join() === held.join()) {
    return { name: graph.reshape(source, extents, target), extents: target };
  }
  if ([...batch, ...columns, ...rows].join() === held.join()) {
    const swapped = graph.reshape(source, extents, [...lead, width, height]);
    const perm = [...axesOf(lead.length), lead.length + 1, lead.length];
    return { name: graph.transpose(swapped, [...lead, width, height], perm), extents: target };
  }
  const wanted = [...batch, ...rows, ...columns];
  const compact = graph.reshape(source, extents, sidesOf(held));
  const moved = graph.transpose(compact, sidesOf(held), wanted.map((axis) => held.indexOf(axis)));
  return { name: graph.reshape(moved, sidesOf(wanted), target), extents: target };
}

/** A left operand without batch axes just as it is held, or was before a reshape: its last axis alone is summed over. */
function asRows(graph: GraphBuilder, value: Value, groups: AxisGroups): Matrices | undefined {
  const movement = graph.movementOf(value.name);
  if (movement?.perm || groups.batch.length > 0) return undefined;
  const { source, extents } = movement ?? { source: value.name, extents: value.extents };
  const isMatrix = extents.length > 1 && extents.at(-1) === value.extents[groups.summed];
  return isMatrix ? { name: source, extents } : undefined;
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
  const a = asRows(graph, x, groups) ?? asMatrices(graph, x, batch, left, [summed]);
  const b = asMatrices(graph, y, batch, [summed], right);
  const product = graph.node("MatMul", [a.name, b.name]);
  const produced = [...a.extents.slice(0, -1), b.extents.at(-1) ?? 1];
  const order = [...batch, ...left, ...right];
  const extentOf = (axis: number) => Math.max(sideOf(x.extents, axis), sideOf(y.extents, axis));
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
