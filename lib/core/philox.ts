/**
 * Philox4x32-10: four 32-bit random words as a pure function of a counter and a key.
 *
 * Source: Salmon et al. 2011, Parallel random numbers: as easy as 1, 2, 3, section 3.3. As published.
 *
 * @param counter Four unsigned 32-bit words, e.g. frame, row, column, token.
 * @param key Two unsigned 32-bit words, e.g. a seed and a stream number.
 * @returns Four unsigned 32-bit words.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { philox4x32 } from "nuwa-infinity";
 * assertEquals(philox4x32([0, 0, 0, 0], [0, 0])[0], 0x6627e8d5);
 * ```
 */
export function philox4x32(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): [number, number, number, number] {
  let [a, b, c, d] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const highA = multiplyHigh(0xd2511f53, a), lowA = Math.imul(0xd2511f53, a) >>> 0;
    const highC = multiplyHigh(0xcd9e8d57, c), lowC = Math.imul(0xcd9e8d57, c) >>> 0;
    [a, b, c, d] = [(highC ^ b ^ k0) >>> 0, lowC, (highA ^ d ^ k1) >>> 0, lowA];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [a, b, c, d];
}

/** The upper 32 bits of the 64-bit product of two unsigned 32-bit words. */
function multiplyHigh(x: number, y: number): number {
  const xHigh = x >>> 16, xLow = x & 0xffff, yHigh = y >>> 16, yLow = y & 0xffff;
  const low = xLow * yLow;
  const middle = xHigh * yLow + (low >>> 16);
  const carry = xLow * yHigh + (middle & 0xffff);
  return (xHigh * yHigh + Math.floor(middle / 65536) + Math.floor(carry / 65536)) >>> 0;
}

/** A source of uniform numbers in [0, 1): the same sequence for the same seed and stream. */
export type Uniform = () => number;

/**
 * Creates a sequence of uniform numbers in [0, 1), 32 bits each, from a seed and a stream.
 *
 * @param seed Any safe integer; its low 32 bits and its next 21 bits both count.
 * @param stream Independent sequences of the same seed, e.g. one a purpose.
 */
export function createUniform(seed: number, stream = 0): Uniform {
  let block = 0, used = 4;
  let words: readonly number[] = [];
  return () => {
    if (used === 4) {
      words = philox4x32([block++, Math.floor(seed / 2 ** 32) >>> 0, stream >>> 0, 0], [
        seed >>> 0,
        0x6e757761,
      ]);
      used = 0;
    }
    return (words[used++] ?? 0) / 2 ** 32;
  };
}
