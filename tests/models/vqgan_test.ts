import { grad, lax, numpy as np } from "@jax-js/jax";
import { assert, assertEquals, assertGreater } from "@std/assert";
import { createTensor, sizeOf, type Tensor } from "../../lib/core/mod.ts";
import {
  decodeLatents,
  decodeTokens,
  downsamplingFactor,
  encodePixels,
  initVqgan,
  lookUpCodes,
  nearestCodes,
  receptiveHalo,
  reconstruct,
  tokenizePixels,
  VQGAN_PRESETS,
  type VqganConfig,
  type VqganParameters,
} from "../../lib/models/mod.ts";
import { assertAllClose } from "../_assert_all_close.ts";
import { createRandom, runOnce } from "../_run_once.ts";

type Parameters = VqganParameters<np.Array>;

const CONFIG: VqganConfig = {
  stem: 2,
  channels: [4, 6],
  numBlocks: { encoder: 1, decoder: 1 },
  codebookSize: 9,
  codeDim: 3,
};
const PARAMETERS = initVqgan(CONFIG, 1);
const REFINED: VqganConfig = { ...CONFIG, refinement: { channels: 3, numLayers: 1 } };

Deno.test("reconstruct() has the shapes that it says, on canvases that are not square", async () => {
  for (const config of [CONFIG, REFINED, VQGAN_PRESETS.tiny]) {
    const f = downsamplingFactor(config), pixels = createRandom([2, 3, 2 * f, 3 * f]);
    const result = await runOnce(reconstruct.bind(null, config), initVqgan(config, 1), pixels);
    assertEquals(result.pixels.shape, [2, 3, 2 * f, 3 * f]);
    assertEquals(result.latents.shape, [2, config.codeDim, 2, 3]);
    assertEquals(result.codes.shape, [2, config.codeDim, 2, 3]);
    assertEquals(result.tokenIds.shape, [2, 2, 3]);
    assert(result.tokenIds.data instanceof Int32Array);
  }
});

Deno.test("encodePixels() gives latents of length 1", async () => {
  const { data } = await runOnce(encodePixels.bind(null, CONFIG), PARAMETERS, createRandom([1, 3, 8, 8]));
  for (let i = 0; i < 4; i++) {
    const length = Math.hypot(data[i] ?? 0, data[4 + i] ?? 0, data[8 + i] ?? 0);
    assert(Math.abs(length - 1) < 1e-4, `length ${length}`);
  }
});

Deno.test("nearestCodes() finds the code at the smallest angle", async () => {
  const { codebook } = PARAMETERS, K = CONFIG.codebookSize;
  const latents = createRandom([2, 3, 2, 5], 3);
  const ids = await runOnce((p: Parameters, x: np.Array) => nearestCodes(p, x), PARAMETERS, latents);
  const expected = Array.from({ length: 20 }, (_, n) => {
    const b = Math.floor(n / 10), i = n % 10;
    const cosine = (k: number) => {
      const code = [0, 1, 2].map((c) => codebook.data[k * 3 + c] ?? 0);
      return code.reduce((sum, x, c) => sum + x * (latents.data[(b * 3 + c) * 10 + i] ?? 0), 0) /
        Math.hypot(...code);
    };
    return [...Array(K).keys()].reduce((best, k) => cosine(k) > cosine(best) ? k : best, 0);
  });
  assertEquals([...ids.data], expected);
  assertGreater(new Set(expected).size, 3);
});

Deno.test("lookUpCodes() gives back the code that a latent is", async () => {
  const tokenIds = createTensor([1, 2, 3], Int32Array.of(8, 0, 3, 3, 7, 1));
  const f = (p: Parameters, ids: np.Array) => nearestCodes(p, lookUpCodes(p, ids));
  assertEquals(await runOnce(f, PARAMETERS, tokenIds), tokenIds);
});

Deno.test("decodeTokens() of tokenizePixels() is what reconstruct() gives", async () => {
  const pixels = createRandom([1, 3, 8, 12]);
  const there = (p: Parameters, x: np.Array) => tokenizePixels(CONFIG, p, x);
  const back = (p: Parameters, ids: np.Array) => decodeTokens(CONFIG, p, ids);
  const tokens = await runOnce(there, PARAMETERS, pixels);
  const expected = await runOnce(reconstruct.bind(null, CONFIG), PARAMETERS, pixels);
  assertEquals(tokens, expected.tokenIds);
  assertAllClose(await runOnce(back, PARAMETERS, tokens), expected.pixels, 1e-5);
});

