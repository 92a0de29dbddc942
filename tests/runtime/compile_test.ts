import { assertEquals, assertGreater, assertRejects } from "@std/assert";
import { lax, nn, numpy as np, valueAndGrad } from "@jax-js/jax";
import { createTensor } from "../../lib/core/mod.ts";
import { compile } from "../../lib/runtime/mod.ts";
import { assertSameAsJax, initJax, randomFloats, randomIntegers } from "../onnx/_same_as_jax.ts";

const B = 2, T = 5, D = 8, H = 2, K = 11;

interface Layer {
  readonly scale: np.Array;
  readonly qkv: np.Array;
  readonly out: np.Array;
  readonly up: np.Array;
  readonly down: np.Array;
}

/** `(x - mean) / deviation`, times a scale. */
function norm(x: np.Array, scale: np.Array): np.Array {
  const centred = x.ref.sub(np.mean(x, -1, { keepdims: true }));
  const variance = np.mean(np.square(centred.ref), -1, { keepdims: true });
  return centred.div(np.sqrt(variance.add(1e-5))).mul(scale);
}

/** A pre-norm transformer layer with causal attention. */
function layer(x: np.Array, { scale, qkv, out, up, down }: Layer): np.Array {
  const heads = (y: np.Array) => y.reshape([B, T, H, D / H]).transpose([0, 2, 1, 3]); // [B, H, T, D / H]
  const [q, k, v] = np.split(np.matmul(norm(x.ref, scale.ref), qkv), 3, -1).map(heads);
  if (!q || !k || !v) return x;
  const scores = np.matmul(q, k.transpose([0, 1, 3, 2])).mul((D / H) ** -0.5);
  const weights = nn.softmax(np.where(np.tri(T, T, 0, { dtype: np.bool }), scores, -1e9), -1);
  const mixed = np.matmul(weights, v).transpose([0, 2, 1, 3]).reshape([B, T, D]);
  const y = x.add(np.matmul(mixed, out));
  return y.ref.add(np.matmul(nn.gelu(np.matmul(norm(y, scale), up)), down));
}

Deno.test("compile() gives the loss and every gradient of a transformer as jax-js does", async () => {
  const loss = (
    { embedding, layers, head }: { embedding: np.Array; layers: Layer[]; head: np.Array },
    tokens: np.Array,
    targets: np.Array,
  ) => {
    const x = layers.reduce(layer, np.take(embedding, tokens, 0));
    return np.sum(nn.logSoftmax(np.matmul(x, head), -1).mul(nn.oneHot(targets, K))).neg();
  };
  const layers = [1, 2].map((seed) => ({
    scale: randomFloats([D], seed),
    qkv: randomFloats([D, 3 * D], seed + 10),
    out: randomFloats([D, D], seed + 20),
    up: randomFloats([D, 4 * D], seed + 30),
    down: randomFloats([4 * D, D], seed + 40),
  }));
  const params = { embedding: randomFloats([K, D], 50), layers, head: randomFloats([D, K], 51) };
  await assertSameAsJax(valueAndGrad(loss), [
    params,
    randomIntegers([B, T], 1, 0, K),
    randomIntegers([B, T], 2, 0, K),
  ]);
});

Deno.test("compile() gives the loss and every gradient of a convolutional autoencoder as jax-js does", async () => {
  interface Kernels {
    readonly first: np.Array;
    readonly bias: np.Array;
    readonly down: np.Array;
    readonly point: np.Array;
    readonly up: np.Array;
  }
  const groupNorm = (x: np.Array) => {
    const [n = 1, c = 1, h = 1, w = 1] = x.shape;
    return norm(x.reshape([n, 2, c / 2 * h * w]), np.ones([1])).reshape([n, c, h, w]);
  };
  const loss = ({ first, bias, down, point, up }: Kernels, x: np.Array) => {
    const wide = lax.conv(x.ref, first, [1, 1], "SAME").add(bias.reshape([4, 1, 1]));
    const half = lax.convGeneralDilated(nn.silu(groupNorm(wide)), down, [2, 2], [[1, 1], [1, 1]]);
    const y = half.ref.add(lax.conv(nn.silu(groupNorm(half)), point, [1, 1], "VALID"));
    const [n = 1, c = 1, h = 1, w = 1] = y.shape;
    const doubled = np.broadcastTo(y.reshape([n, c, h, 1, w, 1]), [n, c, h, 2, w, 2]).reshape([
      n,
      c,
      2 * h,
      2 * w,
    ]);
    return np.mean(np.square(lax.conv(doubled, up, [1, 1], "SAME").sub(x)));
  };
  const params = {
    first: randomFloats([4, 3, 3, 3], 1),
    bias: randomFloats([4], 2),
    down: randomFloats([6, 4, 4, 4], 3),
    point: randomFloats([6, 6, 1, 1], 4),
    up: randomFloats([3, 6, 3, 3], 5),
  };
  await assertSameAsJax(valueAndGrad(loss), [params, randomFloats([2, 3, 8, 8], 6)]);
});

