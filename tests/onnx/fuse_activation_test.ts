import { assertEquals } from "@std/assert";
import { grad, numpy as np } from "@jax-js/jax";
import { gelu, silu } from "../../lib/nn/mod.ts";
import { operatorsOf } from "./_operators_of.ts";
import { assertSameAsJax, randomFloats } from "./_same_as_jax.ts";

for (const [f, op] of [[gelu, "com.microsoft.Gelu"], [silu, "com.microsoft.QuickGelu"]] as const) {
  Deno.test(`${f.name}() is one operator; with its gradient it stays as it is`, async () => {
    assertEquals(await operatorsOf(f, [3, 8]), [op]);
    for (const scale of [6, 300]) await assertSameAsJax(f, [randomFloats([3, 8], 1, scale)]);
    const gradient = grad((x: np.Array) => np.sum(f(x)));
    assertEquals((await operatorsOf(gradient, [3, 8])).includes(op), false);
    await assertSameAsJax(gradient, [randomFloats([3, 8], 1, 6)]);
  });
}