Deno.test("reconstruct() passes gradients straight through the codebook", async () => {
  const pixels = createRandom([1, 3, 8, 8]), weights = createRandom([1, 3, 8, 8], 2);
  const f = (parameters: Parameters, x: np.Array, weights: np.Array) => {
    const sum = (y: np.Array) => np.sum(y.mul(weights.ref));
    const actual = grad((p: Parameters) => sum(reconstruct(CONFIG, p, x.ref).pixels))(parameters);
    // By hand: the slope at the codes, as if the latents had been there.
    const latents = encodePixels(CONFIG, parameters, x.ref);
    const codes = lookUpCodes(parameters, nearestCodes(parameters, latents));
    const slope = lax.stopGradient(grad((z: np.Array) => sum(decodeLatents(CONFIG, parameters, z)))(codes));
    const byHand = grad((p: Parameters) => np.sum(encodePixels(CONFIG, p, x.ref).mul(slope.ref)))(parameters);
    return { encoder: actual.encoder, expected: byHand.encoder, codebook: actual.codebook };
  };
  const { encoder, expected, codebook } = await runOnce(f, PARAMETERS, pixels, weights);
  const both = [encoder, expected].map((
    { input, levels },
  ) => [input.weight, levels[0]?.blocks[0]?.first.weight]);
  for (const [i, gradient] of both[0]?.entries() ?? []) {
    const slow = both[1]?.[i];
    assert(gradient && slow);
    assertGreater(Math.max(...slow.data), 0);
    assertAllClose(gradient, slow, 1e-5);
  }
  assertEquals(codebook.data, new Float32Array(27));
});

Deno.test("decodeLatents() with a refinement that was not trained is decodeLatents() without it", async () => {
  const refined = initVqgan(REFINED, 1), { refinement, ...plain } = refined.decoder;
  assertEquals(plain, PARAMETERS.decoder);
  assertEquals(refinement?.output.weight.data.every((weight) => Math.abs(weight) === 0), true);
  const latents = createRandom([2, 3, 2, 5]);
  const decode = (config: VqganConfig) => (p: Parameters, z: np.Array) => decodeLatents(config, p, z);
  const before = await runOnce(decode(CONFIG), PARAMETERS, latents);
  assertAllClose(await runOnce(decode(REFINED), refined, latents), before, 1e-6);
});

Deno.test("decodeLatents() adds to each pixel what its surroundings and its features say", async () => {
  const { decoder, ...rest } = initVqgan({ ...REFINED, refinement: { channels: 2, numLayers: 0 } }, 1);
  const fill = ({ shape }: Tensor, at: (index: number) => number) =>
    createTensor(shape, Float32Array.from({ length: sizeOf(shape) }, (_, index) => at(index)));
  const { refinement } = decoder;
  assert(refinement);
  const { features, pixels, output } = refinement;
  const byHand = { // channel 0 is 40 everywhere, where silu(x) = x; channel 1 is red, plus 40
    features: { weight: fill(features.weight, () => 0), bias: fill(features.bias, () => 40) },
    pixels: { weight: fill(pixels.weight, (i) => i === 27 + 4 ? 1 : 0), bias: fill(pixels.bias, () => 0) },
    layers: [],
    // Green gets channel 1 of the pixel to the right, less 40.
    output: {
      weight: fill(output.weight, (i) => i === 18 + 9 + 5 ? 1 : 0),
      bias: fill(output.bias, (i) => i === 1 ? -40 : 0),
    },
  };
  const latents = createRandom([1, 3, 2, 3]);
  const before = await runOnce(
    (p: Parameters, z: np.Array) => decodeLatents(CONFIG, p, z),
    PARAMETERS,
    latents,
  );
  const after = await runOnce(
    (p: Parameters, z: np.Array) => decodeLatents(REFINED, p, z),
    { ...rest, decoder: { ...decoder, refinement: byHand } },
    latents,
  );
  const [, , H = 0, W = 0] = before.shape;
  const expected = Float32Array.from(before.data, (value, i) => {
    const isGreen = Math.floor(i / (H * W)) === 1, isLast = i % W === W - 1;
    return value + (isGreen ? isLast ? -40 : before.data[i - H * W + 1] ?? NaN : 0);
  });
  assertAllClose(after, createTensor(before.shape, expected), 1e-4);
});

