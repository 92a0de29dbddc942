import type { Jaxpr } from "@jax-js/jax";
import type { GraphBuilder } from "./graph_builder.ts";
import type { TensorType, Value } from "./value.ts";

/** The parameters of one application of a primitive, as jax-js types them. */
export type PrimitiveParameters = Jaxpr["eqns"][number]["params"];

/** One application of a primitive, its operands already lowered. */
export interface Application {
  readonly primitive: string;
  readonly inputs: readonly Value[];
  readonly params: PrimitiveParameters;
  readonly outputs: readonly TensorType[];
}

/** A primitive with one operand at least and one result: most are. */
export type SimpleRule = (
  graph: GraphBuilder,
  x: Value,
  output: TensorType,
  application: Application,
) => Value;

/** Adds the nodes of one application to the graph and returns its results. */
export type LoweringRule = (graph: GraphBuilder, application: Application) => readonly Value[];

/** Makes a rule for a primitive with one result. */
export function simpleRule(rule: SimpleRule): LoweringRule {
  return (graph, application) => [rule(graph, inputOf(application, 0), outputOf(application), application)];
}

/** Operand `index` of an application. */
export function inputOf(application: Application, index: number): Value {
  const input = application.inputs[index];
  if (!input) {
    throw new RangeError(`Cannot lower ${application.primitive}: operand ${index} must exist, got none`);
  }
  return input;
}

/** The type of the first result of an application. */
export function outputOf(application: Application): TensorType {
  const output = application.outputs[0];
  if (!output) throw new RangeError(`Cannot lower ${application.primitive}: result must exist, got none`);
  return output;
}
