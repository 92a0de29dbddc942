import { type BlockFormat, type Graph, quantizeWeights, weightGraph } from "../onnx/mod.ts";
import { createSession } from "./session.ts";

/** How exactly baked weights are kept. */
export type Precision = "float32" | "int8" | "int4";

/** All precisions, the most exact first. */
export const PRECISIONS: readonly Precision[] = ["float32", "int8", "int4"];

/** With these blocks ONNX Runtime's processor kernels are fastest at no loss that can be measured. */
const FORMATS: Readonly<Record<Exclude<Precision, "float32">, BlockFormat>> = {
  int8: { bits: 8, blockSize: 64 },
  int4: { bits: 4, blockSize: 32 },
};

/**
 * Rounds the weights of a graph to a precision: the matrices that something is multiplied by, and that depend on
 * constants alone. What is computed from parameters once (joined, scaled) is a weight like any other.
 *
 * @throws {RangeError} If there is no such precision.
 */
export async function roundWeights(graph: Graph, precision: Precision): Promise<Graph> {
  if (!PRECISIONS.includes(precision)) {
    throw new RangeError(
      `Cannot compile function: precision must be one of ${PRECISIONS.join(", ")}, got ${precision}`,
    );
  }
  const weights = weightGraph(graph);
  if (precision === "float32" || weights.outputs.length === 0) return graph;
  const session = await createSession(weights, { device: "cpu" });
  try {
    const tensors = await session.run([]);
    const entries = tensors.map((tensor, index) => [weights.outputs[index]?.name ?? "", tensor] as const);
    return quantizeWeights(graph, new Map(entries), FORMATS[precision]);
  } finally {
    await session.dispose();
  }
}
