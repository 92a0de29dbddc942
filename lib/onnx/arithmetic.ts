import type { DType } from "./dtype.ts";
import { castTo, flipTopBit, mapElements, uniformOf, unsignedName, withName } from "./elementwise.ts";
import { runningSumOf, triangleOf } from "./cumulative.ts";
import type { GraphBuilder } from "./graph_builder.ts";
import { inputOf, type LoweringRule, outputOf, simpleRule } from "./lowering_rule.ts";
import { equalSlice, updateSlice } from "./update_slice.ts";
import { sameShape, type TensorType, type Value } from "./value.ts";

/** The type in which jax-js compares two operands. */
function comparedType(a: Value, b: Value): DType {
  const order: readonly DType[] = ["bool", "uint32", "int32", "float32"];
  return order[Math.max(order.indexOf(a.dtype), order.indexOf(b.dtype))] ?? a.dtype;
}

type Binary = (graph: GraphBuilder, x: Value, y: Value, output: TensorType) => Value;

/** A rule for a function of two operands, both converted to the type of the result. */
function binaryRule(binary: Binary): LoweringRule {
  return (graph, application) => {
    const output = outputOf(application);
    const [x, y] = [inputOf(application, 0), inputOf(application, 1)];
    return [binary(graph, castTo(graph, x, output.dtype), castTo(graph, y, output.dtype), output)];
  };
}

/** `x` alone, if it already has the shape of the result. */
function kept(x: Value, output: TensorType): Value | undefined {
  return sameShape(x.shape, output.shape) ? x : undefined;
}

/** `x + y`; "or" for booleans. */
export const lowerAdd: LoweringRule = binaryRule((graph, x, y, output) => {
  if (output.dtype === "bool") return mapElements(graph, "Or", [x, y], output);
  const same = (uniformOf(graph, x) === 0 && kept(y, output)) ||
    (uniformOf(graph, y) === 0 && kept(x, output));
  if (same) return same;
  const subtracted = graph.producerOf(y.name);
  if (subtracted?.op === "Neg" && subtracted.inputs[0]) {
    return mapElements(graph, "Sub", [x, withName(y, subtracted.inputs[0])], output);
  }
  return mapElements(graph, "Add", [x, y], output);
});

/** `x y`; "and" for booleans. */
export const lowerMul: LoweringRule = binaryRule((graph, x, y, output) => {
  if (output.dtype === "bool") return mapElements(graph, "And", [x, y], output);
  const same = (uniformOf(graph, x) === 1 && kept(y, output)) ||
    (uniformOf(graph, y) === 1 && kept(x, output));
  return same || mapElements(graph, "Mul", [x, y], output);
});

/** `min(x, y)` or `max(x, y)`. */
export function lowerExtremum(op: "Min" | "Max"): LoweringRule {
  return binaryRule((graph, x, y, output) => {
    if (output.dtype === "bool") return mapElements(graph, op === "Min" ? "And" : "Or", [x, y], output);
    if (output.dtype !== "uint32") return mapElements(graph, op, [x, y], output);
    return flipTopBit(graph, mapElements(graph, op, [flipTopBit(graph, x), flipTopBit(graph, y)], output));
  });
}

/** Both operands as int64, the result cut back to 32 bits: how uint32 is divided. */
function inInt64(graph: GraphBuilder, x: Value, y: Value, output: TensorType, op: string): Value {
  const wide = [withName(x, unsignedName(graph, x)), withName(y, unsignedName(graph, y))];
  const result = mapElements(graph, op, wide, output);
  return withName(result, graph.node("Cast", [result.name], { to: 6 }));
}

/** `trunc(x / y)`. */
export const lowerIdiv: LoweringRule = binaryRule((graph, x, y, output) => {
  if (output.dtype === "uint32") return inInt64(graph, x, y, output, "Div");
  const quotient = mapElements(graph, "Div", [x, y], output);
  if (output.dtype !== "float32") return quotient;
  const size = graph.node("Floor", [graph.node("Abs", [quotient.name])]);
  return withName(quotient, graph.node("Mul", [graph.node("Sign", [quotient.name]), size]));
});

/** The remainder with the sign of `x`. */
export const lowerMod: LoweringRule = binaryRule((graph, x, y, output) => {
  if (output.dtype === "uint32") return inInt64(graph, x, y, output, "Mod");
  return mapElements(graph, "Mod", [x, y], output, { fmod: 1 });
});

/** `-x`. */
export const lowerNeg: LoweringRule = simpleRule((graph, x) => withName(x, graph.node("Neg", [x.name])));

/** A function of one operand that ONNX has under the name `op`. */
export function lowerUnary(op: string): LoweringRule {
  return simpleRule((graph, x) => withName(x, graph.node(op, [x.name])));
}

/** Rounding, which leaves integers alone. */
export function lowerRounding(op: "Floor" | "Ceil"): LoweringRule {
  return simpleRule((graph, x) => x.dtype === "float32" ? withName(x, graph.node(op, [x.name])) : x);
}

/** `1 - erf(x)`. */
export const lowerErfc: LoweringRule = simpleRule((graph, x) => {
  return withName(x, graph.node("Sub", [graph.scalar(1, "float32"), graph.node("Erf", [x.name])]));
});

/** `x` itself. */
export const lowerIdentity: LoweringRule = simpleRule((_graph, x) => x);

/** Conversion to another type. */
export const lowerCast: LoweringRule = simpleRule((graph, x, output) => castTo(graph, x, output.dtype));

const COMPARISONS = { less: "Less", less_equal: "LessOrEqual", equal: "Equal", not_equal: "Equal" } as const;

/** Comparison of two operands. */
export const lowerCompare: LoweringRule = (graph, application) => {
  const op: keyof typeof COMPARISONS = application.params.op;
  const [a, b] = [inputOf(application, 0), inputOf(application, 1)];
  const ordered = op === "less" || op === "less_equal";
  const dtype = comparedType(a, b);
  const operands = [a, b].map((value) => {
    const cast = castTo(graph, value, ordered && dtype === "bool" ? "int32" : dtype);
    return ordered && dtype === "uint32" ? flipTopBit(graph, cast) : cast;
  });
  const result = mapElements(graph, COMPARISONS[op], operands, outputOf(application));
  if (op === "not_equal") return [withName(result, graph.node("Not", [result.name]))];
  const slice = op === "equal" ? equalSlice(a, b) : undefined;
  const triangle = op === "less_equal" ? triangleOf(a, b) : undefined;
  return [{ ...result, ...(slice && { slice }), ...(triangle && { triangle }) }];
};

/** `x` where the condition holds, else `y`. */
export const lowerWhere: LoweringRule = (graph, application) => {
  const output = outputOf(application);
  const condition = inputOf(application, 0);
  const x = castTo(graph, inputOf(application, 1), output.dtype);
  const y = castTo(graph, inputOf(application, 2), output.dtype);
  if (output.dtype !== "bool") {
    const updated = condition.slice && updateSlice(graph, condition.slice, { update: x, x: y }, output);
    if (updated) return [updated];
    const result = mapElements(graph, "Where", [condition, x, y], output);
    const sumOfLast = runningSumOf(graph, condition, x, y, result);
    return [sumOfLast ? { ...result, sumOfLast } : result];
  }
  const yes = mapElements(graph, "And", [condition, x], output);
  const no = mapElements(graph, "And", [withName(condition, graph.node("Not", [condition.name])), y], output);
  return [mapElements(graph, "Or", [yes, no], output)];
};
