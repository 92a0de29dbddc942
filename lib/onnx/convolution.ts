import { sizeOf } from "../core/mod.ts";
import { castTo, expand } from "./elementwise.ts";
import type { GraphBuilder } from "./graph_builder.ts";
import { inputOf, type LoweringRule, outputOf, type PrimitiveParameters } from "./lowering_rule.ts";
import { flipValue, pad, reshapeValue, slice, transposeValue } from "./movement.ts";
import { axesOf, placesOf, sideOf, type Value } from "./value.ts";

/** The window of a convolution; one entry for every spatial axis. */
interface Window {
  readonly strides: readonly number[];
  readonly padding: readonly (readonly [number, number])[];
  readonly lhsDilation: readonly number[];
  readonly rhsDilation: readonly number[];
}

/** Largest number of shifted matrix products into which one convolution is cut. */
const MAX_SHIFTS = 64;

/** The window of an application; without spatial axes, one of side 1. */
function windowOf(params: PrimitiveParameters): Window {
  const window: Window = {
    strides: params.strides,
    padding: params.padding,
    lhsDilation: params.lhsDilation,
    rhsDilation: params.rhsDilation,
  };
  if (window.strides.length > 0) return window;
  return { strides: [1], padding: [[0, 0]], lhsDilation: [1], rhsDilation: [1] };
}

/** Puts `step - 1` zeros between neighbours along the spatial axes of `[N, C, ...]`. */
function dilate(graph: GraphBuilder, x: Value, steps: readonly number[]): Value {
  if (steps.every((step) => step === 1)) return x;
  const [n = 1, c = 1, ...sides] = x.shape;
  const apart = [n, c, ...sides.flatMap((side) => [side, 1])];
  const widths = [[0, 0], [0, 0], ...steps.flatMap((step) => [[0, 0], [0, step - 1]])];
  const spread = graph.reshape(x.name, x.shape, apart);
  const pairs = widths.map(([before = 0, after = 0]) => [before, after] as const);
  const padded = pad(graph, spread, apart, pairs, graph.scalar(0, "float32"));
  const joined = [n, c, ...sides.map((side, axis) => side * sideOf(steps, axis))];
  const shape = [n, c, ...sides.map((side, axis) => (side - 1) * sideOf(steps, axis) + 1)];
  const whole = graph.reshape(
    padded,
    [n, c, ...sides.flatMap((side, axis) => [side, sideOf(steps, axis)])],
    joined,
  );
  return { ...x, name: slice(graph, whole, joined, shape.map((side) => [0, side])), shape, extents: shape };
}

/** Pads (or, where negative, cuts) the spatial axes of `[N, C, ...]`. */
function padSpatial(graph: GraphBuilder, x: Value, padding: Window["padding"]): Value {
  const widths = [[0, 0] as const, [0, 0] as const, ...padding];
  const shape = x.shape.map((side, axis) => side + (widths[axis]?.[0] ?? 0) + (widths[axis]?.[1] ?? 0));
  return {
    ...x,
    name: pad(graph, x.name, x.shape, widths, graph.scalar(0, "float32")),
    shape,
    extents: shape,
  };
}

/** ONNX's Conv; `x` is `[N, G C, ...]`, `kernel` is `[G O, C, ...]`. */
function convNode(
  graph: GraphBuilder,
  x: Value,
  kernel: Value,
  window: Window,
  group: number,
  shape: readonly number[],
) {
  const isNegative = window.padding.flat().some((side) => side < 0);
  const source = isNegative ? padSpatial(graph, x, window.padding) : x;
  const pads = isNegative ? window.padding.flatMap(() => [0, 0]) : [
    ...window.padding.map(([before]) => before),
    ...window.padding.map(([, after]) => after),
  ];
  const name = graph.node("Conv", [source.name, kernel.name], {
    strides: window.strides,
    dilations: window.rhsDilation,
    pads,
    group,
    kernel_shape: kernel.shape.slice(2),
  });
  return { name, dtype: x.dtype, shape, extents: shape };
}

/**
 * A convolution whose kernel is as large as a picture and whose result is small: the gradient of a kernel. One matrix
 * product for every place of the result, between the operand shifted there and the kernel; `[C, N P] x [N P, O]`, held
 * as a stack of N products that are summed, since jax-js transposed the operands and nothing must move.
 */
function shiftedProducts(
  graph: GraphBuilder,
  x: Value,
  kernel: Value,
  window: Window,
  shape: readonly number[],
): Value {
  const padded = padSpatial(graph, x, window.padding);
  const [rows = 1, inner = 1] = padded.shape;
  const [columns = 1, , ...sides] = kernel.shape;
  const picture = sizeOf(sides);
  const swapped = transposeValue(graph, padded, [1, 0, ...axesOf(padded.shape.length).slice(2)]);
  const weights = transposeValue(graph, kernel, [1, 0, ...axesOf(kernel.shape.length).slice(2)]);
  const right = graph.transpose(
    graph.reshape(weights.name, weights.extents, [inner, columns, picture]),
    [inner, columns, picture],
    [0, 2, 1],
  );
  const products = placesOf(shape.slice(2)).map((place) => {
    const ranges = sides.map((side, axis): [number, number] => {
      const start = sideOf(place, axis) * sideOf(window.strides, axis);
      return [start, start + (side - 1) * sideOf(window.rhsDilation, axis) + 1];
    });
    const part = slice(graph, swapped.name, swapped.extents, [[0, inner], [0, rows], ...ranges], [
      1,
      1,
      ...window.rhsDilation,
    ]);
    const left = graph.reshape(part, [inner, rows, ...sides], [inner, rows, picture]);
    const sum = graph.node("ReduceSum", [graph.node("MatMul", [left, right]), graph.integers([0])], {
      keepdims: 0,
    });
    return graph.reshape(sum, [rows, columns], [rows, columns, 1]);
  });
  const name = products.length === 1 ? products[0] ?? "" : graph.node("Concat", products, { axis: 2 });
  return {
    name: graph.reshape(name, [rows, columns, products.length], shape),
    dtype: x.dtype,
    shape,
    extents: shape,
  };
}