/** `scale x + shift`. */
function affine({ scale, shift }: { scale: np.Array; shift: np.Array }, x: np.Array): { y: np.Array } {
  return { y: scale.mul(x).add(shift) };
}

const PARAMS = {
  scale: createTensor([2], Float32Array.of(2, 3)),
  shift: createTensor([], Float32Array.of(1)),
};
const X = createTensor([2], Float32Array.of(10, 20));

Deno.test("compile() bakes arguments in, which calls then leave out", async () => {
  const baked = await compile(affine, [PARAMS, X], { device: "cpu", baked: [0] });
  assertEquals([...(await baked(X)).y.data], [21, 61]);
  assertGreater(baked.stats.numNodes, 0);
  assertEquals(baked.stats.device, "cpu");
  await baked.dispose();
  const other = await compile(affine, [PARAMS, X], { device: "cpu", baked: [1] });
  assertEquals([...(await other(PARAMS)).y.data], [21, 61]);
  await other.dispose();
});

Deno.test("compile() returns inputs, constants and one value twice", async () => {
  const f = (x: np.Array) => {
    const y = x.ref.add(1);
    return { x, same: [y.ref, y], three: np.array(3), table: np.arange(3) };
  };
  const compiled = await compile(f, [X], { device: "cpu" });
  const { x, same, three, table } = await compiled(X);
  assertEquals([x, ...same, three, table].map(({ data }) => [...data]), [[10, 20], [11, 21], [11, 21], [3], [
    0,
    1,
    2,
  ]]);
  assertEquals((await compiled(x)).same.map(({ data }) => [...data]), [[11, 21], [11, 21]]);
  await compiled.dispose();
});

Deno.test("compile() leaves the arrays that a function closes over as they were", async () => {
  await initJax();
  const table = np.array([[1, 2], [3, 4]]);
  const before = table.refCount;
  const compiled = await compile((x: np.Array) => np.matmul(table.ref, x), [X], { device: "cpu" });
  assertEquals(table.refCount, before);
  assertEquals([...(await compiled(X)).data], [50, 110]);
  assertEquals(table.refCount, before);
  await compiled.dispose();
  table.dispose();
});

Deno.test("a compiled function names the argument that does not fit", async () => {
  const compiled = await compile(affine, [PARAMS, X], { device: "cpu", argumentNames: ["params", "x"] });
  const wrong = (params: unknown, x: unknown = X) => () => compiled(params as typeof PARAMS, x as typeof X);
  const cannot = "Cannot run compiled function: ";
  const longer = createTensor([3], new Float32Array(3)), integers = createTensor([2], new Int32Array(2));
  await assertRejects(
    wrong({ ...PARAMS, scale: longer }),
    TypeError,
    `${cannot}params.scale must be float32[2], got float32[3]`,
  );
  await assertRejects(
    wrong({ ...PARAMS, scale: integers }),
    TypeError,
    `${cannot}params.scale must be float32[2], got int32[2]`,
  );
  await assertRejects(wrong({ scale: X }), TypeError, `${cannot}params.shift must be float32[], got x`);
  await assertRejects(
    wrong({ ...PARAMS, more: X }),
    TypeError,
    `${cannot}x must be float32[2], got params.more`,
  );
  await assertRejects(() => compiled(PARAMS), TypeError, `${cannot}x must be float32[2], got nothing`);
  await assertRejects(
    () => compiled(PARAMS, X, X),
    TypeError,
    `${cannot}argument2 must be absent, got a tensor`,
  );
  await assertRejects(
    wrong({ ...PARAMS, scale: { shape: [2], data: new Float32Array(3) } }),
    TypeError,
    `${cannot}params.scale must be float32[2], got float32[2] with 3 elements`,
  );
  await assertRejects(
    wrong({ ...PARAMS, scale: 7 }),
    TypeError,
    "Cannot read tensors: params.scale must be a tensor, an array or a record, got number",
  );
  await compiled.dispose();
});

Deno.test("compile() refuses devices and options that cannot work", async () => {
  await assertRejects(
    () => compile(affine, [PARAMS, X], { device: "abacus" as "cpu" }),
    RangeError,
    "Cannot compile function: device must be one of auto, cpu, cuda, webgpu, got abacus",
  );
  await assertRejects(
    () => compile(affine, [PARAMS, X], { device: "cpu", baked: [2] }),
    RangeError,
    "Cannot compile function: baked must list arguments 0 to 1, got 2",
  );
  await assertRejects(
    () => compile((x: np.Array) => x.astype(np.uint32), [X], { device: "cpu" }),
    TypeError,
    "Cannot compile function: results must be float32, int32 or bool, got uint32",
  );
});
