import { assert, assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import { createUniform, philox4x32 } from "../../lib/core/mod.ts";

Deno.test("philox4x32() has the known answers of Random123", () => {
  // Random123, kat_vectors, philox4x32 with 10 rounds.
  const f = 0xffffffff;
  assertEquals(philox4x32([0, 0, 0, 0], [0, 0]), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
  assertEquals(philox4x32([f, f, f, f], [f, f]), [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
  assertEquals(
    philox4x32([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]),
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  );
});

Deno.test("philox4x32() changes about half of the bits for every bit of counter and key", () => {
  const bitsOf = (words: readonly number[]) =>
    words.map((word) => word.toString(2).padStart(32, "0")).join("");
  const before = bitsOf(philox4x32([1, 2, 3, 4], [5, 6]));
  for (let bit = 0; bit < 192; bit++) {
    const words = [1, 2, 3, 4, 5, 6].map((word, i) =>
      i === bit >> 5 ? (word ^ (1 << (bit & 31))) >>> 0 : word
    );
    const [a = 0, b = 0, c = 0, d = 0, k0 = 0, k1 = 0] = words;
    const after = bitsOf(philox4x32([a, b, c, d], [k0, k1]));
    const numChanged = [...before].filter((digit, i) => digit !== after[i]).length;
    assert(numChanged > 35 && numChanged < 93, `bit ${bit} changes ${numChanged} of 128 bits`); // 64 +- 5 sigma
  }
});

Deno.test("createUniform() gives the words of consecutive counters, divided by 2^32", () => {
  const uniform = createUniform(7, 3);
  const words = [0, 1, 2].flatMap((block) => philox4x32([block, 0, 3, 0], [7, 0x6e757761]));
  assertEquals(words.map(() => uniform()), words.map((word) => word / 2 ** 32));
});

Deno.test("createUniform() is uniform on [0, 1)", () => {
  const uniform = createUniform(1);
  const numDraws = 64_000, counts = new Array<number>(64).fill(0);
  let sum = 0;
  for (let i = 0; i < numDraws; i++) {
    const value = uniform();
    assert(value >= 0 && value < 1);
    sum += value;
    const bin = Math.floor(value * 64);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  assertAlmostEquals(sum / numDraws, 0.5, 0.005); // 4 standard errors
  const chiSquared = counts.reduce((total, count) => total + (count - 1000) ** 2 / 1000, 0);
  assert(chiSquared > 28 && chiSquared < 110, `chi squared ${chiSquared}`); // 63 degrees of freedom, p about 1e-4
});

Deno.test("createUniform() depends on all 53 bits of the seed and on the stream", () => {
  const first = (seed: number, stream?: number) => createUniform(seed, stream)();
  assertEquals(first(5), first(5, 0));
  assertNotEquals(first(5), first(5, 1));
  assertNotEquals(first(5), first(5 + 2 ** 32));
  assertNotEquals(first(5), first(5 + 2 ** 52));
});
