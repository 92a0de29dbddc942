import { grad, lax, nn, numpy as np } from "@jax-js/jax";
import { assertSameAsJax, randomFloats, randomIntegers } from "./_same_as_jax.ts";

Deno.test("sorting lowers like jax-js, ties included", async () => {
  const f = (x: np.Array) => ({
    sorted: np.sort(x.ref),
    order: np.argsort(x.ref),
    first: np.sort(x.ref, 0),
    most: lax.topK(x, 2),
  });
  for (const shape of [[5], [1, 2], [3, 9], [2, 1, 2, 2, 4]]) {
    await assertSameAsJax(f, [randomFloats(shape)], 0);
    await assertSameAsJax(f, [randomIntegers(shape, 2, 0, 4)], 0);
  }
  await assertSameAsJax(grad((x: np.Array) => np.sum(np.sin(np.sort(x)))), [randomFloats([3, 5])]);
});

Deno.test("running sums and products lower like jax-js, on short and on long axes", async () => {
  const f = (x: np.Array) => ({
    sum: np.cumsum(x.ref, 1),
    first: np.cumsum(x.ref, 0),
    product: np.cumprod(x.ref, 1),
    gradient: grad((y: np.Array) => np.sum(np.sin(np.cumsum(y, 1))))(x),
  });
  for (const shape of [[3, 7], [2, 1], [2, 600]]) await assertSameAsJax(f, [randomFloats(shape, 5, 0.1)]);
  await assertSameAsJax((x: np.Array) => np.cumsum(x, 0), [randomIntegers([9], 1, -4, 4)], 0);
});

Deno.test("a sampler's mask, top k and top p together, lowers like jax-js", async () => {
  const f = (logits: np.Array) => {
    const sorted = np.flip(np.sort(logits.ref, -1), -1);
    const least = sorted.ref.slice([], [9, 10]);
    const cumulative = np.cumsum(nn.softmax(sorted.ref, -1), -1);
    const cut = np.min(np.where(np.less(cumulative, 0.8), sorted, 1e9), -1, { keepdims: true });
    return np.where(np.less(logits.ref, np.maximum(cut, least)), -1e9, logits);
  };
  await assertSameAsJax(f, [randomFloats([4, 40], 3, 3)]);
});
