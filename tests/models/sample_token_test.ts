import { nn, type numpy as np } from "@jax-js/jax";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { createTensor, createUniform, type Tensor } from "../../lib/core/mod.ts";
import { guideLogits, sampleToken } from "../../lib/models/mod.ts";
import { compile } from "../../lib/runtime/mod.ts";
import { createRandom, runOnce } from "../_run_once.ts";

/** How to draw; the default is from the distribution as it is. */
interface Sampling {
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
}

type Draw = (logits: Tensor, uniforms: Tensor, sampling: Sampling) => Promise<number[]>;

/** Runs `use` with sampleToken compiled for `rows` x `width` logits. */
async function withSampler(rows: number, width: number, use: (draw: Draw) => Promise<void>): Promise<void> {
  const inputs = ({ temperature = 1, topK = width, topP = 1 }: Sampling) => ({
    temperature: createTensor([], Float32Array.of(temperature)),
    topK: createTensor([], Int32Array.of(topK)),
    topP: createTensor([], Float32Array.of(topP)),
  });
  const examples = [
    createTensor([rows, width], new Float32Array(rows * width)),
    createTensor([rows], new Float32Array(rows)),
    inputs({}),
  ];
  const sample = await compile(sampleToken, examples, { device: "cpu" });
  try {
    await use(async (logits, uniforms, sampling) => [
      ...(await sample(logits, uniforms, inputs(sampling))).data,
    ]);
  } finally {
    await sample.dispose();
  }
}

/** The same logits on every row, against an even grid of uniform numbers: what is drawn is the distribution. */
async function drawGrid(probabilities: readonly number[], sampling: Sampling): Promise<number[]> {
  const rows = 2000, width = probabilities.length;
  const logits = Float32Array.from(
    { length: rows * width },
    (_, i) => Math.log(probabilities[i % width] ?? 0),
  );
  const uniforms = Float32Array.from({ length: rows }, (_, i) => (i + 0.5) / rows);
  const counts = new Array<number>(width).fill(0);
  await withSampler(rows, width, async (draw) => {
    const ids = await draw(createTensor([rows, width], logits), createTensor([rows], uniforms), sampling);
    for (const id of ids) counts[id] = (counts[id] ?? 0) + 1 / rows;
  });
  return counts;
}

function assertDistribution(actual: readonly number[], expected: readonly number[]): void {
  assertEquals(actual.length, expected.length);
  for (const [i, share] of expected.entries()) {
    if (share === 0) assertEquals(actual[i], 0);
    assertAlmostEquals(actual[i] ?? NaN, share, 1.5 / 2000);
  }
}

Deno.test("sampleToken() draws each token as often as its probability says", async () => {
  const p = [0.03, 0.25, 0.5, 0.07, 0.15];
  assertDistribution(await drawGrid(p, {}), p);
});

Deno.test("sampleToken() keeps the nucleus", async () => {
  // PAPER 5.2: p = 0.8 of [.5, .25, .15, .07, .03] keeps [0, 1, 2].
  const p = [0.5, 0.25, 0.15, 0.07, 0.03];
  assertDistribution(await drawGrid(p, { topP: 0.8 }), [0.5 / 0.9, 0.25 / 0.9, 0.15 / 0.9, 0, 0]);
  assertDistribution(await drawGrid(p, { topP: 1e-6 }), [1, 0, 0, 0, 0]);
});

Deno.test("sampleToken() keeps the top k, ties by index", async () => {
  assertDistribution(await drawGrid([0.1, 0.6, 0.3], { topK: 2 }), [0, 2 / 3, 1 / 3]);
  assertDistribution(await drawGrid([0.1, 0.6, 0.3], { topK: 1 }), [0, 1, 0]);
  assertDistribution(await drawGrid([0.25, 0.25, 0.25, 0.25], { topK: 2 }), [0.5, 0.5, 0, 0]);
});

