import { lax, nn, numpy as np } from "@jax-js/jax";
import type { Reconstruction } from "../models/mod.ts";

/** Weights of the terms of {@link reconstructionLoss}. */
export interface ReconstructionWeights {
  /** Mean squared error; sets the PSNR. */
  readonly squared: number;
  /** Mean absolute error; keeps edges. */
  readonly absolute: number;
  /** Mean absolute error of horizontal and vertical differences; keeps strokes. */
  readonly edge: number;
  /** Mean absolute error of each channel's distance from the mean of all three; keeps specks of colour away. */
  readonly colour: number;
}

/** Weights of the terms of {@link tokenizerLoss}. */
export interface TokenizerLossWeights extends ReconstructionWeights {
  /** How strongly latents are drawn to their code. */
  readonly commitment: number;
}

/**
 * How far painted pixels are from those that were meant. The terms of edge and colour are ours.
 *
 * @param painted `[B, 3, H, W]`; consumed.
 * @param pixels `[B, 3, H, W]`; consumed.
 * @returns The loss and the mean squared error, scalars.
 */
export function reconstructionLoss(
  painted: np.Array,
  pixels: np.Array,
  weights: ReconstructionWeights,
): { loss: np.Array; squaredError: np.Array } {
  const error = painted.sub(pixels); // [B, 3, H, W]
  const [, , H = 1, W = 1] = error.shape;
  const squaredError = np.mean(error.ref.mul(error.ref));
  const across = error.ref.slice([], [], [], [1, W]).sub(error.ref.slice([], [], [], [0, W - 1]));
  const down = error.ref.slice([], [], [1, H]).sub(error.ref.slice([], [], [0, H - 1]));
  const edge = np.mean(np.abs(across)).add(np.mean(np.abs(down)));
  const tint = error.ref.sub(np.mean(error.ref, 1, { keepdims: true }));
  const colour = np.mean(np.abs(tint)).mul(weights.colour);
  const loss = squaredError.ref.mul(weights.squared)
    .add(np.mean(np.abs(error)).mul(weights.absolute))
    .add(edge.mul(weights.edge))
    .add(colour);
  return { loss, squaredError };
}

/**
 * How much the lines of a periodic grid stand out: the variance, over the `period` places of a line in its cell, of how
 * much stronger neighbouring pixels differ there than on average; the mean over pictures, the sum of both axes. 0 where no
 * place stands out. Ours.
 *
 * @param painted `[B, 3, H, W]`, both sides multiples of the period, two of them at least; consumed.
 * @returns A scalar.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { numpy as np } from "@jax-js/jax";
 * import { seamLoss } from "nuwa-infinity";
 * const both = (x: np.Array) => np.broadcastTo(x.ref.add(x.reshape([8, 1])), [1, 3, 8, 8]);
 * const ramp = np.arange(8).astype(np.float32), steps = np.floor(ramp.ref.mul(0.25));
 * const smooth = await seamLoss(both(ramp), 4).jsAsync(), seams = await seamLoss(both(steps), 4).jsAsync();
 * assertEquals([smooth.toFixed(2), seams.toFixed(2)], ["0.00", "6.00"]); // all of a step in one line of four
 * ```
 */
export function seamLoss(painted: np.Array, period: number): np.Array {
  const [B = 1, C = 1, H = 1, W = 1] = painted.shape;
  const across = painted.ref.slice([], [], [], [1, W]).sub(painted.ref.slice([], [], [], [0, W - 1]));
  const down = painted.ref.slice([], [], [1, H]).sub(painted.slice([], [], [0, H - 1]));
  const spread = (strength: np.Array) => { // of [B, period]
    const relative = strength.ref.div(np.mean(strength, 1, { keepdims: true }).add(1e-4)).sub(1);
    return np.mean(relative.ref.mul(relative));
  };
  // Cells, without the last one, which lacks a line.
  const columns = np.abs(across).slice([], [], [], [0, W - period]).reshape([
    B,
    C * H,
    W / period - 1,
    period,
  ]);
  const rows = np.abs(down).slice([], [], [0, H - period], []).reshape([B, C, H / period - 1, period, W]);
  return spread(np.mean(columns, [1, 2])).add(spread(np.mean(rows, [1, 2, 4])));
}

/**
 * Reconstruction and codebook terms of VQGAN.
 *
 * Source: van den Oord et al. 2017, arXiv:1711.00937, equation 3, and Esser et al. 2021, arXiv:2012.09841, section 3.1.
 *
 * @param pixels What was to be reconstructed, `[B, 3, H, W]`; consumed, as is `reconstruction` without its token ids.
 * @returns The loss and the mean squared error, scalars.
 */
export function tokenizerLoss(
  reconstruction: Omit<Reconstruction, "tokenIds">,
  pixels: np.Array,
  weights: TokenizerLossWeights,
): { loss: np.Array; squaredError: np.Array } {
  const { latents, codes } = reconstruction;
  const { loss, squaredError } = reconstructionLoss(reconstruction.pixels, pixels, weights);
  const distance = (a: np.Array, b: np.Array) => {
    const difference = a.sub(b);
    return np.mean(np.sum(difference.ref.mul(difference), 1));
  };
  const codebook = distance(lax.stopGradient(latents.ref), codes.ref);
  const commitment = distance(latents, lax.stopGradient(codes));
  return { loss: loss.add(codebook).add(commitment.mul(weights.commitment)), squaredError };
}

/**
 * Cross-entropy of tokens under logits, with label smoothing: the mean over all of them, or over those that count.
 *
 * Source: Szegedy et al. 2016, arXiv:1512.00567, section 7 (smoothing); 0.1 to 0.15 in NUWA-Infinity's recipes.
 *
 * @param logits `[..., K]`; consumed.
 * @param tokenIds int32 `[...]`; consumed.
 * @param counts Which tokens count, bool `[...]`; consumed. Default: all.
 * @returns `loss`, smoothed, and `nats`, the plain mean cross-entropy: scalars.
 */
export function tokenCrossEntropy(
  logits: np.Array,
  tokenIds: np.Array,
  labelSmoothing: number,
  counts?: np.Array,
): { loss: np.Array; nats: np.Array } {
  const K = logits.shape.at(-1) ?? 1;
  const logProbabilities = nn.logSoftmax(logits, -1);
  // Not nn.oneHot, whose identity matrix has K x K elements.
  const isToken = np.equal(tokenIds.reshape([...tokenIds.shape, 1]), np.arange(K)); // [..., K]
  const mean = (perToken: np.Array) => { // of [...]
    if (counts === undefined) return np.mean(perToken);
    const weights = counts.ref.astype(np.float32);
    return np.sum(perToken.mul(weights.ref)).div(np.maximum(np.sum(weights), 1));
  };
  const nats = mean(np.sum(np.where(isToken, logProbabilities.ref, 0), -1)).mul(-1);
  if (labelSmoothing === 0) {
    logProbabilities.dispose();
    counts?.dispose();
    return { loss: nats.ref, nats };
  }
  const uniform = mean(np.mean(logProbabilities, -1)).mul(-1);
  counts?.dispose();
  return { loss: nats.ref.mul(1 - labelSmoothing).add(uniform.mul(labelSmoothing)), nats };
}
