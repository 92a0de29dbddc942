import type { TensorData } from "../core/mod.ts";
import type { DType } from "./dtype.ts";

/** Shape and element type, as jax-js sees them. */
export interface TensorType {
  readonly shape: readonly number[];
  readonly dtype: DType;
}

/**
 * A value of the traced program inside a graph.
 *
 * Broadcasts are lazy: an axis of `shape` along which the value is constant may be held with extent 1. Traced gradients
 * broadcast cotangents to full rank before they contract them; without laziness they are a hundred times slower.
 */
export interface Value extends TensorType {
  /** Name of the tensor in the graph. */
  readonly name: string;
  /** Shape of the tensor in the graph: that of the value, or 1 where the value is constant along an axis. */
  readonly extents: readonly number[];
  /** The elements, in the order of `extents`, where they are known while lowering and few. */
  readonly constant?: TensorData;
  /** The sum over the last axis, where it is known to be cheaper than adding up the elements. */
  readonly sumOfLast?: Value;
  /** Of a square mask: it holds on and below the diagonal, or below it alone, and nowhere else. */
  readonly triangle?: "inclusive" | "exclusive";
  /** Of a count, as of a loop's iterations: it is below this, and 0 or more. */
  readonly below?: number;
  /** Of a mask that holds in one slice: which one. */
  readonly slice?: OneSlice;
}

/** A slice of a tensor. */
export interface OneSlice {
  /** Counted from behind, -1 the last: what broadcasts with other ranks keeps it. */
  readonly axis: number;
  /** Name of an int32 edge of one element: the place along the axis, which has it. */
  readonly index: string;
}

/** Whether elements are `from, from + 1, …`; of unknown ones nobody can tell. */
export function countsUp(elements: TensorData | undefined, from = 0): boolean {
  return elements !== undefined && elements.every((value, place) => value === place + from);
}

/** Whether two shapes are the same. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((side, axis) => side === b[axis]);
}

/** The side of an axis; a shape is never indexed outside its rank. */
export function sideOf(shape: readonly number[], axis: number): number {
  const side = shape[axis];
  if (side === undefined) {
    throw new RangeError(`Cannot read shape: axis must be below ${shape.length}, got ${axis}`);
  }
  return side;
}

/** Whether a value is held with fewer elements than its shape has along `axis`. */
export function isConstantAlong(value: Value, axis: number): boolean {
  return value.extents[axis] === 1 && value.shape[axis] !== 1;
}

/** Axis numbers `0 .. count - 1`. */
export function axesOf(count: number): number[] {
  return Array.from({ length: count }, (_, axis) => axis);
}

/** All positions of a box, the last axis fastest. */
export function placesOf(sides: readonly number[]): number[][] {
  return sides.reduce<number[][]>((places, side) => {
    return places.flatMap((place) => axesOf(side).map((index) => [...place, index]));
  }, [[]]);
}
