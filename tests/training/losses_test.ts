import { grad, type numpy as np } from "@jax-js/jax";
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { createTensor, type Tensor } from "../../lib/core/mod.ts";
import { seamLoss, tokenCrossEntropy, tokenizerLoss } from "../../lib/training/mod.ts";
import { assertAllClose } from "../_assert_all_close.ts";
import { createRandom, runOnce } from "../_run_once.ts";

const WEIGHTS = { squared: 4, absolute: 2, edge: 0.5, colour: 3, commitment: 0.25 };

function valueOf(tensor: Tensor): number {
  assertEquals(tensor.shape, []);
  return tensor.data[0] ?? NaN;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The terms of {@link tokenizerLoss}, element by element. */
function tokenizerTerms(pixels: Tensor, target: Tensor, latents: Tensor, codes: Tensor) {
  const [B = 1, C = 1, H = 1, W = 1] = pixels.shape;
  const error = (b: number, c: number, y: number, x: number) => {
    const at = ((b * C + c) * H + y) * W + x;
    return (pixels.data[at] ?? NaN) - (target.data[at] ?? NaN);
  };
  const tint: number[] = [];
  const all: number[] = [], across: number[] = [], down: number[] = [];
  for (let b = 0; b < B; b++) {
    for (let c = 0; c < C; c++) {
      for (let y = 0; y < H; y++) {
        for (let x = 0; x < W; x++) {
          all.push(error(b, c, y, x));
          tint.push(Math.abs(error(b, c, y, x) - mean([0, 1, 2].map((channel) => error(b, channel, y, x)))));
          if (x > 0) across.push(Math.abs(error(b, c, y, x) - error(b, c, y, x - 1)));
          if (y > 0) down.push(Math.abs(error(b, c, y, x) - error(b, c, y - 1, x)));
        }
      }
    }
  }
  const places = latents.data.length / (latents.shape[1] ?? 1);
  const distance = [...latents.data].reduce((sum, x, i) => sum + (x - (codes.data[i] ?? NaN)) ** 2, 0) /
    places;
  return {
    squared: mean(all.map((x) => x * x)),
    absolute: mean(all.map(Math.abs)),
    edge: mean(across) + mean(down),
    colour: mean(tint),
    distance,
  };
}

Deno.test("tokenizerLoss() is the weighted sum of its terms", async () => {
  const pixels = createRandom([2, 3, 4, 6], 1), target = createRandom([2, 3, 4, 6], 2);
  const latents = createRandom([2, 5, 2, 3], 3), codes = createRandom([2, 5, 2, 3], 4);
  const result = await runOnce(
    (pixels: np.Array, target: np.Array, latents: np.Array, codes: np.Array) =>
      tokenizerLoss({ pixels, latents, codes }, target, WEIGHTS),
    pixels,
    target,
    latents,
    codes,
  );
  const terms = tokenizerTerms(pixels, target, latents, codes);
  assertAlmostEquals(valueOf(result.squaredError), terms.squared, 1e-5);
  const expected = 4 * terms.squared + 2 * terms.absolute + 0.5 * terms.edge + 3 * terms.colour +
    1.25 * terms.distance;
  assertAlmostEquals(valueOf(result.loss), expected, 1e-4);
});

Deno.test("tokenizerLoss() of a perfect reconstruction is zero", async () => {
  const { loss } = await runOnce(
    (pixels: np.Array, codes: np.Array) =>
      tokenizerLoss({ pixels: pixels.ref, latents: codes.ref, codes }, pixels, WEIGHTS),
    createRandom([1, 3, 4, 4]),
    createRandom([1, 2, 1, 1]),
  );
  assertEquals(valueOf(loss), 0);
});

/** `loss` and `nats` of {@link tokenCrossEntropy}. */
async function crossEntropy(logits: Tensor, tokenIds: Tensor, labelSmoothing: number) {
  const { loss, nats } = await runOnce(
    (logits: np.Array, tokenIds: np.Array) => tokenCrossEntropy(logits, tokenIds, labelSmoothing),
    logits,
    tokenIds,
  );
  return { loss: valueOf(loss), nats: valueOf(nats) };
}

Deno.test("tokenCrossEntropy() is the mean of -log softmax at the tokens", async () => {
  const K = 7, tokenIds = createTensor([2, 3], Int32Array.of(0, 6, 2, 2, 5, 1));
  const logits = createRandom([2, 3, K], 5);
  const rows = Array.from({ length: 6 }, (_, i) => [...logits.data.subarray(i * K, (i + 1) * K)]);
  const logOf = (row: readonly number[]) => {
    const total = Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0));
    return row.map((x) => x - total);
  };
  const expected = mean(rows.map((row, i) => -(logOf(row)[tokenIds.data[i] ?? 0] ?? NaN)));
  const plain = await crossEntropy(logits, tokenIds, 0);
  assertAlmostEquals(plain.nats, expected, 1e-5);
  assertEquals(plain.loss, plain.nats);
  const uniform = mean(rows.map((row) => -mean(logOf(row))));
  const smooth = await crossEntropy(logits, tokenIds, 0.3);
  assertAlmostEquals(smooth.nats, expected, 1e-5);
  assertAlmostEquals(smooth.loss, 0.7 * expected + 0.3 * uniform, 1e-5);
});

