import type { PatchPosition } from "../core/mod.ts";
import { assertIndex, entropyBits } from "./attention_maps.ts";
import type { LogitsTrace, PatchTokens } from "./traces.ts";

/** What figures need of the logits of a patch: a few numbers a token. */
export interface TokenStatistics {
  /** The patch. */
  readonly position: PatchPosition;
  /** Its size in tokens. */
  readonly patchTokens: PatchTokens;
  /** The tokens that were drawn; shape `[M]`. */
  readonly tokens: Int32Array;
  /** `-log2 p` of each drawn token, in bits; shape `[M]`. */
  readonly surprise: Float64Array;
  /** Entropy of each token's distribution, in bits; shape `[M]`. */
  readonly entropy: Float64Array;
  /** The most likely codes, best first; shape `[M][k]`. */
  readonly candidates: readonly (readonly Candidate[])[];
}

/** A code that could have been drawn. */
export interface Candidate {
  /** Index into the codebook. */
  readonly code: number;
  /** From 0 to 1, at temperature 1. */
  readonly probability: number;
}

/**
 * Sums up the logits of a patch. Logits that are NaN or infinite make NaN, which figures show.
 *
 * @param numCandidates How many of the most likely codes to keep for each token. @default 8
 * @throws {TypeError} If the logits do not have shape `[M, K]`.
 */
export function describeLogits(trace: LogitsTrace, numCandidates = 8): TokenStatistics {
  const { position, patchTokens, tokens, logits } = trace;
  const M = patchTokens.height * patchTokens.width, [rows = 0, K = 0] = logits.shape;
  if (logits.shape.length !== 2 || rows !== M || tokens.length !== M || K < 1) {
    throw new TypeError(
      `Cannot describe logits: logits must have shape [${M}, K] and tokens [${M}], ` +
        `got [${logits.shape.join(", ")}] and [${tokens.length}]`,
    );
  }
  const distributions = Array.from(
    { length: M },
    (_, m) => softmax(logits.data.subarray(m * K, (m + 1) * K)),
  );
  return {
    position,
    patchTokens,
    tokens,
    surprise: Float64Array.from(distributions, (distribution, m) => {
      const token = tokens[m] ?? -1;
      assertIndex("token", token, K);
      return -Math.log2(distribution[token] ?? NaN);
    }),
    entropy: Float64Array.from(distributions, entropyBits),
    candidates: distributions.map((distribution) => listBest(distribution, numCandidates)),
  };
}

/** Plus infinity and NaN make NaN; minus infinity is a probability of 0. */
function softmax(logits: Float32Array): Float64Array {
  const most = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = Float64Array.from(logits, (logit) => Math.exp(logit - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/** The most likely codes, in one pass: a codebook is large and `count` small. */
function listBest(distribution: Float64Array, count: number): Candidate[] {
  const best: Candidate[] = [];
  distribution.forEach((probability, code) => {
    const last = best.at(-1);
    if (best.length === count && !(last !== undefined && probability > last.probability)) return;
    const place = best.findIndex((other) => probability > other.probability);
    best.splice(place < 0 ? best.length : place, 0, { code, probability });
    if (best.length > count) best.pop();
  });
  return best;
}
