import { assertEquals } from "@std/assert";
import { numpy as np } from "@jax-js/jax";
import { GraphBuilder, lowerProgram, traceProgram, TypeLeaf } from "../../lib/onnx/mod.ts";
import { compileLoop } from "../../lib/runtime/mod.ts";
import { randomFloats } from "./_same_as_jax.ts";

const SHAPE = [2, 5, 3];

type Body = (iteration: np.Array, x: np.Array, update: np.Array) => np.Array;

/** `where(arange == iteration, update, x)` along an axis. */
function putAlong(axis: number): Body {
  const sides = SHAPE.map((side, place) => place === axis ? side : 1);
  return (iteration, x, update) =>
    np.where(np.equal(np.arange(SHAPE[axis] ?? 0).astype(np.int32).reshape(sides), iteration), update, x);
}

/** The operators of a body for an iteration below a number, or of unknown size. */
async function operatorsOf(body: Body, updateShape: readonly number[], below?: number): Promise<string[]> {
  const shapes = [[], SHAPE, updateShape];
  const types = shapes.map((shape, index) => {
    return { shape, dtype: index === 0 ? "int32" as const : "float32" as const };
  });
  const program = await traceProgram(body, types.map((type) => new TypeLeaf(type)));
  const graph = new GraphBuilder();
  const inputs = types.map(({ shape, dtype }, index) => {
    const name = graph.input(`x${index}`, dtype, shape);
    return { name, shape, dtype, extents: shape, ...(index > 0 || below === undefined ? {} : { below }) };
  });
  const outputs = lowerProgram(graph, program, inputs).map(({ name, shape, dtype }) => {
    return { name: graph.alias(name), dims: shape, dtype };
  });
  return graph.finish("test", outputs).nodes.map(({ op }) => op);
}

Deno.test("where() of a slice that a loop counts writes that slice, on every axis", async () => {
  for (const [axis, side] of SHAPE.entries()) {
    const updateShape = SHAPE.map((side, place) => place === axis ? 1 : side);
    const body = putAlong(axis);
    assertEquals((await operatorsOf(body, updateShape, side)).at(-1), "ScatterND");
    for (const numIterations of [1, side]) { // one iteration writes the first slice, all of them write all
      const loop = await compileLoop(
        {
          init: (x: np.Array, update: np.Array) => ({ carry: x, constants: update }),
          body: (iteration: np.Array, x: np.Array, update: np.Array) => {
            return {
              carry: body(iteration.ref, x, update.mul(iteration.astype(np.float32).add(1))),
              output: [],
            };
          },
          numIterations,
        },
        [randomFloats(SHAPE, 1), randomFloats(updateShape, 2)],
        { device: "cpu" },
      );
      const [x, update] = [randomFloats(SHAPE, 3), randomFloats(updateShape, 4)];
      const { carry } = await loop(x, update);
      await loop.dispose();
      const inner = SHAPE.slice(axis + 1).reduce((product, side) => product * side, 1);
      const expected = x.data.map((before, place) => {
        const row = Math.floor(place / inner), at = row % side;
        const written = update.data[Math.floor(row / side) * inner + place % inner] ?? NaN;
        return at < numIterations ? Math.fround(written * (at + 1)) : before;
      });
      assertEquals(Array.from(carry.data), Array.from(expected));
    }
  }
});

Deno.test("where() stays where the slice may lie outside, has more than one row, or its mask counts otherwise", async () => {
  const single = [2, 1, 3], put = putAlong(1);
  assertEquals((await operatorsOf(put, single, 5)).includes("ScatterND"), true);
  assertEquals((await operatorsOf(put, single)).includes("ScatterND"), false); // any number at all
  assertEquals((await operatorsOf(put, single, 6)).includes("ScatterND"), false); // 5 is no row
  assertEquals((await operatorsOf(put, SHAPE, 5)).includes("ScatterND"), false);
  const reversed: Body = (iteration, x, update) => {
    const counts = np.array([4, 3, 2, 1, 0], { dtype: np.int32 }).reshape([1, 5, 1]);
    return np.where(np.equal(counts, iteration), update, x);
  };
  assertEquals((await operatorsOf(reversed, single, 5)).includes("ScatterND"), false);
});
