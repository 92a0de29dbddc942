import { groupReshape } from "./axis_groups.ts";
import { castTo, expand, withName } from "./elementwise.ts";
import type { GraphBuilder } from "./graph_builder.ts";
import { inputOf, type LoweringRule, outputOf, simpleRule } from "./lowering_rule.ts";
import { axesOf, isConstantAlong, sameShape, sideOf, type Value } from "./value.ts";

/** A pair of whole numbers: start and end, or before and after. */
type Pair = readonly [number, number];

/** Reshapes a value; broadcast axes stay lazy where the new axes allow it. */
export function reshapeValue(graph: GraphBuilder, value: Value, shape: readonly number[]): Value {
  const isEmpty = value.shape.includes(0);
  const groups = isEmpty
    ? [{ from: axesOf(value.shape.length), to: axesOf(shape.length) }]
    : groupReshape(value.shape, shape);
  const mixed = groups.flatMap(({ from }) => {
    const lazy = from.filter((axis) => isConstantAlong(value, axis));
    const held = from.filter((axis) => value.extents[axis] !== 1);
    return isEmpty || (lazy.length > 0 && held.length > 0) ? from : [];
  });
  const source = expand(graph, value, mixed);
  const extents = [...shape];
  for (const { from, to } of groups) {
    if (from.some((axis) => isConstantAlong(source, axis))) to.forEach((axis) => extents[axis] = 1);
  }
  const name = graph.reshape(source.name, source.extents, extents);
  return keepConstant(source, { shape, dtype: value.dtype, extents, name });
}

/** Reshaping does not change the elements, so a known constant stays known; a triangle does with axes before it alone. */
function keepConstant({ constant, triangle, shape }: Value, value: Value): Value {
  const isSquare = sameShape(shape, value.shape.slice(-2)) && sameShape(shape, value.extents.slice(-2));
  return { ...value, ...(constant && { constant }), ...(triangle && isSquare && { triangle }) };
}

/** Changes the order of the axes. */
export function transposeValue(graph: GraphBuilder, value: Value, perm: readonly number[]): Value {
  const name = graph.transpose(value.name, value.extents, perm);
  const [shape, extents] = [value.shape, value.extents].map((sides) =>
    perm.map((axis) => sideOf(sides, axis))
  );
  return { name, dtype: value.dtype, shape: shape ?? [], extents: extents ?? [] };
}

/** Reorders the axes: `perm`. */
export const lowerTranspose: LoweringRule = simpleRule((graph, x, _output, { params }) => {
  const perm: readonly number[] = params.perm;
  return transposeValue(graph, x, perm);
});

/** Reshapes to the result's shape. */
export const lowerReshape: LoweringRule = simpleRule((graph, x, output) =>
  reshapeValue(graph, x, output.shape)
);

/** Adds axes, and repeats along axes of side 1: costs nothing until something needs the repeated elements. */
export const lowerBroadcast: LoweringRule = simpleRule((graph, x, output, { params }) => {
  const axis: readonly number[] = params.axis;
  const added = new Set(axis.map((place) => place < 0 ? place + output.shape.length : place));
  let next = 0;
  const extents = output.shape.map((_, place) => added.has(place) ? 1 : sideOf(x.extents, next++));
  const name = graph.reshape(x.name, x.extents, extents);
  return keepConstant(x, { ...output, extents, name });
});

/** Reverses the order along axes; goes before a transpose, and undoes itself. */
export function flipValue(graph: GraphBuilder, value: Value, axes: readonly number[]): Value {
  const held = axes.filter((axis) => value.extents[axis] !== 1).toSorted((a, b) => a - b);
  if (held.length === 0) return value;
  const movement = graph.movementOf(value.name);
  if (!movement?.perm) return withName(value, flipName(graph, value.name, held));
  const { source, extents, perm } = movement;
  const flipped = flipName(graph, source, held.map((axis) => perm[axis] ?? 0).toSorted((a, b) => a - b));
  return withName(value, graph.transpose(flipped, extents, perm));
}

function flipName(graph: GraphBuilder, name: string, axes: readonly number[]): string {
  const vector = (value: number) => graph.integers(axes.map(() => value));
  const parameters = [vector(-1), vector(-(2 ** 31)), graph.integers(axes), vector(-1)];
  const made = graph.producerOf(name);
  const [before, ...rest] = made?.inputs ?? [];
  if (made?.op === "Slice" && before !== undefined && rest.join() === parameters.join()) return before;
  return graph.node("Slice", [name, ...parameters]);
}

/** Reverses the order along the axes given. */
export const lowerFlip: LoweringRule = simpleRule((graph, x, _output, { params }) =>
  flipValue(graph, x, params.axis)
);

