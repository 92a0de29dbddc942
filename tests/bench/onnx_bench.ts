/**
 * A training step of a transformer through ONNX Runtime and through jax-js, and convolutions with their gradients.
 *
 * `deno task bench` prints times. Floating-point operations: the step 16.7 G (three times the forward pass), each
 * convolution as its name says; divide for GFLOP/s.
 */
import {
  blockUntilReady,
  defaultDevice,
  grad,
  init,
  jit,
  lax,
  nn,
  numpy as np,
  tree,
  valueAndGrad,
} from "@jax-js/jax";
import { compile, createTensor, createUniform, sizeOf, type Tensor } from "nuwa-infinity";

const uniform = createUniform(1);

/** Numbers in [-scale, scale). */
function random(shape: readonly number[], scale = 0.02): Tensor<Float32Array> {
  return createTensor(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => scale * (2 * uniform() - 1)),
  );
}

// Batch, layers, heads, width, own and context tokens, codebook entries.
const B = 8, L = 4, H = 3, D = 192, T = 64, C = 576, K = 512;
const MACS = B *
  (L * (T * D * 3 * D + C * D * 2 * D + T * D * D + 2 * T * (C + T) * D + 8 * T * D * D) + T * D * K * 2);

/** The weights of a layer, and of the whole. */
type Layer<Leaf> = {
  readonly qkv: Leaf;
  readonly out: Leaf;
  readonly up: Leaf;
  readonly down: Leaf;
  readonly memory: Leaf;
};
type Parameters<Leaf> = {
  readonly embedding: Leaf;
  readonly places: Leaf;
  readonly head: Leaf;
  readonly layers: Layer<Leaf>[];
};

/** `(x - mean) / deviation` over the last axis. */
function norm(x: np.Array): np.Array {
  const centred = x.ref.sub(np.mean(x, -1, { keepdims: true }));
  const variance = np.mean(np.square(centred.ref), -1, { keepdims: true });
  return centred.div(np.sqrt(variance.add(1e-5)));
}

/** `[B, n, D]` to `[B, H, n, D / H]`. */
function heads(x: np.Array, n: number): np.Array {
  return x.reshape([B, n, H, D / H]).transpose([0, 2, 1, 3]);
}

/** A pre-norm layer that attends to a memory of C tokens and to its own T, causally. */
function transformerLayer(x: np.Array, layer: Layer<np.Array>, memory: np.Array): np.Array {
  const [q, k, v] = np.split(np.matmul(norm(x.ref), layer.qkv), 3, -1);
  const [memoryKey, memoryValue] = np.split(np.matmul(memory, layer.memory), 2, -1);
  if (!q || !k || !v || !memoryKey || !memoryValue) return x;
  const key = np.concatenate([heads(memoryKey, C), heads(k, T)], 2);
  const value = np.concatenate([heads(memoryValue, C), heads(v, T)], 2);
  const hidden = np.tri(T, C + T, C).sub(1).mul(1e9);
  const scores = np.matmul(heads(q, T), key.transpose([0, 1, 3, 2])).mul((D / H) ** -0.5).add(hidden);
  const mixed = np.matmul(nn.softmax(scores, -1), value).transpose([0, 2, 1, 3]).reshape([B, T, D]);
  const y = x.add(np.matmul(mixed, layer.out));
  return y.ref.add(np.matmul(nn.gelu(np.matmul(norm(y), layer.up)), layer.down));
}

/** Cross entropy of one-hot targets. */
function loss(parameters: Parameters<np.Array>, tokens: np.Array, memories: np.Array): np.Array {
  let x = np.matmul(tokens.ref, parameters.embedding).add(parameters.places);
  for (const [index, layer] of parameters.layers.entries()) {
    x = transformerLayer(x, layer, memories.ref.slice(index));
  }
  memories.dispose();
  const logProbabilities = nn.logSoftmax(np.matmul(norm(x), parameters.head), -1);
  return np.mean(np.sum(logProbabilities.mul(tokens), -1)).mul(-1);
}

