import { assertEquals } from "@std/assert";
import { numpy as np } from "@jax-js/jax";
import { GraphBuilder, lowerProgram, traceProgram, TypeLeaf } from "../../lib/onnx/mod.ts";
import { createTensor, type Tensor } from "../../lib/core/mod.ts";
import { placesOf } from "../../lib/onnx/value.ts";
import { compileLoop } from "../../lib/runtime/mod.ts";
import { assertAllClose } from "../_assert_all_close.ts";
import { randomFloats } from "./_same_as_jax.ts";

const SHAPE = [2, 5, 3];

type Body = (iteration: np.Array, x: np.Array, update: np.Array) => np.Array;

/** `where(arange == iteration, update, x)` along an axis. */
function updateAlong(axis: number): Body {
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
    const body = updateAlong(axis);
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
  const single = [2, 1, 3], write = updateAlong(1);
  assertEquals((await operatorsOf(write, single, 5)).includes("ScatterND"), true);
  assertEquals((await operatorsOf(write, single)).includes("ScatterND"), false); // any number at all
  assertEquals((await operatorsOf(write, single, 6)).includes("ScatterND"), false); // 5 is no row
  assertEquals((await operatorsOf(write, SHAPE, 5)).includes("ScatterND"), false);
  const reversed: Body = (iteration, x, update) => {
    const counts = np.array([4, 3, 2, 1, 0], { dtype: np.int32 }).reshape([1, 5, 1]);
    return np.where(np.equal(counts, iteration), update, x);
  };
  assertEquals((await operatorsOf(reversed, single, 5)).includes("ScatterND"), false);
});

/** What a body gives in each of five iterations. */
async function runBody(body: (iteration: np.Array, start: np.Array) => np.Array, start: Tensor) {
  const loop = await compileLoop(
    {
      init: (start: np.Array) => ({ carry: [], constants: start }),
      body: (iteration: np.Array, _: never[], start: np.Array) => ({
        carry: [],
        output: body(iteration, start),
      }),
      numIterations: 5,
    },
    [start],
    { device: "cpu" },
  );
  const { outputs } = await loop(start);
  await loop.dispose();
  return outputs;
}

const countTo5 = () => np.arange(5).astype(np.int32);

Deno.test("a slice that is written is no longer what lowering knew of the whole", async () => {
  const row = randomFloats([5], 6);
  const sums = await runBody((iteration, row) => {
    const rows = np.broadcastTo(row.reshape([1, 1, 5]), [1, 5, 5]);
    const triangle = np.where(np.tri(5, 5, 0, { dtype: np.bool }), rows, 0);
    const isHere = np.equal(countTo5().reshape([1, 5, 1]), iteration);
    return np.sum(np.where(isHere, np.zeros([1, 1, 5]), triangle), -1).reshape([5]);
  }, row);
  const expected = placesOf([5, 5]).map(([iteration, place = 0]) =>
    iteration === place ? 0 : row.data.slice(0, place + 1).reduce((sum, x) => sum + x, 0)
  );
  assertAllClose(sums, createTensor([5, 5], Float32Array.from(expected)), 1e-6);
  const marks = await runBody((iteration, start) => {
    const written = np.where(np.equal(countTo5(), iteration.ref), 7, countTo5());
    return np.where(np.equal(written, iteration), np.ones([1]), start);
  }, row);
  assertEquals([...marks.data], Array.from({ length: 5 }, () => [...row.data]).flat()); // no element is its place
});

Deno.test("where() with a mask of more axes, or an update of more rows, broadcasts all three", async () => {
  const x = randomFloats([5], 6), rows = randomFloats([1, 5], 7);
  const isHere = (iteration: np.Array) => np.equal(countTo5().reshape([1, 5]), iteration);
  const flat = await runBody((iteration, x) => np.where(isHere(iteration), np.zeros([1]), x), x);
  assertEquals(flat.shape, [5, 1, 5]);
  const tall = await runBody((iteration, x) => np.where(isHere(iteration), np.zeros([4, 1]), x), rows);
  assertEquals(tall.shape, [5, 4, 5]);
  const expected = placesOf([5, 4, 5]).map(([iteration, , place = 0]) =>
    iteration === place ? 0 : rows.data[place]
  );
  assertEquals([...tall.data], expected);
});

Deno.test("a carry that counts at first may count on: its slice is where it holds now", async () => {
  const loop = await compileLoop(
    {
      init: (start: np.Array) => ({ carry: countTo5(), constants: start }),
      body: (iteration: np.Array, count: np.Array, start: np.Array) => {
        const output = np.where(np.equal(count.ref, iteration), np.zeros([1]), start);
        return { carry: count.add(1), output }; // j + t == t: always the first
      },
      numIterations: 5,
    },
    [randomFloats([5], 6)],
    { device: "cpu" },
  );
  const start = randomFloats([5], 8), { outputs } = await loop(start);
  await loop.dispose();
  assertEquals(
    [...outputs.data],
    placesOf([5, 5]).map(([, place = 0]) => place === 0 ? 0 : start.data[place]),
  );
});
