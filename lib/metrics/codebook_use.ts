import type { NdArray } from "../core/mod.ts";

/**
 * Counts how often each codebook entry occurs; unknown tokens (-1) are left out.
 *
 * @param tokens Codes in any shape: a canvas `[h, w]` or a list.
 * @returns Shape `[K]`.
 * @throws {RangeError} If a token is not an index of the codebook.
 */
export function countTokens(tokens: Int32Array | NdArray<Int32Array>, codebookSize: number): Float64Array {
  const counts = new Float64Array(codebookSize); // [K]
  for (const token of tokens instanceof Int32Array ? tokens : listElements(tokens)) {
    if (token === -1) continue;
    const count = counts[token];
    if (count === undefined) {
      throw new RangeError(
        `Cannot count tokens: token must be below codebook size ${codebookSize}, got ${token}`,
      );
    }
    counts[token] = count + 1;
  }
  return counts;
}

/** The elements of an ndarray of two axes, which may be a view with strides. */
function* listElements(tokens: NdArray<Int32Array>): Iterable<number> {
  const [height = 0, width = 0] = tokens.shape;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) yield tokens.get(y, x);
  }
}

/** Entropy of a histogram in bits, `-sum p log2 p`: what a model pays per token that knows only how often each occurs. */
export function unigramEntropy(counts: ArrayLike<number>): number {
  return normalise(counts).reduce((sum, p) => p > 0 ? sum - p * Math.log2(p) : sum, 0);
}

/** The number of equally likely entries that would have the same entropy, `2^H`. */
export function codebookPerplexity(counts: ArrayLike<number>): number {
  return 2 ** unigramEntropy(counts);
}

/** The share of the codebook in use: perplexity / size, from 1/K to 1. */
export function codebookUse(counts: ArrayLike<number>): number {
  return codebookPerplexity(counts) / counts.length;
}

/** The number of entries that do not occur at all. */
export function countDeadCodes(counts: ArrayLike<number>): number {
  return Array.from(counts).filter((count) => count === 0).length;
}

/**
 * Jensen-Shannon divergence of two histograms in bits: 0 if equal in proportion, 1 if they share no entry.
 *
 * `H((p + q) / 2) - (H(p) + H(q)) / 2`
 *
 * @throws {TypeError} If the histograms differ in length.
 */
export function tokenDivergence(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) {
    throw new TypeError(
      `Cannot compute token divergence: both histograms must have the same length, got ${a.length} and ${b.length}`,
    );
  }
  const p = normalise(a), q = normalise(b);
  const middle = p.map((share, i) => (share + (q[i] ?? 0)) / 2);
  return unigramEntropy(middle) - (unigramEntropy(p) + unigramEntropy(q)) / 2;
}

function normalise(counts: ArrayLike<number>): number[] {
  const all = Array.from(counts);
  const total = all.reduce((sum, count) => sum + count, 0);
  if (!(total > 0)) {
    throw new RangeError(`Cannot compute entropy: counts must have a positive sum, got ${total}`);
  }
  return all.map((count) => count / total);
}