/**
 * ONNX's ConvTranspose: a convolution of an operand with zeros between its elements, as the gradient of a strided
 * convolution is. It wants the kernel as `[C, O, ...]` and not flipped, so that the gradient gets the kernel of the
 * convolution itself. Undefined where its padding cannot be expressed.
 */
function transposedConv(
  graph: GraphBuilder,
  x: Value,
  kernel: Value,
  window: Window,
  shape: readonly number[],
): Value | undefined {
  const sides = kernel.shape.slice(2);
  const reach = sides.map((side, axis) => (side - 1) * sideOf(window.rhsDilation, axis));
  const before = window.padding.map(([width], axis) => sideOf(reach, axis) - width);
  const after = window.padding.map(([, width], axis) => sideOf(reach, axis) - width);
  const extra = after.map((width) => Math.max(0, -width));
  const isPossible = before.every((width) => width >= 0) && window.strides.every((stride) => stride === 1) &&
    extra.every((width, axis) => width < sideOf(window.lhsDilation, axis));
  if (!isPossible) return undefined;
  const spatial = axesOf(kernel.shape.length).slice(2);
  const weights = flipValue(graph, transposeValue(graph, kernel, [1, 0, ...spatial]), spatial);
  const name = graph.node("ConvTranspose", [x.name, weights.name], {
    strides: window.lhsDilation,
    dilations: window.rhsDilation,
    pads: [...before, ...after.map((width) => Math.max(0, width))],
    output_padding: extra,
    kernel_shape: sides,
  });
  return { name, dtype: x.dtype, shape, extents: shape };
}

/** The convolution of `[N, G C, ...]` with `[G O, C, ...]`, by the fastest of several ways. */
function convolve(
  graph: GraphBuilder,
  x: Value,
  kernel: Value,
  window: Window,
  group: number,
  shape: readonly number[],
): Value {
  const places = sizeOf(shape.slice(2));
  const isLarge = sizeOf(kernel.shape.slice(2)) > places;
  if (group === 1 && !isLarge && window.lhsDilation.some((step) => step > 1)) {
    const transposed = transposedConv(graph, x, kernel, window, shape);
    if (transposed) return transposed;
  }
  const source = dilate(graph, x, window.lhsDilation);
  if (group === 1 && places <= MAX_SHIFTS && isLarge) {
    return shiftedProducts(graph, source, kernel, window, shape);
  }
  return convNode(graph, source, kernel, window, group, shape);
}

/** Folds leading batch axes of both operands into groups of channels, and unfolds them in the result. */
export const lowerConv: LoweringRule = (graph, application) => {
  const output = outputOf(application);
  const batch: number = application.params.vmapDims;
  const window = windowOf(application.params);
  const hasSpace = output.shape.length > batch + 2;
  const [x, kernel] = [0, 1].map((index) => {
    const value = expand(graph, castTo(graph, inputOf(application, index), "float32"));
    return hasSpace ? value : reshapeValue(graph, value, [...value.shape, 1]);
  });
  if (!x || !kernel) return [];
  const outShape = hasSpace ? output.shape : [...output.shape, 1];
  const [n = 1, o = 1, ...sides] = outShape.slice(batch);
  if (batch === 0) {
    return [reshapeValue(graph, { ...convolve(graph, x, kernel, window, 1, outShape) }, output.shape)];
  }
  const lead = outShape.slice(0, batch);
  const group = sizeOf(lead);
  const [wideX, wideKernel] = [x, kernel].map((value) => {
    const full = expand(graph, { ...value, shape: [...lead, ...value.shape.slice(batch)] });
    return reshapeValue(graph, full, [group, ...full.shape.slice(batch)]);
  });
  if (!wideX || !wideKernel) return [];
  const channels = sideOf(wideX.shape, 2);
  const order = [1, 0, ...axesOf(wideX.shape.length).slice(2)];
  const stacked = reshapeValue(graph, transposeValue(graph, wideX, order), [
    n,
    group * channels,
    ...wideX.shape.slice(3),
  ]);
  const filters = reshapeValue(graph, wideKernel, [group * o, channels, ...wideKernel.shape.slice(3)]);
  const result = convolve(graph, stacked, filters, window, group, [n, group * o, ...sides]);
  const apart = transposeValue(graph, reshapeValue(graph, result, [n, group, o, ...sides]), order);
  return [reshapeValue(graph, apart, output.shape)];
};
