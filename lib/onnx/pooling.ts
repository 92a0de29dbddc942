import { sizeOf } from "../core/mod.ts";
import { expand } from "./elementwise.ts";
import { storageOf } from "./dtype.ts";
import type { GraphBuilder } from "./graph_builder.ts";
import { type LoweringRule, simpleRule } from "./lowering_rule.ts";
import { pad, slice } from "./movement.ts";
import { axesOf, placesOf, sideOf, type Value } from "./value.ts";

/** The windows of a pool: `window` along the last axes, `strides` apart. */
interface Windows {
  readonly window: readonly number[];
  readonly strides: readonly number[];
}

/** Cuts the last axes into windows: `[..., out, window]`. One slice for every place of the window. */
export const lowerPool: LoweringRule = simpleRule((graph, x, output, { params }) => {
  const window: Windows["window"] = params.window, strides: Windows["strides"] = params.strides;
  const source = expand(graph, x);
  const lead = x.shape.slice(0, x.shape.length - window.length);
  const counts = output.shape.slice(lead.length, lead.length + window.length);
  const parts = placesOf(window).map((place) => {
    const ranges = place.map((start, axis): [number, number] => {
      return [start, start + (sideOf(counts, axis) - 1) * sideOf(strides, axis) + 1];
    });
    const whole = lead.map((side): [number, number] => [0, side]);
    const part = slice(graph, source.name, x.shape, [...whole, ...ranges], [
      ...lead.map(() => 1),
      ...strides,
    ]);
    return graph.reshape(part, [...lead, ...counts], [...lead, ...counts, 1]);
  });
  const name = graph.node("Concat", parts, { axis: output.shape.length - window.length });
  const stacked = [...lead, ...counts, sizeOf(window)];
  return { ...output, extents: output.shape, name: graph.reshape(name, stacked, output.shape) };
});

/** Adds windows back where they were cut out. */
export const lowerPoolTranspose: LoweringRule = simpleRule((graph, x, output, { params }) => {
  const window: Windows["window"] = params.window, strides: Windows["strides"] = params.strides;
  const source = expand(graph, x);
  const parts = placesOf(window).map((place) =>
    spreadPlace(graph, source, place, { window, strides }, output.shape)
  );
  const sum = parts.reduce((total, part) => graph.node("Add", [total, part]));
  return { ...output, extents: output.shape, name: sum };
});

/** The elements at one place of every window, put back into a tensor of zeros of the given shape. */
function spreadPlace(
  graph: GraphBuilder,
  x: Value,
  place: readonly number[],
  { window, strides }: Windows,
  shape: readonly number[],
): string {
  const rank = shape.length, first = rank - window.length;
  const zero = graph.scalar(0, storageOf(x.dtype));
  const ranges = x.shape.map((side, axis): [number, number] => {
    return axis < rank ? [0, side] : [sideOf(place, axis - rank), sideOf(place, axis - rank) + 1];
  });
  const counts = x.shape.slice(first, rank), lead = shape.slice(0, first);
  const apart = [...lead, ...counts.flatMap((count) => [count, 1])];
  const cut = graph.reshape(slice(graph, x.name, x.shape, ranges), [
    ...x.shape.slice(0, rank),
    ...window.map(() => 1),
  ], apart);
  const gaps = apart.map((_, axis): [number, number] => {
    const step = axis < first || (axis - first) % 2 === 0 ? 1 : sideOf(strides, (axis - first - 1) / 2);
    return [0, step - 1];
  });
  const spread = pad(graph, cut, apart, gaps, zero);
  const joined = [...lead, ...counts.map((count, axis) => count * sideOf(strides, axis))];
  const wide = graph.reshape(spread, apart.map((side, axis) => side + (gaps[axis]?.[1] ?? 0)), joined);
  const margins = axesOf(rank).map((axis): [number, number] => {
    if (axis < first) return [0, 0];
    const before = sideOf(place, axis - first);
    return [before, sideOf(shape, axis) - sideOf(joined, axis) - before];
  });
  return pad(graph, wide, joined, margins, zero);
}