Deno.test("tokenCrossEntropy() with label smoothing has the floor of the paper's codebook", async () => {
  // The entropy of the smoothed target, K = 16384; computed with numpy from its definition.
  const floors = [[0.1, 1.2954102829594538], [0.15, 1.8782042875845797]] as const;
  const K = 16384;
  for (const [smoothing, floor] of floors) {
    // The logits of the smoothed target itself: 1 - s + s / K at the token, s / K elsewhere.
    const data = new Float32Array(K).fill(Math.log(smoothing / K));
    data[3] = Math.log(1 - smoothing + smoothing / K);
    const { loss } = await crossEntropy(
      createTensor([1, K], data),
      createTensor([1], Int32Array.of(3)),
      smoothing,
    );
    assertAlmostEquals(loss, floor, 1e-4); // float32 sums of 16384 terms
  }
});

Deno.test("tokenCrossEntropy() has the gradient softmax - target", async () => {
  const N = 6, K = 7, s = 0.3, tokenIds = createTensor([N], Int32Array.of(0, 6, 2, 2, 5, 1));
  const logits = createRandom([N, K], 5);
  const gradient = await runOnce(
    (logits: np.Array, tokenIds: np.Array) =>
      grad((logits: np.Array) => tokenCrossEntropy(logits, tokenIds, s).loss)(logits),
    logits,
    tokenIds,
  );
  const expected = Float32Array.from(logits.data, (x, i) => {
    const row = Math.floor(i / K);
    const total = logits.data.slice(row * K, (row + 1) * K).reduce((sum, x) => sum + Math.exp(x), 0);
    const target = (i % K === tokenIds.data[row] ? 1 - s : 0) + s / K;
    return (Math.exp(x) / total - target) / N;
  });
  assertAllClose(gradient, createTensor([N, K], expected), 1e-5);
});

Deno.test("tokenizerLoss() draws codes to latents, and latents to codes by the commitment", async () => {
  const pixels = createRandom([1, 3, 4, 4]), latents = createRandom([2, 5, 2, 3], 3);
  const codes = createRandom([2, 5, 2, 3], 4);
  const gradients = await runOnce(
    (pixels: np.Array, latents: np.Array, codes: np.Array) =>
      grad((both: { latents: np.Array; codes: np.Array }) =>
        tokenizerLoss({ pixels: pixels.ref, ...both }, pixels, WEIGHTS).loss
      )({ latents, codes }),
    pixels,
    latents,
    codes,
  );
  const places = 2 * 2 * 3;
  const pull = codes.data.map((code, i) => 2 * (code - (latents.data[i] ?? NaN)) / places);
  assertAllClose(gradients.codes, createTensor(codes.shape, pull), 1e-5, "codes");
  const commitment = createTensor(codes.shape, pull.map((x) => -0.25 * x));
  assertAllClose(gradients.latents, commitment, 1e-5, "latents");
});

Deno.test("seamLoss() is the spread of differences over the places of a cell", async () => {
  const shape = [2, 3, 8, 12] as const, period = 4, pixels = createRandom(shape, 5);
  const at = (plane: number, y: number, x: number) => pixels.data[(plane * 8 + y) * 12 + x] ?? NaN;
  /** Differences of lines 1 to `length - period`, by their place in the cell. */
  type Read = (plane: number, line: number, i: number) => number;
  const spread = (picture: number, length: number, across: number, value: Read) => {
    const strengths = Array.from({ length: period }, (_, place) => {
      const all: number[] = [];
      for (let line = 1; line <= length - period; line++) {
        if ((line - 1) % period !== place) continue;
        for (let plane = 3 * picture; plane < 3 * picture + 3; plane++) {
          for (let i = 0; i < across; i++) {
            all.push(Math.abs(value(plane, line, i) - value(plane, line - 1, i)));
          }
        }
      }
      return mean(all);
    });
    return mean(strengths.map((strength) => (strength / mean(strengths) - 1) ** 2));
  };
  const expected = mean(
    [0, 1].map((picture) =>
      spread(picture, 12, 8, (plane, x, y) => at(plane, y, x)) + spread(picture, 8, 12, at)
    ),
  );
  assertAlmostEquals(valueOf(await runOnce((x: np.Array) => seamLoss(x, period), pixels)), expected, 1e-4);
});

Deno.test("seamLoss() is 0 for a slope, and large for blocks", async () => {
  const draw = (value: (y: number, x: number) => number) =>
    createTensor(
      [1, 1, 16, 16],
      Float32Array.from({ length: 256 }, (_, i) => value(Math.floor(i / 16), i % 16)),
    );
  const loss = async (x: Tensor) => valueOf(await runOnce((x: np.Array) => seamLoss(x, 4), x));
  assertAlmostEquals(await loss(draw((y, x) => (y + 2 * x) / 16)), 0, 1e-4);
  // One place of four has all the differences: strengths 4, 0, 0, 0 of a mean of 1, on both axes.
  assertAlmostEquals(await loss(draw((y, x) => Math.floor(y / 4) + Math.floor(x / 4))), 2 * 3, 0.01);
});
