import { assertEquals } from "@std/assert";
import { grad, numpy as np } from "@jax-js/jax";
import { gelu } from "../../lib/nn/mod.ts";
import { operatorsOf } from "./_operators_of.ts";
import { assertSameAsJax, randomFloats } from "./_same_as_jax.ts";

Deno.test("gelu() is one operator; with its gradient it stays as it is", async () => {
  assertEquals(await operatorsOf(gelu, [3, 8]), ["com.microsoft.Gelu"]);
  await assertSameAsJax(gelu, [randomFloats([3, 8], 1, 6)]);
  const gradient = grad((x: np.Array) => np.sum(gelu(x)));
  assertEquals((await operatorsOf(gradient, [3, 8])).includes("com.microsoft.Gelu"), false);
  await assertSameAsJax(gradient, [randomFloats([3, 8], 1, 6)]);
});
