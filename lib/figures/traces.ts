import type { PatchPosition, Tensor } from "../core/mod.ts";

/** Tokens along the sides of a patch; M = height * width, in raster order. */
export interface PatchTokens {
  /** Tokens of a column. */
  readonly height: number;
  /** Tokens of a row. */
  readonly width: number;
}

/**
 * Where the tokens of one patch looked, in every layer and head.
 *
 * Query m is the one that predicts token m, so it has token m - 1 (or the begin token) as its input.
 */
export interface AttentionTrace {
  /** The patch that asks. */
  readonly position: PatchPosition;
  /** The context patches, in the order of the plan's step; shape `[N]`, possibly none. */
  readonly context: readonly PatchPosition[];
  /** The size of every patch. */
  readonly patchTokens: PatchTokens;
  /**
   * After the softmax, so each row sums to 1; shape `[L, heads, M, N M + M]`. Keys: the M tokens of each context patch,
   * in raster order; then the begin token and the patch's own tokens 0 to M - 2. Own keys that come later are 0.
   */
  readonly weights: Tensor<Float32Array>;
}

/** Which words of the text the tokens of one patch looked at, in every layer and head. */
export interface TextAttentionTrace {
  /** The patch that asks. */
  readonly position: PatchPosition;
  /** What each text token stands for; shape `[T]`. */
  readonly words: readonly string[];
  /** After the softmax; shape `[L, heads, M, T]`. */
  readonly weights: Tensor<Float32Array>;
}

/** What the model predicted for the tokens of one patch, and what was drawn. */
export interface LogitsTrace {
  /** The patch. */
  readonly position: PatchPosition;
  /** Its size in tokens. */
  readonly patchTokens: PatchTokens;
  /** The tokens that were drawn; shape `[M]`. */
  readonly tokens: Int32Array;
  /** Before the softmax, guidance included and temperature not; shape `[M, K]`. */
  readonly logits: Tensor<Float32Array>;
}
