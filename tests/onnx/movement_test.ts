import { numpy as np } from "@jax-js/jax";
import { assertSameAsJax, randomBooleans, randomFloats, randomIntegers } from "./_same_as_jax.ts";

Deno.test("movements of elements lower like jax-js for every rank", async () => {
  const f = (x: np.Array) => {
    const rank = x.ndim;
    const results = {
      flat: x.ref.reshape([-1]),
      reversed: np.transpose(x.ref),
      repeated: np.broadcastTo(x.ref, [2, ...x.shape]),
      padded: np.pad(x.ref, x.shape.map((_, axis): [number, number] => [axis % 2, 1])),
      flipped: np.flip(x.ref),
      joined: np.concatenate([x.ref.reshape([-1]), x.ref.reshape([-1])], 0),
      moved: np.moveaxis(x.ref.reshape([1, ...x.shape]), 0, rank),
    };
    x.dispose();
    return results;
  };
  for (const shape of [[], [4], [1], [2, 3], [1, 2, 3, 1, 2]]) {
    await assertSameAsJax(f, [randomFloats(shape)], 0);
    await assertSameAsJax(f, [randomIntegers(shape, 1, -5, 5)], 0);
    await assertSameAsJax(f, [randomBooleans(shape)], 0);
  }
});

Deno.test("parts of arrays lower like jax-js", async () => {
  const f = (x: np.Array) => {
    const parts = np.split(x.ref, [1, 3], 1);
    return {
      parts,
      box: x.ref.slice([1, 3], [2, 4], 1),
      none: x.ref.slice([1, 1]),
      joined: np.concatenate([x.ref, x.ref.slice([0, 1])], 0),
      stacked: np.stack([x.ref, x], 2),
    };
  };
  await assertSameAsJax(f, [randomFloats([3, 5, 2])], 0);
});

Deno.test("parts of broadcast arrays lower like jax-js", async () => {
  const f = (x: np.Array, y: np.Array) => {
    const wide = np.broadcastTo(x.reshape([3, 1, 1]), [3, 4, 5]);
    const parts = np.split(wide.ref, [2], 1);
    return {
      parts,
      cut: wide.ref.slice([0, 2], [1, 3]),
      empty: wide.ref.slice([], [2, 2]),
      padded: np.pad(wide.ref, { 1: [1, 2] }),
      flipped: np.flip(wide.ref, [0, 1]),
      joined: np.concatenate([wide.ref, y.reshape([3, 4, 1])], 2),
      both: np.concatenate([wide.ref, wide.ref], 0),
      merged: wide.ref.reshape([12, 5]),
      split: wide.ref.reshape([3, 2, 2, 5]),
      mixed: wide.reshape([60]),
    };
  };
  await assertSameAsJax(f, [randomFloats([3]), randomFloats([3, 4], 2)], 0);
});
