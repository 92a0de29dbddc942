import { grad, numpy as np } from "@jax-js/jax";
import { assertSameAsJax, randomBooleans, randomFloats, randomIntegers } from "./_same_as_jax.ts";

/** Every reduction over the last axis, over all, and over the first and the last. */
function reductions(x: np.Array) {
  const rank = x.ndim;
  const choices = rank === 0 ? [null] : [null, [rank - 1], ...(rank > 1 ? [[0, rank - 1]] : [])];
  const results = choices.map((axis) => ({
    sum: np.sum(x.ref, axis),
    product: np.prod(x.ref, axis),
    least: np.min(x.ref, axis),
    most: np.max(x.ref, axis, { keepdims: true }),
  }));
  x.dispose();
  return results;
}

Deno.test("reductions lower like jax-js for every rank and type", async () => {
  for (const shape of [[], [5], [1], [3, 4], [2, 1, 3, 2, 2]]) {
    await assertSameAsJax(reductions, [randomFloats(shape)]);
    await assertSameAsJax(reductions, [randomIntegers(shape, 2, -3, 4)], 0);
  }
  const ofBooleans = (x: np.Array) => ({ any: np.any(x.ref, 1), all: np.all(x, 1) });
  await assertSameAsJax(ofBooleans, [randomBooleans([6, 3])], 0);
});

Deno.test("sums and products over broadcast axes count the elements that are not held", async () => {
  const f = (x: np.Array) => {
    const wide = np.broadcastTo(x.reshape([3, 1]), [2, 3, 4]);
    return {
      all: wide.ref.sum(),
      held: wide.ref.sum(1),
      repeated: wide.ref.sum([0, 2]),
      product: np.prod(wide.ref, [0, 2]),
      most: np.max(wide.ref, [0, 2]),
      mean: np.mean(wide, 2),
    };
  };
  await assertSameAsJax(f, [randomFloats([3])]);
});

Deno.test("an empty sum is zero", async () => {
  await assertSameAsJax((x: np.Array) => x.sum(1), [randomFloats([2, 0])]);
});

Deno.test("argmax, argmin and the gradient of a maximum lower like jax-js", async () => {
  const f = (x: np.Array) => ({
    most: np.argmax(x.ref, 1),
    least: np.argmin(x.ref, 0),
    gradient: grad((y: np.Array) => np.sum(np.max(y, 1)))(x),
  });
  await assertSameAsJax(f, [randomFloats([4, 7])]);
});
