import { numpy as np, random } from "@jax-js/jax";
import { assertSameAsJax, randomBooleans, randomIntegers } from "./_same_as_jax.ts";

Deno.test("bit operations lower like jax-js", async () => {
  const f = (x: np.Array, y: np.Array) => ({
    and: np.bitwiseAnd(x.ref, y.ref),
    or: np.bitwiseOr(x.ref, y.ref),
    xor: np.bitwiseXor(x.ref, y.ref),
    not: np.invert(x.ref),
    left: np.leftShift(x.ref, y.ref),
    right: np.rightShift(x.ref, y.ref),
    count: np.bitwiseCount(np.bitwiseAnd(x, y)),
  });
  for (const shape of [[], [6], [2, 1, 2, 1, 3]]) {
    await assertSameAsJax(
      f,
      [randomIntegers(shape, 1, -(2 ** 31), 2 ** 31), randomIntegers(shape, 2, 0, 31)],
      0,
    );
  }
  const booleans = (x: np.Array, y: np.Array) => ({
    and: np.bitwiseAnd(x.ref, y.ref),
    xor: np.bitwiseXor(x, y),
  });
  await assertSameAsJax(booleans, [randomBooleans([8], 1), randomBooleans([8], 2)]);
});

Deno.test("random numbers of jax-js come out of the graph with the same bits", async () => {
  const f = (seed: np.Array) => {
    const key = random.key(seed);
    return {
      uniform: random.uniform(key.ref, [3, 5]),
      split: random.uniform(random.split(key.ref, 2).slice(1), [7]),
      below: random.bernoulli(key, 0.3, [9]),
    };
  };
  await assertSameAsJax((seed: np.Array) => f(seed.astype(np.uint32)), [randomIntegers([], 4, 0, 1000)], 0);
});

Deno.test("random normal numbers and categories agree with jax-js", async () => {
  const f = (seed: np.Array, logits: np.Array) => {
    const key = random.key(seed.astype(np.uint32));
    return {
      normal: random.normal(key.ref, [40]),
      gumbel: random.gumbel(key.ref, [40]),
      token: random.categorical(key, logits),
    };
  };
  const logits = { shape: [4, 9], data: Float32Array.from({ length: 36 }, (_, i) => Math.sin(i)) };
  await assertSameAsJax(f, [randomIntegers([], 4, 0, 1000), logits], 2e-5);
});
