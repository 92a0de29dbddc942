import type { PatchTransformerConfig, TextEncoderConfig } from "nuwa-infinity";

/** One training batch. */
export interface TrainingSize {
  /** B, canvases. */
  readonly batchSize: number;
  /** P, patches of a canvas. */
  readonly numPatches: number;
  /** Parts that `canvasLogits` cuts the queries into; each meets the keys up to its own end. */
  readonly numParts: number;
  /** Sequences of a canvas: 1, or 2 where patches with unknown tokens are learned beside the causal ones. */
  readonly numSequences: number;
}

/** The formula of {@link countTrainingFlops}, for the reader of a table. */
export const TRAINING_FORMULA = [
  "FLOPs of a step = 3 x 2 x multiplications; those of a canvas: L [N 16 d^2 + 2 pairs d] (attention, feed-forward)",
  "+ L [N 2 d^2 + 2 N S d] (reading the text) + P M d K (head), twice where unknown tokens are learned too,",
  "+ L 2 S d^2 + the text encoder's; N = P (M + 1), pairs = 5/8 N^2: what attention in four parts multiplies.",
  "Norms, softmax, embeddings, offsets and AdamW count nothing.",
];

/**
 * Floating-point operations of a training step that are matrix products: two a multiplication, and the backward pass
 * takes twice the forward one.
 */
export function countTrainingFlops(
  config: PatchTransformerConfig,
  text: TextEncoderConfig,
  { batchSize: B, numPatches: P, numParts, numSequences: Q }: TrainingSize,
): number {
  const { embedDim: d, numLayers: L, codebookSize: K, patchTokens: { height, width } } = config;
  const M = height * width, N = P * (M + 1), S = text.maxLength;
  const numPairs = N ** 2 * (numParts + 1) / (2 * numParts);
  const layer = N * (4 + 12) * d ** 2 + 2 * numPairs * d;
  const readText = 2 * N * d ** 2 + 2 * N * S * d;
  const encoder = text.numLayers * (S * (4 + 12) * text.embedDim ** 2 + 2 * S ** 2 * text.embedDim);
  const sequence = L * (layer + readText) + P * M * d * K;
  const once = Q * sequence + L * 2 * S * d ** 2 + S * text.embedDim * d + encoder;
  return 3 * 2 * B * once;
}

/**
 * Bytes that decoding one token must read: every weight of the layers and of the head, and all keys and values, of the
 * context, of the patch's own tokens and of the text.
 */
export function countBytesRead(
  config: PatchTransformerConfig,
  sizes: { readonly numContext: number; readonly textLength: number; readonly bytesPerElement: number },
): number {
  const { embedDim: d, numLayers: L, codebookSize: K, patchTokens: { height, width } } = config;
  const weights = L * (4 + 2 + 12) * d ** 2 + d * K;
  const keys = (sizes.numContext + 1) * height * width + sizes.textLength;
  return sizes.bytesPerElement * (weights + 2 * L * keys * d);
}