Deno.test("sampleToken() raises probabilities to 1 / temperature before masks", async () => {
  const p = [0.5, 0.3, 0.2], squares = p.map((value) => value ** 2 / 0.38);
  assertDistribution(await drawGrid(p, { temperature: 0.5 }), squares);
  assertDistribution(await drawGrid(p, { temperature: 1e-4 }), [1, 0, 0]);
  // At temperature 1 the first token does not fill a nucleus of 0.6; at 1/2 it has 0.66 and does.
  assertDistribution(await drawGrid(p, { temperature: 0.5, topP: 0.6 }), [1, 0, 0]);
});

/** sampleToken for one row, as it is defined; nothing where rounding could decide. */
function drawSlowly(
  logits: readonly number[],
  uniform: number,
  sampling: Required<Sampling>,
): number | undefined {
  const { temperature, topK, topP } = sampling;
  const most = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp((logit - most) / temperature));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const order = [...logits.keys()].sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0) || a - b);
  const kept: [id: number, probability: number][] = [];
  let before = 0;
  for (const [rank, id] of order.entries()) {
    const probability = (weights[id] ?? 0) / sum;
    if (Math.abs(before - topP) < 1e-5) return undefined;
    if (rank < topK && before < topP) kept.push([id, probability]);
    before += probability;
  }
  const total = kept.reduce((all, [, probability]) => all + probability, 0);
  let reached = 0;
  for (const [id, probability] of kept) {
    reached += probability;
    if (Math.abs(reached / total - uniform) < 1e-5) return undefined;
    if (reached / total > uniform) return id;
  }
  return undefined;
}

Deno.test("sampleToken() agrees with its definition on random logits", async () => {
  const [rows, width] = [64, 50];
  const random = createUniform(5);
  let numCompared = 0;
  await withSampler(rows, width, async (draw) => {
    for (let round = 0; round < 24; round++) {
      const temperature = 0.3 + 2 * random();
      const sampling = { temperature, topK: 1 + Math.floor(random() * width), topP: 0.2 + 0.8 * random() };
      const logits = createRandom([rows, width], round);
      const uniforms = createTensor([rows], Float32Array.from({ length: rows }, random));
      const drawn = await draw(logits, uniforms, sampling);
      for (const [row, id] of drawn.entries()) {
        const own = [...logits.data.subarray(row * width, (row + 1) * width)];
        const expected = drawSlowly(own, uniforms.data[row] ?? 0, sampling);
        if (expected === undefined) continue;
        assertEquals(id, expected);
        numCompared++;
      }
    }
  });
  assert(numCompared > 1500);
});

Deno.test("sampleToken() stays inside the kept tokens for the largest uniform number", async () => {
  await withSampler(2, 3, async (draw) => {
    const logits = createTensor([2, 3], Float32Array.of(0, 5, 3, 1e4, -1e4, 0));
    const uniforms = createTensor([2], Float32Array.of(1 - 2 ** -24, 1 - 2 ** -24));
    assertEquals(await draw(logits, uniforms, { topK: 2 }), [2, 0]);
  });
});

Deno.test("guideLogits() is u + scale (c - u)", async () => {
  // PAPER 5.2, cfg.
  const conditional = createTensor([1, 3], Float32Array.of(1, 0, -1));
  const unconditional = createTensor([1, 3], new Float32Array(3));
  const guide = (c: np.Array, u: np.Array, scale: np.Array) => nn.softmax(guideLogits(c, u, scale), -1);
  const run = async (scale: number) => [
    ...(await runOnce(guide, conditional, unconditional, createTensor([], Float32Array.of(scale)))).data,
  ];
  const twice = await run(2);
  for (const [i, expected] of [0.8668133322, 0.1173104278, 0.01587624].entries()) {
    assertAlmostEquals(twice[i] ?? NaN, expected, 1e-6);
  }
  const none = await run(0);
  for (const share of none) assertAlmostEquals(share, 1 / 3, 1e-6);
});
