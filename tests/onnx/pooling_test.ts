import { grad, lax, numpy as np } from "@jax-js/jax";
import { assertSameAsJax, randomFloats } from "./_same_as_jax.ts";

Deno.test("windows, apart and overlapping, lower like jax-js with their gradient", async () => {
  for (const [window, strides] of [[[2, 2], [2, 2]], [[3, 2], [1, 2]], [[2, 3], [3, 1]]]) {
    if (!window || !strides) continue;
    const pool = (x: np.Array) =>
      lax.reduceWindow(x, (part: np.Array) => np.max(part), [1, 1, ...window], [
        1,
        1,
        ...strides,
      ]);
    const f = (x: np.Array) => ({
      pooled: pool(x.ref),
      gradient: grad((y: np.Array) => np.sum(np.sin(pool(y))))(x),
    });
    await assertSameAsJax(f, [randomFloats([2, 3, 7, 8])]);
  }
});
