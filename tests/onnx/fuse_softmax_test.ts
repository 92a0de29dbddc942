import { assertEquals } from "@std/assert";
import { grad, nn, numpy as np } from "@jax-js/jax";
import { GraphBuilder, lowerProgram, type Traceable, traceProgram, TypeLeaf } from "../../lib/onnx/mod.ts";
import { assertSameAsJax, randomFloats } from "./_same_as_jax.ts";

/** The operators of a function of one array. */
async function operatorsOf(f: Traceable, shape: readonly number[]): Promise<string[]> {
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

Deno.test("softmax over the last axis is one operator", async () => {
  assertEquals(await operatorsOf((x: np.Array) => nn.softmax(x, -1), [2, 3, 4]), ["Softmax"]);
  await assertSameAsJax((x: np.Array) => nn.softmax(x, -1), [randomFloats([2, 3, 4], 1, 30)]);
});

Deno.test("softmax over another axis, or with its gradient, stays as it is", async () => {
  const first = (x: np.Array) => nn.softmax(x, 0);
  const gradient = grad((x: np.Array) => np.sum(np.sin(nn.softmax(x, -1))));
  for (const f of [first, gradient]) {
    assertEquals((await operatorsOf(f, [3, 4])).includes("Softmax"), false);
    await assertSameAsJax(f, [randomFloats([3, 4], 1, 30)]);
  }
});
