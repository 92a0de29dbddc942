import { GraphBuilder, lowerProgram, type Traceable, traceProgram, TypeLeaf } from "../../lib/onnx/mod.ts";

/** The operators of a function of float32 arrays, in order. */
export async function operatorsOf(
  f: Traceable,
  ...shapes: readonly (readonly number[])[]
): Promise<string[]> {
  const program = await traceProgram(f, shapes.map((shape) => new TypeLeaf({ shape, dtype: "float32" })));
  const graph = new GraphBuilder();
  const inputs = shapes.map((shape, index) => {
    const name = graph.input(`x${index}`, "float32", shape);
    return { name, shape, extents: shape, dtype: "float32" as const };
  });
  const outputs = lowerProgram(graph, program, inputs).map((result) => {
    return { name: graph.alias(result.name), dims: result.shape, dtype: result.dtype };
  });
  return graph.finish("test", outputs).nodes.map(({ op }) => op);
}
