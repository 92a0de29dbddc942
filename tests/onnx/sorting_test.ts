import { grad, lax, nn, numpy as np } from "@jax-js/jax";
import { assertEquals } from "@std/assert";
import { sampleToken } from "../../lib/models/mod.ts";
import { operatorsOf } from "./_operators_of.ts";
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

Deno.test("running sums are one operator each, over squares that are never built; other triangles stay masks", async () => {
  const sumUnder = (offset: number, columns = 6) => (x: np.Array) => {
    const rows = np.broadcastTo(x.reshape([2, 1, columns]), [2, 6, columns]);
    return np.sum(np.where(np.tri(6, columns, offset, { dtype: np.bool }), rows, 0), -1);
  };
  for (
    const [offset, columns, isSum] of [[0, 6, true], [-1, 6, true], [1, 6, false], [-2, 6, false], [
      0,
      5,
      false,
    ]] as const
  ) {
    const f = sumUnder(offset, columns);
    assertEquals((await operatorsOf(f, [2, columns])).includes("CumSum"), isSum);
    await assertSameAsJax(f, [randomFloats([2, columns])]);
  }
  const reversed = (x: np.Array) => {
    const rows = np.broadcastTo(x.reshape([2, 1, 6]), [2, 6, 6]);
    const counts = np.arange(6).astype(np.int32);
    return np.sum(np.where(np.lessEqual(np.flip(counts.ref, 0), counts.reshape([6, 1])), rows, 0), -1);
  };
  assertEquals((await operatorsOf(reversed, [2, 6])).includes("CumSum"), false);
  await assertSameAsJax(reversed, [randomFloats([2, 6])]);
  const draw = (logits: np.Array, uniform: np.Array, temperature: np.Array, topK: np.Array, topP: np.Array) =>
    sampleToken(logits, uniform, { temperature, topK, topP });
  const operators = await operatorsOf(draw, [2, 600], [2], [], [], []);
  assertEquals(operators.filter((op) => op === "CumSum").length, 1);
  assertEquals(operators.filter((op) => op === "Where").length, 2); // the limits, and what is kept
});
