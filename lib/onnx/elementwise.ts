import { type DType, storageOf } from "./dtype.ts";
import type { Attribute, GraphBuilder } from "./graph_builder.ts";
import { isConstantAlong, sameShape, sideOf, type TensorType, type Value } from "./value.ts";

/** A value's tensor with full extent on the given axes, on all by default. */
export function expand(graph: GraphBuilder, value: Value, axes?: readonly number[]): Value {
  const extents = value.extents.map((extent, axis) =>
    !axes || axes.includes(axis) ? sideOf(value.shape, axis) : extent
  );
  if (sameShape(extents, value.extents)) return value;
  const { constant: _, ...rest } = value;
  return { ...rest, extents, name: graph.node("Expand", [value.name, graph.integers(extents)]) };
}

/** The extents of an elementwise result: 1 where every operand is constant along the axis. */
export function broadcastExtents(shape: readonly number[], inputs: readonly Value[]): number[] {
  return shape.map((_, axis) => {
    const extents = inputs.map((input) => input.extents[axis - shape.length + input.extents.length] ?? 1);
    return extents.includes(0) ? 0 : Math.max(1, ...extents);
  });
}

/** Applies an operator that maps elements, with numpy's broadcasting, to operands as they are held. */
export function mapElements(
  graph: GraphBuilder,
  op: string,
  inputs: readonly Value[],
  output: TensorType,
  attributes: Readonly<Record<string, Attribute>> = {},
): Value {
  const name = graph.node(op, inputs.map((input) => input.name), attributes);
  return { ...output, name, extents: broadcastExtents(output.shape, inputs) };
}

/** A value of another type with the same shape: `name` holds it with the extents of `value`. */
export function withName(value: Value, name: string, dtype: DType = value.dtype): Value {
  return { shape: value.shape, extents: value.extents, dtype, name };
}

/** A constant with the given shape, held as one element. */
export function fill(graph: GraphBuilder, number: number, { shape, dtype }: TensorType): Value {
  const extents = shape.map(() => 1);
  const name = graph.reshape(graph.scalar(number, storageOf(dtype)), [], extents);
  return { shape, dtype, extents, name };
}

/** The number that every element of `value` is, if lowering can tell. */
export function uniformOf(graph: GraphBuilder, value: Value): number | undefined {
  const movement = graph.movementOf(value.name);
  return graph.scalarOf(movement && !movement.perm ? movement.source : value.name);
}

/** Converts a value to another type as jax-js does: towards zero for integers, `!= 0` for booleans. */
export function castTo(graph: GraphBuilder, value: Value, dtype: DType): Value {
  if (value.dtype === dtype) return value;
  const number = uniformOf(graph, value);
  if (number !== undefined) {
    const source = graph.scalar(castNumber(number, dtype), storageOf(dtype));
    return withName(value, graph.reshape(source, [], value.extents), dtype);
  }
  return withName(value, castName(graph, value, dtype), dtype);
}

function castNumber(number: number, dtype: DType): number {
  if (dtype === "bool") return number ? 1 : 0;
  return dtype === "float32"
    ? number
    : dtype === "uint32"
    ? Math.trunc(number) >>> 0
    : Math.trunc(number) | 0;
}

function castName(graph: GraphBuilder, value: Value, dtype: DType): string {
  const { name } = value;
  if (value.dtype === "uint32" && dtype === "int32") return name;
  if (dtype === "uint32") {
    if (value.dtype !== "float32") {
      return value.dtype === "bool" ? graph.node("Cast", [name], { to: 6 }) : name;
    }
    return graph.node("Cast", [graph.node("Cast", [name], { to: 7 })], { to: 6 });
  }
  if (value.dtype === "uint32" && dtype === "float32") {
    return graph.node("Cast", [unsignedName(graph, value)], { to: 1 });
  }
  const to = { float32: 1, int32: 6, bool: 9 }[dtype];
  return graph.node("Cast", [name], { to });
}

/** The elements of a uint32 value as int64. */
export function unsignedName(graph: GraphBuilder, value: Value): string {
  return graph.node("Cast", [graph.node("Cast", [value.name], { to: 12 })], { to: 7 });
}

/** A uint32 value with its top bit flipped: signed comparison of such values is unsigned comparison. */
export function flipTopBit(graph: GraphBuilder, value: Value): Value {
  return withName(value, graph.node("BitwiseXor", [value.name, graph.scalar(-0x80000000, "int32")]));
}

/** Whether `value` is held whole. */
export function isExpanded(value: Value): boolean {
  return value.shape.every((_, axis) => !isConstantAlong(value, axis));
}
