import { assertEquals } from "@std/assert";
import { grad, numpy as np } from "@jax-js/jax";
import { operatorsOf } from "./_operators_of.ts";
import { assertSameAsJax, randomFloats, randomIntegers } from "./_same_as_jax.ts";

Deno.test("take() and its gradient lower like jax-js on every axis", async () => {
  for (const axis of [0, 1, 2]) {
    for (const shape of [[], [4], [2, 3]]) {
      const f = (x: np.Array, index: np.Array) => ({
        taken: np.take(x.ref, index.ref, axis),
        gradient: grad((y: np.Array) => np.sum(np.sin(np.take(y, index, axis))))(x),
      });
      await assertSameAsJax(f, [randomFloats([3, 4, 5]), randomIntegers(shape, 2, 0, 3)]);
    }
  }
});

Deno.test("takeAlongAxis() and its gradient lower like jax-js", async () => {
  for (const axis of [0, 1, 2]) {
    const shape = [3, 4, 5].map((side, place) => place === axis ? 2 : side);
    const f = (x: np.Array, index: np.Array) => ({
      taken: np.takeAlongAxis(x.ref, index.ref, axis),
      gradient: grad((y: np.Array) => np.sum(np.sin(np.takeAlongAxis(y, index, axis))))(x),
    });
    await assertSameAsJax(f, [randomFloats([3, 4, 5]), randomIntegers(shape, 2, 0, 3)]);
  }
});

Deno.test("several indices at once, next to slices, lower like jax-js with their gradient", async () => {
  const pick = (x: np.Array, i: np.Array, j: np.Array) => x.slice(i, [], j);
  const f = (x: np.Array, i: np.Array, j: np.Array) => ({
    first: pick(x.ref, i.ref, j.ref),
    inner: x.ref.slice([], i.ref, j.ref),
    gradient: grad((y: np.Array) => np.sum(np.sin(pick(y, i, j))))(x),
  });
  const tensors = [randomFloats([3, 4, 5]), randomIntegers([6], 2, 0, 3), randomIntegers([2, 6], 3, 0, 5)];
  await assertSameAsJax(f, tensors);
});

Deno.test("indices into broadcast values, and broadcast indices, lower like jax-js", async () => {
  const f = (x: np.Array, index: np.Array) => ({
    rows: np.take(np.broadcastTo(x.ref.reshape([4, 1]), [4, 3]), index.ref, 1),
    same: np.take(x, np.broadcastTo(index.reshape([2, 1]), [2, 5]), 0),
  });
  await assertSameAsJax(f, [randomFloats([4]), randomIntegers([2], 2, 0, 3)]);
});

Deno.test("gradients of indexing add up what falls on one place, in an order of their own", async () => {
  const rows = (x: np.Array, index: np.Array) => np.sum(np.sin(np.take(x, index, 0)));
  const pairs = (x: np.Array, index: np.Array) => np.sum(np.sin(x.slice(index.ref, index)));
  const index = randomIntegers([500], 2, 0, 2);
  for (const f of [rows, pairs]) {
    await assertSameAsJax(grad(f), [randomFloats([3, 4, 5]), index]);
    const operators = await operatorsOf(
      (x: np.Array) => grad(f)(x, np.array([1, 1, 0], { dtype: np.int32 })),
      [3, 4, 5],
    );
    assertEquals(operators.includes("ScatterElements"), true);
    assertEquals(operators.includes("ScatterND"), false, "it adds in several threads and loses some");
  }
});