/** The places of a canvas `[1, C, size, size]` at which two tensors differ in any channel, as distances from `at`. */
function changedDistances(
  before: Tensor,
  after: Tensor,
  at: readonly [row: number, column: number],
): number[] {
  const size = before.shape.at(-1) ?? 1;
  const distances: number[] = [];
  for (const [i, value] of before.data.entries()) {
    if (value === after.data[i]) continue;
    const row = Math.floor(i / size) % size, column = i % size;
    distances.push(Math.max(Math.abs(row - at[0]), Math.abs(column - at[1])));
  }
  return distances;
}

const HALO_CONFIGS: VqganConfig[] = [
  VQGAN_PRESETS.tiny,
  { ...CONFIG, numBlocks: { encoder: 2, decoder: 3 } },
  { ...CONFIG, refinement: { channels: 3, numLayers: 5 } },
  { ...CONFIG, numBlocks: { encoder: 3, decoder: 1 }, channels: [4, 4, 4] },
];

Deno.test("receptiveHalo() holds for pixels: beyond it, no latent changes", async () => {
  for (const config of HALO_CONFIGS) {
    const f = downsamplingFactor(config),
      halo = receptiveHalo(config),
      size = 2 * halo + 5,
      middle = halo + 2;
    const pixels = createRandom([1, 3, size * f, size * f]), changed = createRandom(pixels.shape);
    for (let i = 0; i < 3 * f * f; i++) {
      const y = middle * f + Math.floor(i / f) % f, x = middle * f + i % f;
      changed.data[(Math.floor(i / f / f) * size * f + y) * size * f + x] = 9;
    }
    const encode = (p: Parameters, a: np.Array, b: np.Array) => ({
      before: encodePixels(config, p, a),
      after: encodePixels(config, p, b),
    });
    const { before, after } = await runOnce(encode, initVqgan(config, 1), pixels, changed);
    const reach = Math.max(...changedDistances(before, after, [middle, middle]));
    assert(reach >= 1 && reach <= halo, `pixels reach ${reach} tokens, the halo is ${halo}`);
  }
});

Deno.test("receptiveHalo() holds for tokens: beyond it, no pixel changes, and it is not much too wide", async () => {
  for (const config of HALO_CONFIGS) {
    const f = downsamplingFactor(config),
      halo = receptiveHalo(config),
      size = 2 * halo + 5,
      middle = halo + 2;
    const latents = createRandom([1, config.codeDim, size, size]), changed = createRandom(latents.shape);
    for (let c = 0; c < config.codeDim; c++) changed.data[(c * size + middle) * size + middle] = 9;
    const decode = (p: Parameters, a: np.Array, b: np.Array) => ({
      before: decodeLatents(config, p, a),
      after: decodeLatents(config, p, b),
    });
    const { before, after } = await runOnce(decode, liven(initVqgan(config, 1)), latents, changed);
    const blocks = changedDistances(shrink(before, f), shrink(after, f), [middle, middle]);
    const reach = Math.max(...blocks);
    assert(reach >= 1 && reach <= halo, `tokens reach ${reach} tokens, the halo is ${halo}`);
    if (config.numBlocks.decoder >= config.numBlocks.encoder) assertGreater(reach, halo - 3);
  }
});

/** The parameters, but for a last stage that does something. */
function liven({ decoder, ...rest }: VqganParameters<Tensor>): VqganParameters<Tensor> {
  const { refinement } = decoder;
  if (refinement === undefined) return { ...rest, decoder };
  const output = { ...refinement.output, weight: createRandom(refinement.output.weight.shape, 4) };
  return { ...rest, decoder: { ...decoder, refinement: { ...refinement, output } } };
}

/** Every pixel of an f x f block as a channel of its token: `[1, 3 f f, h, w]`. */
function shrink({ shape, data }: Tensor, f: number): Tensor {
  const [, C = 1, H = 1, W = 1] = shape;
  const h = H / f, w = W / f;
  const blocks = new Float32Array(sizeOf(shape));
  for (const [i, value] of data.entries()) {
    const c = Math.floor(i / (H * W)), y = Math.floor(i / W) % H, x = i % W;
    const channel = (c * f + y % f) * f + x % f;
    blocks[(channel * h + Math.floor(y / f)) * w + Math.floor(x / f)] = value;
  }
  return createTensor([1, C * f * f, h, w], blocks);
}
