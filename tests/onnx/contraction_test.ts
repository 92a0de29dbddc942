import { grad, numpy as np } from "@jax-js/jax";
import { createUniform } from "../../lib/core/mod.ts";
import { assertSameAsJax, randomFloats, randomIntegers } from "./_same_as_jax.ts";

Deno.test("matrix products lower like jax-js for every pair of ranks", async () => {
  const shapes = [
    [[3], [3]],
    [[2, 3], [3]],
    [[3], [3, 4]],
    [[2, 3], [3, 4]],
    [[5, 2, 3], [3, 4]],
    [[5, 2, 3], [5, 3, 4]],
    [[2, 1, 2, 3], [3, 3, 2]],
    [[1, 2, 2, 2, 3], [2, 1, 2, 3, 1]],
    [[1, 1], [1, 1]],
  ];
  for (const [a = [], b = []] of shapes) {
    await assertSameAsJax(np.matmul, [randomFloats(a), randomFloats(b, 2)]);
    const gradients = grad((x: [np.Array, np.Array]) => np.sum(np.sin(np.matmul(...x))));
    await assertSameAsJax(gradients, [[randomFloats(a), randomFloats(b, 2)]]);
  }
});

Deno.test("products with broadcast operands lower like jax-js", async () => {
  const f = (x: np.Array, y: np.Array) => {
    const wide = np.broadcastTo(x.ref.reshape([3, 1]), [3, 4]);
    const tall = np.broadcastTo(x.reshape([1, 3, 1]), [2, 3, 4]);
    return {
      one: np.matmul(wide.ref, y.ref),
      both: np.matmul(wide.ref, np.transpose(wide)),
      stack: np.matmul(tall, y),
    };
  };
  await assertSameAsJax(f, [randomFloats([3]), randomFloats([4, 5], 2)]);
});

Deno.test("products of integers lower like jax-js", async () => {
  const tensors = [randomIntegers([3, 4], 1, -9, 9), randomIntegers([4, 2], 2, -9, 9)];
  await assertSameAsJax(np.matmul, tensors, 0);
});

Deno.test("sums of products in einsum's notation lower like jax-js, whatever the order of axes", async () => {
  const sides: Readonly<Record<string, number>> = { a: 2, b: 3, c: 4, d: 1, e: 5 };
  const uniform = createUniform(7);
  const letters = Object.keys(sides);
  for (let round = 0; round < 12; round++) {
    const pick = () => letters.filter(() => uniform() < 0.6).sort(() => uniform() - 0.5);
    const [left, right] = [pick(), pick()];
    const result = [...new Set([...left, ...right])].filter(() => uniform() < 0.6).sort(() =>
      uniform() - 0.5
    );
    if (left.length === 0 || right.length === 0) continue;
    const expression = `${left.join("")},${right.join("")}->${result.join("")}`;
    const shapeOf = (names: readonly string[]) => names.map((name) => sides[name] ?? 1);
    const f = (x: np.Array, y: np.Array) => np.einsum(expression, x, y);
    await assertSameAsJax(f, [randomFloats(shapeOf(left)), randomFloats(shapeOf(right), 2)]);
  }
});
