import { assertEquals } from "@std/assert";
import { grad, numpy as np } from "@jax-js/jax";
import { layerNorm } from "../../lib/nn/mod.ts";
import { operatorsOf } from "./_operators_of.ts";
import { assertSameAsJax, randomFloats } from "./_same_as_jax.ts";

/** `(x - mean) / sqrt(variance + 1e-5)` over an axis. */
function standardise(x: np.Array, axis: number): np.Array {
  const centred = x.ref.sub(np.mean(x, axis, { keepdims: true }));
  const variance = np.mean(centred.ref.mul(centred.ref), axis, { keepdims: true });
  return centred.mul(np.reciprocal(np.sqrt(variance.add(1e-5))));
}

Deno.test("standardising the last axis is one operator", async () => {
  assertEquals(await operatorsOf((x: np.Array) => standardise(x, -1), [2, 3, 64]), ["LayerNormalization"]);
  await assertSameAsJax((x: np.Array) => standardise(x.add(3), -1), [randomFloats([2, 3, 64])]);
});

Deno.test("standardising another axis, or with its gradient, stays as it is", async () => {
  const first = (x: np.Array) => standardise(x, 0);
  const gradient = grad((x: np.Array) => np.sum(np.sin(standardise(x, -1))));
  for (const f of [first, gradient]) {
    assertEquals((await operatorsOf(f, [3, 4])).includes("LayerNormalization"), false);
    await assertSameAsJax(f, [randomFloats([3, 4])]);
  }
});

const norm = (x: np.Array, scale: np.Array, bias: np.Array) => layerNorm({ scale, bias }, x);

Deno.test("layerNorm() is one operator", async () => {
  for (const shape of [[3, 8], [2, 3, 8]]) {
    assertEquals(await operatorsOf(norm, shape, [8], [8]), ["LayerNormalization"]);
    await assertSameAsJax(norm, [randomFloats(shape, 1, 5), randomFloats([8], 2), randomFloats([8], 3)]);
  }
});

Deno.test("layerNorm() with its gradient, stays as it is; a scale of another shape stays outside", async () => {
  const gradient = grad((x: np.Array, scale: np.Array, bias: np.Array) =>
    np.sum(np.sin(norm(x, scale, bias)))
  );
  const wide = (x: np.Array, scale: np.Array) => norm(x, scale.ref, scale);
  assertEquals((await operatorsOf(gradient, [3, 8], [8], [8])).includes("LayerNormalization"), false);
  assertEquals(await operatorsOf(wide, [3, 8], [3, 8]), ["LayerNormalization", "Mul", "Add"]);
  await assertSameAsJax(gradient, [randomFloats([3, 8], 1), randomFloats([8], 2), randomFloats([8], 3)]);
  await assertSameAsJax(wide, [randomFloats([3, 8], 1), randomFloats([3, 8], 2)]);
});
