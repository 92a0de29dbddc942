import { assert, assertEquals, assertRejects } from "@std/assert";
import { numpy as np } from "@jax-js/jax";
import { createTensor, type Tensor } from "../../lib/core/mod.ts";
import { dequantizeBlocks, quantizeBlocks } from "../../lib/onnx/mod.ts";
import { compile, compileLoop, type CompileOptions, type Precision } from "../../lib/runtime/mod.ts";
import { randomFloats } from "../onnx/_same_as_jax.ts";

const R = 3, K = 64, N = 48, BLOCK = { int8: 64, int4: 32 } as const;
const BITS = { int8: 8, int4: 4 } as const;

interface Weights {
  readonly left: np.Array;
  readonly right: np.Array;
  readonly scale: np.Array;
}

const WEIGHTS = {
  left: randomFloats([K, N / 2], 1),
  right: randomFloats([K, N / 2], 2),
  scale: randomFloats([N], 3),
};
const X = randomFloats([R, K], 4);

/** A product with a matrix that is joined and scaled first, as decoding does. */
function project({ left, right, scale }: Weights, x: np.Array): np.Array {
  return np.matmul(x, np.concatenate([left, right], 1).mul(scale)); // [R, N]
}

/** The matrix that {@link project} multiplies by. */
function joined(): Tensor<Float32Array> {
  return createTensor(
    [K, N],
    Float32Array.from({ length: K * N }, (_, place) => {
      const row = Math.floor(place / N), column = place % N;
      const half = column < N / 2 ? WEIGHTS.left : WEIGHTS.right;
      return (half.data[row * N / 2 + column % (N / 2)] ?? NaN) * (WEIGHTS.scale.data[column] ?? NaN);
    }),
  );
}

async function runProject(options: CompileOptions, x = X) {
  const run = await compile(project, [WEIGHTS, x], { device: "cpu", baked: [0], ...options });
  const { stats } = run;
  const result = await run(x);
  await run.dispose();
  return { result, stats };
}

for (const precision of ["int8", "int4"] as const) {
  Deno.test(`compile() in ${precision} multiplies by the rounded matrix`, async () => {
    const { result } = await runProject({ precision });
    const format = { bits: BITS[precision], blockSize: BLOCK[precision] };
    const rounded = dequantizeBlocks(quantizeBlocks(joined(), format));
    for (let place = 0; place < R * N; place++) {
      const row = Math.floor(place / N), column = place % N;
      // The runtime may round x to 8 bits, block by block: off by half a step of a 127th of the largest of the block.
      let expected = 0, slack = 1e-5;
      for (let k = 0; k < K; k++) {
        const block = k - k % format.blockSize;
        const most = Math.max(
          ...X.data.slice(row * K + block, row * K + block + format.blockSize).map(Math.abs),
        );
        const weight = rounded.data[k * N + column] ?? NaN;
        expected += (X.data[row * K + k] ?? NaN) * weight;
        slack += most / 127 / 2 * Math.abs(weight);
      }
      const error = Math.abs((result.data[place] ?? NaN) - expected);
      assert(error <= slack, `element ${place}: ${result.data[place]}, not ${expected} up to ${slack}`);
    }
  });
}

Deno.test("compile() in a lower precision makes a smaller model", async () => {
  const sizes: number[] = [];
  for (const precision of ["float32", "int8", "int4"] as const) {
    sizes.push((await runProject({ precision })).stats.bytes);
  }
  const [float = 0, bytes = 0, nibbles = 0] = sizes;
  assert(float - bytes > 3 * K * N - 4 * N - 600 && bytes > K * N, `${sizes}`);
  assert(bytes - nibbles > K * N / 2 - 4 * N - 100 && nibbles > K * N / 2, `${sizes}`);
});

Deno.test("compile() rounds nothing that is an argument", async () => {
  const results: Tensor[] = [];
  for (const precision of ["float32", "int4"] as const) {
    const run = await compile(project, [WEIGHTS, X], { device: "cpu", precision });
    results.push(await run(WEIGHTS, X));
    await run.dispose();
  }
  assertEquals(results[0], results[1]);
});

Deno.test("a row of a rounded product is the same in any company", async () => {
  const { result } = await runProject({ precision: "int8" });
  const others = createTensor([R, K], X.data.map((value, place) => place < K ? value : -2 * value));
  const { result: again } = await runProject({ precision: "int8" }, others);
  assertEquals(again.data.slice(0, N), result.data.slice(0, N));
});

Deno.test("compileLoop() rounds weights that the body reads", async () => {
  const steps: Tensor[] = [];
  for (const precision of ["float32", "int8"] as const) {
    const loop = await compileLoop(
      {
        init: (weights: { square: np.Array }, x: np.Array) => ({ carry: x, constants: weights }),
        body: (iteration: np.Array, x: np.Array, { square }: { square: np.Array }) => {
          iteration.dispose();
          const next = np.tanh(np.matmul(x, square));
          return { carry: next.ref, output: next };
        },
        numIterations: 2,
      },
      [{ square: randomFloats([K, K], 5, 0.2) }, X],
      { device: "cpu", baked: [0], precision },
    );
    const { outputs } = await loop(X);
    steps.push(outputs);
    assertEquals(loop.stats.bytes < 2 * K * K, precision === "int8");
    await loop.dispose();
  }
  const errors = [...steps[0]?.data ?? []].map((value, place) =>
    Math.abs(value - (steps[1]?.data[place] ?? NaN))
  );
  assert(Math.max(...errors) < 0.02, `${Math.max(...errors)}`);
  assert(Math.max(...errors) > 1e-6, "int8 is not float32");
});

Deno.test("compile() refuses a precision that does not exist", async () => {
  await assertRejects(
    // What a caller without types may pass.
    () => runProject({ precision: "int2" as Precision }),
    RangeError,
    "Cannot compile function: precision must be one of float32, int8, int4, got int2",
  );
});
