import { assertEquals } from "@std/assert";
import { grad, nn, numpy as np } from "@jax-js/jax";
import { operatorsOf } from "./_operators_of.ts";
import { assertSameAsJax, randomFloats } from "./_same_as_jax.ts";

Deno.test("softmax over the last axis is one operator", async () => {
  assertEquals(await operatorsOf((x: np.Array) => nn.softmax(x, -1), [2, 3, 4]), ["Softmax"]);
  await assertSameAsJax((x: np.Array) => nn.softmax(x, -1), [randomFloats([2, 3, 4], 1, 30)]);
});

Deno.test("softmax over another axis, or with its gradient, stays as it is", async () => {
  const first = (x: np.Array) => nn.softmax(x, 0);
  const gradient = grad((x: np.Array) => np.sum(np.sin(nn.softmax(x, -1))));
  for (const f of [first, gradient]) {
    assertEquals((await operatorsOf(f, [3, 4])).includes("Softmax"), false);
    await assertSameAsJax(f, [randomFloats([3, 4], 1, 30)]);
  }
});
