import type { numpy as np } from "@jax-js/jax";
import { assertEquals } from "@std/assert";
import { createTensor, type Tensor } from "../../lib/core/mod.ts";
import {
  attend,
  type AttentionParameters,
  createInitializer,
  crossAttention,
  initAttention,
  mergeHeads,
  projectMemory,
  splitHeads,
} from "../../lib/nn/mod.ts";
import { assertAllClose } from "../_assert_all_close.ts";
import { createRandom, runOnce } from "../_run_once.ts";

/** Rows of a matrix that lies in `data` from `offset` on. */
function rows(data: Tensor["data"], count: number, width: number, offset = 0): number[][] {
  return Array.from(
    { length: count },
    (_, i) => [...data.subarray(offset + i * width, offset + (i + 1) * width)],
  );
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}

/** Attention of one head as it is defined: one query after another. */
function attendSlowly(query: number[][], key: number[][], value: number[][], bias: number[][]): number[][] {
  return query.map((q, i) => {
    const weights = key.map((k, j) => Math.exp(dot(q, k) / Math.sqrt(q.length) + (bias[i]?.[j] ?? 0)));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return q.map((_, c) => dot(weights, value.map((v) => v[c] ?? 0)) / total);
  });
}

Deno.test("attend() agrees with the definition, hidden keys included", async () => {
  const [heads, T, S, width] = [6, 3, 4, 5];
  const query = createRandom([2, 3, T, width], 1);
  const key = createRandom([2, 3, S, width], 2), value = createRandom([2, 3, S, width], 3);
  const bias = createRandom([T, S], 4);
  bias.data[1] = -1e9;
  const expected = Array.from({ length: heads }, (_, head) =>
    attendSlowly(
      rows(query.data, T, width, head * T * width),
      rows(key.data, S, width, head * S * width),
      rows(value.data, S, width, head * S * width),
      rows(bias.data, T, S),
    )).flat(2);
  assertAllClose(
    await runOnce(attend, query, key, value, bias),
    createTensor([2, 3, T, width], Float32Array.from(expected)),
    1e-6,
  );
});

Deno.test("splitHeads() gives each head its own stretch of channels, and mergeHeads() puts them back", async () => {
  const x = createTensor([1, 2, 6], Float32Array.from({ length: 12 }, (_, i) => i));
  const split = await runOnce((x: np.Array) => splitHeads(x, 3), x);
  assertEquals(split.shape, [1, 3, 2, 2]);
  assertEquals([...split.data], [0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11]);
  assertEquals(await runOnce((x: np.Array) => mergeHeads(splitHeads(x, 3)), x), x);
});

Deno.test("crossAttention() reads a memory as the definition does", async () => {
  const [T, S, d, contextDim, numHeads] = [3, 4, 4, 6, 2];
  const parameters = initAttention(createInitializer(1), d, contextDim);
  const x = createRandom([1, T, d], 2), context = createRandom([1, S, contextDim], 3);
  const bias = createTensor([1, 1, 1, S], Float32Array.of(0, 0, -1e9, 0));
  const read = await runOnce(
    (parameters: AttentionParameters<np.Array>, x: np.Array, context: np.Array, bias: np.Array) =>
      crossAttention(parameters, x, projectMemory(parameters, context, { numHeads, bias })),
    parameters,
    x,
    context,
    bias,
  );
  const project = (input: number[][], { weight }: { readonly weight: Tensor }) => {
    const columns = weight.shape[1] ?? 0;
    const table = rows(weight.data, weight.shape[0] ?? 0, columns);
    return input.map((row) =>
      Array.from({ length: columns }, (_, j) => dot(row, table.map((w) => w[j] ?? 0)))
    );
  };
  const q = project(rows(x.data, T, d), parameters.query);
  const k = project(rows(context.data, S, contextDim), parameters.key);
  const v = project(rows(context.data, S, contextDim), parameters.value);
  const heads = [0, 2].map((from) => {
    const [query = [], key = [], value = []] = [q, k, v].map((all) =>
      all.map((row) => row.slice(from, from + 2))
    );
    return attendSlowly(query, key, value, q.map(() => [...bias.data]));
  });
  const merged = q.map((_, i) => heads.flatMap((head) => head[i] ?? []));
  const expected = project(merged, parameters.output).flat(); // the output's bias starts at zero
  assertAllClose(read, createTensor([1, T, d], Float32Array.from(expected)), 1e-5);
});
