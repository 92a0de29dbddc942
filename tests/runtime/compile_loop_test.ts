import { assertEquals, assertRejects } from "@std/assert";
import { numpy as np } from "@jax-js/jax";
import { createTensor } from "../../lib/core/mod.ts";
import { compileLoop } from "../../lib/runtime/mod.ts";
import { assertAllClose } from "../_assert_all_close.ts";
import { assertSameAsJax, initJax, randomFloats, toArrays, toTensor } from "../onnx/_same_as_jax.ts";

const T = 5, D = 4;

interface State {
  readonly x: np.Array;
  readonly cache: np.Array;
  readonly count: np.Array;
}

/** What every iteration reads: a weight, and a table with a row for each iteration. */
interface Weights {
  readonly weight: np.Array;
  readonly table: np.Array;
}

/** A cache of zeros, which iteration t fills at row t. */
function init(weights: Weights, x: np.Array): { carry: State; constants: Weights } {
  const carry = { x, cache: np.zeros([T, D]), count: np.zeros([], { dtype: np.int32 }) };
  return { carry, constants: weights };
}

/** Writes x into row t of the cache, reads the rows so far, and multiplies by what does not change. */
function body(t: np.Array, { x, cache, count }: State, { weight, table }: Weights) {
  const isRow = np.equal(np.arange(T), t.ref).reshape([T, 1]);
  const filled = np.where(isRow, x.ref, cache);
  const seen = np.lessEqual(np.arange(T), t.ref).reshape([T, 1]);
  const sum = np.sum(np.where(seen, filled.ref, 0), 0);
  const unchanging = np.matmul(np.transpose(weight.ref), weight);
  const next = np.tanh(np.matmul(sum.add(np.take(table, t, 0)), unchanging));
  const output = { next: next.ref, most: np.argmax(x, 0) };
  return { carry: { x: next, cache: filled, count: count.add(1) }, output };
}

const WEIGHTS = { weight: randomFloats([D, D], 1), table: randomFloats([T, D], 2) };

Deno.test("compileLoop() gives what the iterations give one by one", async () => {
  await initJax();
  const x = randomFloats([D], 3);
  const loop = await compileLoop({ init, body, numIterations: T }, [WEIGHTS, x], {
    device: "cpu",
    baked: [0],
  });
  const { carry, outputs } = await loop(x);
  await loop.dispose();

  // The examples have the structure of init's parameters.
  const arrays = () => toArrays(WEIGHTS) as unknown as Weights;
  let { carry: state } = init(arrays(), np.array(x.data.slice()));
  for (let t = 0; t < T; t++) {
    const step = body(np.array(t, { dtype: np.int32 }), state, arrays());
    const row = createTensor([D], outputs.next.data.slice(t * D, (t + 1) * D));
    assertAllClose(row, await toTensor(step.output.next), 1e-5);
    assertEquals(outputs.most.data[t], (await toTensor(step.output.most)).data[0]);
    state = step.carry;
  }
  assertEquals(outputs.next.shape, [T, D]);
  assertEquals([...carry.count.data], [T]);
  assertAllClose(carry.x, await toTensor(state.x), 1e-5);
  assertAllClose(carry.cache, await toTensor(state.cache), 1e-5);
});

Deno.test("compileLoop() gives what the unrolled function gives", async () => {
  const x = randomFloats([D], 3);
  const loop = await compileLoop({ init, body, numIterations: 3 }, [WEIGHTS, x], { device: "cpu" });
  const { outputs } = await loop(WEIGHTS, x);
  await loop.dispose();
  await assertSameAsJax((weights: Weights, start: np.Array, expected: np.Array) => {
    let { carry } = init({ weight: weights.weight.ref, table: weights.table.ref }, start);
    const rows: np.Array[] = [];
    for (let t = 0; t < 3; t++) {
      const step = body(np.array(t, { dtype: np.int32 }), carry, {
        weight: weights.weight.ref,
        table: weights.table.ref,
      });
      rows.push(step.output.next);
      step.output.most.dispose();
      carry = step.carry;
    }
    return np.stack(rows).sub(expected).add(1);
  }, [WEIGHTS, x, outputs.next]);
});

Deno.test("compileLoop() refuses a carry that changes its type, and a count that is none", async () => {
  const x = randomFloats([D], 3);
  const grow = {
    init: (start: np.Array) => ({ carry: start, constants: [] }),
    body: (_t: np.Array, carry: np.Array) => ({ carry: np.concatenate([carry.ref, carry]), output: [] }),
    numIterations: 2,
  };
  await assertRejects(
    () => compileLoop(grow, [x], { device: "cpu" }),
    TypeError,
    "Cannot compile loop: carry of body must be float32[4], got float32[8]",
  );
  await assertRejects(
    () => compileLoop({ ...grow, numIterations: 0 }, [x], { device: "cpu" }),
    RangeError,
    "Cannot compile loop: numIterations must be a positive integer, got 0",
  );
});