/** Cuts `ranges[axis] = [start, end]` out of a tensor held as `extents`, with an optional step on every axis. */
export function slice(
  graph: GraphBuilder,
  name: string,
  extents: readonly number[],
  ranges: readonly Pair[],
  steps?: readonly number[],
): string {
  const axes = axesOf(extents.length).filter((axis) => {
    const [start, end] = ranges[axis] ?? [0, 0];
    return start !== 0 || end !== extents[axis] || (steps?.[axis] ?? 1) !== 1;
  });
  if (axes.length === 0) return name;
  const starts = graph.integers(axes.map((axis) => ranges[axis]?.[0] ?? 0));
  const ends = graph.integers(axes.map((axis) => ranges[axis]?.[1] ?? 0));
  const stride = graph.integers(axes.map((axis) => steps?.[axis] ?? 1));
  return graph.node("Slice", [name, starts, ends, graph.integers(axes), stride]);
}

/** Cuts a box out. */
export const lowerShrink: LoweringRule = simpleRule((graph, x, output, { params }) => {
  const box: readonly Pair[] = params.slice;
  const isKept = (axis: number) => isConstantAlong(x, axis) && sideOf(output.shape, axis) > 0;
  const ranges = box.map((pair, axis): Pair => isKept(axis) ? [0, 1] : pair);
  const source = expand(
    graph,
    x,
    axesOf(box.length).filter((axis) => isConstantAlong(x, axis) && !isKept(axis)),
  );
  const extents = ranges.map(([start, end]) => end - start);
  return { ...output, extents, name: slice(graph, source.name, source.extents, ranges) };
});

/** Adds zeros around a tensor held as `extents`; a negative width cuts. */
export function pad(
  graph: GraphBuilder,
  name: string,
  extents: readonly number[],
  widths: readonly Pair[],
  zero: string,
): string {
  const cut = slice(
    graph,
    name,
    extents,
    widths.map(([before, after], axis): Pair => {
      return [Math.max(0, -before), sideOf(extents, axis) + Math.min(0, after)];
    }),
  );
  const pads = [
    ...widths.map(([before]) => Math.max(0, before)),
    ...widths.map(([, after]) => Math.max(0, after)),
  ];
  return pads.every((width) => width === 0) ? cut : graph.node("Pad", [cut, graph.integers(pads), zero]);
}

/** Adds zeros around. */
export const lowerPad: LoweringRule = simpleRule((graph, x, output, { params }) => {
  const width: readonly Pair[] = params.width;
  const padded = axesOf(width.length).filter((axis) => width[axis]?.some((side) => side !== 0));
  const source = expand(graph, x, padded);
  const extents = source.extents.map((extent, axis) =>
    padded.includes(axis) ? sideOf(output.shape, axis) : extent
  );
  const zero = graph.scalar(0, x.dtype === "uint32" ? "int32" : x.dtype);
  return { ...output, extents, name: pad(graph, source.name, source.extents, width, zero) };
});

/** Joins the operands along an axis. */
export const lowerConcatenate: LoweringRule = (graph, application) => {
  const axis: number = application.params.axis;
  const output = outputOf(application);
  const inputs = application.inputs.map((input) => castTo(graph, input, output.dtype));
  const isLazy = axesOf(output.shape.length).map((place) => {
    return place !== axis && inputs.every((input) => input.extents[place] === 1);
  });
  const held = axesOf(output.shape.length).filter((place) => !isLazy[place]);
  const names = inputs.filter((input) => sideOf(input.shape, axis) > 0).map((input) =>
    expand(graph, input, held).name
  );
  const extents = output.shape.map((side, place) => isLazy[place] ? 1 : side);
  return [{
    ...output,
    extents,
    name: names.length === 1 ? names[0] ?? "" : graph.node("Concat", names, { axis }),
  }];
};

/** Cuts the operand along an axis into parts of the given sizes. */
export const lowerSplit: LoweringRule = (graph, application) => {
  const axis: number = application.params.axis;
  const sizes: readonly number[] = application.params.sizes;
  const x = inputOf(application, 0);
  if (isConstantAlong(x, axis)) {
    return application.outputs.map((output) => ({ ...output, extents: x.extents, name: x.name }));
  }
  const names = graph.nodes("Split", [x.name, graph.integers(sizes)], sizes.length, { axis });
  return application.outputs.map((output, part) => {
    const extents = x.extents.map((extent, place) => place === axis ? sideOf(output.shape, axis) : extent);
    return { ...output, extents, name: names[part] ?? "" };
  });
};
