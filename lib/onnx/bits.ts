import { castTo, mapElements, withName } from "./elementwise.ts";
import type { GraphBuilder } from "./graph_builder.ts";
import { inputOf, type LoweringRule, outputOf, simpleRule } from "./lowering_rule.ts";
import { UnsupportedPrimitiveError } from "./unsupported_primitive_error.ts";
import type { Value } from "./value.ts";

const UINT32 = 12, INT32 = 6, FLOAT32 = 1;

/** Bitwise "and", "or" or "xor"; the logical one for booleans. */
export const lowerBitCombine: LoweringRule = (graph, application) => {
  const op: "and" | "or" | "xor" = application.params.op;
  const output = outputOf(application);
  const name = { and: "And", or: "Or", xor: "Xor" }[op];
  const operands = [0, 1].map((index) => castTo(graph, inputOf(application, index), output.dtype));
  return [mapElements(graph, output.dtype === "bool" ? name : `Bitwise${name}`, operands, output)];
};

/** The bits of int32 elements, moved; zeros come in on either side. */
export function shiftBits(
  graph: GraphBuilder,
  name: string,
  by: string,
  direction: "LEFT" | "RIGHT",
): string {
  const operands = [name, by].map((operand) => graph.node("Cast", [operand], { to: UINT32 }));
  return graph.node("Cast", [graph.node("BitShift", operands, { direction })], { to: INT32 });
}

/** Shift to the left, or to the right with zeros coming in. */
export const lowerBitShift: LoweringRule = (graph, application) => {
  const direction = application.params.op === "shl" ? "LEFT" : "RIGHT";
  const output = outputOf(application);
  const operands = [0, 1].map((index) => inputOf(application, index)).map((value) => {
    return withName(value, graph.node("Cast", [value.name], { to: UINT32 }));
  });
  const shifted = mapElements(graph, "BitShift", operands, output, { direction });
  return [withName(shifted, graph.node("Cast", [shifted.name], { to: INT32 }))];
};

/** Byte `index` of int32 elements, 0 to 255. */
function byteOf(graph: GraphBuilder, name: string, index: number): string {
  const moved = index === 0 ? name : shiftBits(graph, name, graph.scalar(8 * index, "int32"), "RIGHT");
  return graph.node("BitwiseAnd", [moved, graph.scalar(255, "int32")]);
}

/** The number of bits that are 1, byte by byte from a table. */
export const lowerBitCount: LoweringRule = simpleRule((graph, x) => {
  const counts = Int32Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll("0", "").length);
  const table = graph.initializer("int32", [256], counts);
  const parts = [0, 1, 2, 3].map((index) =>
    graph.node("Gather", [table, byteOf(graph, x.name, index)], { axis: 0 })
  );
  return withName(x, parts.reduce((sum, part) => graph.node("Add", [sum, part])), "int32");
});

/** float32 numbers from their bits: `(-1)^sign 2^(exponent - 127) (1 + fraction / 2^23)`; subnormal ones become 0. */
function floatFromBits(graph: GraphBuilder, x: Value): Value {
  const shift = (places: number) => shiftBits(graph, x.name, graph.scalar(places, "int32"), "RIGHT");
  const exponent = graph.node("BitwiseAnd", [shift(23), graph.scalar(255, "int32")]);
  const powers = Float32Array.from({ length: 512 }, (_, index) => {
    const size = index % 256;
    const power = size === 0 ? 0 : size === 255 ? Infinity : 2 ** (size - 127);
    return index < 256 ? power : -power;
  });
  const table = graph.initializer("float32", [512], powers);
  const signed = graph.node("BitwiseAnd", [shift(23), graph.scalar(511, "int32")]);
  const scale = graph.node("Gather", [table, signed], { axis: 0 });
  const bits = graph.node("BitwiseAnd", [x.name, graph.scalar(0x7fffff, "int32")]);
  const fraction = graph.node("Mul", [
    graph.node("Cast", [bits], { to: FLOAT32 }),
    graph.scalar(2 ** -23, "float32"),
  ]);
  const number = graph.node("Mul", [scale, graph.node("Add", [fraction, graph.scalar(1, "float32")])]);
  const isNaN = graph.node("And", [
    graph.node("Equal", [exponent, graph.scalar(255, "int32")]),
    graph.node("Less", [graph.scalar(0, "int32"), bits]),
  ]);
  return withName(x, graph.node("Where", [isNaN, graph.scalar(NaN, "float32"), number]), "float32");
}

/** The same bits as another type; not from float32, which ONNX cannot take apart. */
export const lowerBitcast: LoweringRule = simpleRule((graph, x, output) => {
  if (x.dtype === output.dtype) return x;
  if (x.dtype === "float32") {
    throw new UnsupportedPrimitiveError("bitcast", `ONNX cannot read the bits of float32 as ${output.dtype}`);
  }
  return output.dtype === "float32" ? floatFromBits(graph, x) : withName(x, x.name, output.dtype);
});
