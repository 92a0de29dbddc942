import { GraphBuilder, lowerProgram, type Traceable, traceProgram, TypeLeaf } from "../../lib/onnx/mod.ts";

/** The operators into which a function of one float32 array is lowered, in order. */
export async function operatorsOf(f: Traceable, shape: readonly number[]): Promise<string[]> {
  const program = await traceProgram(f, [new TypeLeaf({ shape, dtype: "float32" })]);
  const graph = new GraphBuilder();
  const input = {
    name: graph.input("x", "float32", shape),
    shape,
    extents: shape,
    dtype: "float32" as const,
  };
  const outputs = lowerProgram(graph, program, [input]).map((result) => {
    return { name: graph.alias(result.name), dims: result.shape, dtype: result.dtype };
  });
  return graph.finish("test", outputs).nodes.map(({ op }) => op);
}
