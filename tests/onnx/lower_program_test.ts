import { assertEquals, assertRejects } from "@std/assert";
import { grad, numpy as np } from "@jax-js/jax";
import { createUniform, sizeOf, type Uniform } from "../../lib/core/mod.ts";
import { GraphBuilder, lowerProgram, traceProgram, TypeLeaf } from "../../lib/onnx/mod.ts";
import { compile, UnsupportedPrimitiveError } from "../../lib/runtime/mod.ts";
import { assertSameAsJax, randomFloats } from "./_same_as_jax.ts";

type Step = (x: np.Array) => np.Array;

/** Whole numbers below `count`. */
function below(uniform: Uniform, count: number): number {
  return Math.floor(uniform() * count);
}

/** A random way to write `size` as a product of at most four sides, ones included. */
function randomShape(uniform: Uniform, size: number): number[] {
  const sides: number[] = [];
  for (let rest = size; rest > 1 && sides.length < 3;) {
    const divisors = Array.from({ length: rest }, (_, k) => k + 1).filter((k) => rest % k === 0);
    const side = divisors[below(uniform, divisors.length)] ?? 1;
    sides.push(side);
    rest /= side;
  }
  return [...sides, size / sizeOf(sides)];
}

/** A random movement, broadcast, elementwise function, reduction or contraction of an array of the given shape. */
function randomStep(uniform: Uniform, shape: readonly number[]): Step {
  const axis = below(uniform, shape.length);
  const size = sizeOf(shape);
  switch (below(uniform, size > 400 ? 5 : 8)) {
    case 0:
      return (x) => x.reshape(randomShape(uniform, size));
    case 1:
      return (x) => np.moveaxis(x, axis, below(uniform, shape.length));
    case 2:
      return (x) => shape.length > 1 ? np.sum(x, axis) : x;
    case 3:
      return (x) => np.matmul(x.ref, np.transpose(x.reshape([-1, shape.at(-1) ?? 1])));
    case 4:
      return (x) => np.exp(x.ref.neg()).add(np.max(x, axis, { keepdims: true }));
    case 5:
      return (x) => np.broadcastTo(x, [2, ...shape]);
    case 6:
      return (x) => np.broadcastTo(x.reshape(shape.toSpliced(axis, 0, 1)), shape.toSpliced(axis, 0, 3));
    default:
      return (x) => np.broadcastTo(np.sum(x, axis, { keepdims: true }), [...shape]);
  }
}

Deno.test("random chains of movements, broadcasts and sums lower like jax-js", async () => {
  for (let seed = 0; seed < 30; seed++) {
    const f = (x: np.Array) => {
      const uniform = createUniform(seed);
      let y = np.square(x); // Nothing below zero, so that nothing cancels out.
      for (let step = 0; step < 9; step++) y = np.sqrt(randomStep(uniform, y.shape)(y).add(0.1));
      return y;
    };
    await assertSameAsJax(f, [randomFloats([2, 3, 2], seed)]);
  }
});

Deno.test("the gradient of a linear layer is made of matrix products, without a broadcast cotangent", async () => {
  const f = (x: np.Array, w: np.Array) => np.sum(np.sin(np.matmul(x, w)));
  const type = (shape: number[]) => new TypeLeaf({ shape, dtype: "float32" });
  const program = await traceProgram(grad(f, { argnums: [0, 1] }), [type([4, 8, 16]), type([16, 32])]);
  const graph = new GraphBuilder();
  const inputs = [[4, 8, 16], [16, 32]].map((shape, index) => {
    return {
      name: graph.input(`x${index}`, "float32", shape),
      shape,
      extents: shape,
      dtype: "float32" as const,
    };
  });
  const results = lowerProgram(graph, program, inputs);
  const outputs = results.map(({ name, shape }) => ({
    name: graph.alias(name),
    dims: shape,
    dtype: "float32" as const,
  }));
  const ops = graph.finish("test", outputs).nodes.map(({ op }) => op);
  assertEquals(ops.filter((op) => op === "MatMul").length, 3);
  assertEquals(ops.filter((op) => op === "Expand").length, 0);
});

Deno.test("a primitive without a lowering is named, with what to do", async () => {
  const f = (x: np.Array) => np.linalg.cholesky(x);
  const error = await assertRejects(
    () => compile(f, [randomFloats([2, 2])], { device: "cpu" }),
    UnsupportedPrimitiveError,
    "Cannot lower program: primitive must be one that ONNX can express, got cholesky (it has no lowering to ONNX); " +
      "rewrite the function without it, or compute that part outside the compiled function",
  );
  assertEquals(error instanceof UnsupportedPrimitiveError && error.primitive, "cholesky");
});

Deno.test("half precision is refused by name", async () => {
  await assertRejects(
    () =>
      compile((x: np.Array) => x.astype(np.float16).astype(np.float32), [randomFloats([2])], {
        device: "cpu",
      }),
    TypeError,
    "Cannot lower program: dtype must be one of float32, int32, uint32, bool, got float16",
  );
});