const parameters: Parameters<Tensor> = {
  embedding: random([K, D]),
  places: random([T, D]),
  head: random([D, K]),
  layers: Array.from({ length: L }, () => ({
    qkv: random([D, 3 * D]),
    out: random([D, D]),
    up: random([D, 4 * D]),
    down: random([4 * D, D]),
    memory: random([D, 2 * D]),
  })),
};
const oneHot = new Float32Array(B * T * K);
for (let place = 0; place < B * T; place++) oneHot[place * K + (place * 7) % K] = 1;
const tokens = createTensor([B, T, K], oneHot), memories = random([L, B, C, D], 1);

/** The same structure in jax-js arrays. */
function arraysOf(tensors: Parameters<Tensor>): Parameters<np.Array> {
  const array = (tensor: Tensor) => np.array(Float32Array.from(tensor.data)).reshape([...tensor.shape]);
  const layer = ({ qkv, out, up, down, memory }: Layer<Tensor>) => {
    return { qkv: array(qkv), out: array(out), up: array(up), down: array(down), memory: array(memory) };
  };
  const { embedding, places, head, layers } = tensors;
  return { embedding: array(embedding), places: array(places), head: array(head), layers: layers.map(layer) };
}

const training = `transformer training step, ${(6 * MACS / 1e9).toFixed(1)} GFLOP`;
const step = await compile(valueAndGrad(loss), [parameters, tokens, memories], { device: "cpu" });
Deno.bench(`${training}, ONNX Runtime`, { group: "step", baseline: true, n: 10, warmup: 4 }, async () => {
  await step(parameters, tokens, memories);
});
await init("wasm");
defaultDevice("wasm");
const inJax = jit(valueAndGrad(loss));
Deno.bench(`${training}, jax-js wasm`, { group: "step", n: 2, warmup: 1 }, async () => {
  const layerArrays = arraysOf(parameters);
  const array = (tensor: Tensor) => np.array(Float32Array.from(tensor.data)).reshape([...tensor.shape]);
  const results = inJax(layerArrays, array(tokens), array(memories));
  await blockUntilReady(results);
  tree.dispose(results);
});

// Pictures, channels in, channels out, side, kernel, stride.
const CONVOLUTIONS = [[8, 64, 64, 64, 3, 1], [8, 128, 128, 32, 3, 1], [8, 64, 128, 64, 4, 2], [
  8,
  128,
  128,
  32,
  1,
  1,
]];
for (const [n = 1, channels = 1, filters = 1, side = 1, kernel = 1, stride = 1] of CONVOLUTIONS) {
  const margin: [number, number] = [Math.floor((kernel - 1) / 2), Math.floor((kernel - 1) / 2)];
  const conv = (x: np.Array, w: np.Array) => lax.conv(x, w, [stride, stride], [margin, margin]);
  const out = side / stride;
  const tensors = [
    random([n, channels, side, side]),
    random([filters, channels, kernel, kernel]),
    random([n, filters, out, out]),
  ];
  const weighted = (x: np.Array, w: np.Array, weights: np.Array) => np.sum(conv(x, w).mul(weights));
  const flops = (2 * n * channels * filters * (out * kernel) ** 2 / 1e9).toFixed(2);
  const name =
    `conv ${n}x${channels}x${side}x${side} by ${filters}x${kernel}x${kernel}, stride ${stride}, ${flops} GFLOP`;
  const parts = {
    forward: (x: np.Array, w: np.Array, weights: np.Array) => {
      weights.dispose();
      return conv(x, w);
    },
    "gradient of the input": grad(weighted),
    "gradient of the kernel": grad(weighted, { argnums: 1 }),
  };
  for (const [part, f] of Object.entries(parts)) {
    const run = await compile(f, tensors, { device: "cpu" });
    Deno.bench(`${name}: ${part}`, { n: 10, warmup: 3 }, async () => void await run(...tensors));
  }
}
