import { sizeOf, type TensorData } from "../core/mod.ts";
import { storageOf } from "./dtype.ts";
import { fill } from "./elementwise.ts";
import { assertDType } from "./dtype.ts";
import type { GraphBuilder } from "./graph_builder.ts";
import { LOWERING_RULES } from "./rules.ts";
import type { Program, ProgramConstant } from "./trace_program.ts";
import { UnsupportedPrimitiveError } from "./unsupported_primitive_error.ts";
import { sideOf, type Value } from "./value.ts";

type Atom = Program["jaxpr"]["outs"][number];
type Equation = Program["jaxpr"]["eqns"][number];

/** Constants of at most this many elements stay known while lowering, so that rules can recognise them. */
const MAX_KNOWN = 1 << 16;

/**
 * Adds a traced program to a graph.
 *
 * @param inputs The program's arguments, one value a leaf.
 * @returns The program's results, one value a leaf.
 * @throws {UnsupportedPrimitiveError} If the program uses a primitive that has no rule.
 */
export function lowerProgram(
  graph: GraphBuilder,
  program: Program,
  inputs: readonly Value[],
): readonly Value[] {
  const { jaxpr, constants } = program;
  const values = new Map<Atom, Value>();
  const arguments_ = [...constants.map((constant) => constantValue(graph, constant)), ...inputs];
  jaxpr.inBinders.forEach((binder, index) => {
    const argument = arguments_[index];
    if (argument) values.set(binder, argument);
  });
  const read = (atom: Atom) => values.get(atom) ?? literalValue(graph, atom);
  for (const equation of jaxpr.eqns) {
    const results = lowerEquation(graph, equation, equation.inputs.map(read));
    equation.outBinders.forEach((binder, index) => {
      const result = results[index];
      if (result) values.set(binder, result);
    });
  }
  return jaxpr.outs.map(read);
}

/** Applies the rule of one equation. */
function lowerEquation(graph: GraphBuilder, equation: Equation, inputs: readonly Value[]): readonly Value[] {
  const rule = LOWERING_RULES.get(equation.primitive);
  if (!rule) throw new UnsupportedPrimitiveError(equation.primitive);
  const outputs = equation.outBinders.map(({ aval }) => ({
    shape: aval.shape,
    dtype: assertDType(aval.dtype),
  }));
  return rule(graph, { primitive: equation.primitive, inputs, params: equation.params, outputs });
}

/** A number written in the program. */
function literalValue(graph: GraphBuilder, atom: Atom): Value {
  if (!("value" in atom)) {
    throw new ReferenceError(`Cannot lower program: ${atom} must be bound, got no value`);
  }
  return fill(graph, Number(atom.value), { shape: atom.aval.shape, dtype: assertDType(atom.aval.dtype) });
}

/** A constant array, held with extent 1 along axes where it does not vary. */
function constantValue(graph: GraphBuilder, { shape, dtype, data }: ProgramConstant): Value {
  let extents: readonly number[] = shape;
  let elements = data;
  for (let axis = 0; axis < shape.length; axis++) {
    const side = sideOf(extents, axis), inner = sizeOf(extents.slice(axis + 1));
    if (side < 2 || !isUniformAlong(elements, side, inner)) continue;
    elements = firstAlong(elements, side, inner);
    extents = extents.map((extent, place) => place === axis ? 1 : extent);
  }
  if (elements.length === 1) return fill(graph, elements[0] ?? 0, { shape, dtype });
  const name = graph.initializer(storageOf(dtype), extents, elements);
  const known = elements.length <= MAX_KNOWN ? { constant: elements } : {};
  return { shape, dtype, extents, name, ...known };
}

/** Whether blocks of `side` rows of `inner` elements repeat one row. */
function isUniformAlong(data: TensorData, side: number, inner: number): boolean {
  for (let index = 0; index < data.length; index++) {
    const first = index - (Math.floor(index / inner) % side) * inner;
    if (data[index] !== data[first]) return false;
  }
  return true;
}

/** The first row of every block of `side` rows of `inner` elements. */
function firstAlong(data: TensorData, side: number, inner: number): TensorData {
  return data.filter((_, index) => Math.floor(index / inner) % side === 0);
}
