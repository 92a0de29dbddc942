import { assertEquals, assertThrows } from "@std/assert";
import { assertTensors, createTensor, flattenTensors, unflattenTensors } from "nuwa-infinity";

const x = createTensor([2], Float32Array.of(1, 2));
const y = createTensor([], Float32Array.of(3));
const TREE = { decoder: { blocks: [{ w: x }, { w: y, b: x }] }, bias: y };

Deno.test("flattenTensors() names tensors by their path, in order", () => {
  const flat = flattenTensors(TREE);
  assertEquals(Object.keys(flat), ["decoder.blocks.0.w", "decoder.blocks.1.w", "decoder.blocks.1.b", "bias"]);
  assertEquals(flat["decoder.blocks.1.b"], x);
});

Deno.test("unflattenTensors() is the inverse, whatever the order", () => {
  assertEquals(unflattenTensors(flattenTensors(TREE)), TREE);
  const shuffled = Object.fromEntries(Object.entries(flattenTensors(TREE)).reverse());
  assertEquals(JSON.stringify(unflattenTensors(shuffled)).length, JSON.stringify(TREE).length);
  assertEquals(unflattenTensors(flattenTensors(x)), x);
  const twelve = Array.from({ length: 12 }, (_, i) => createTensor([], Int32Array.of(i)));
  assertEquals(unflattenTensors(flattenTensors(twelve)), twelve);
});

Deno.test("flattenTensors() refuses two tensors of one path, unflattenTensors() a path through a tensor", () => {
  const error = assertThrows(() => flattenTensors({ a: { b: x }, "a.b": y }), TypeError);
  assertEquals(
    error.message,
    "Cannot flatten tensors: names must be without dots, got two tensors with one path",
  );
  assertThrows(() => unflattenTensors({ a: x, "a.b": y }), SyntaxError, "Cannot unflatten tensors");
});

Deno.test("assertTensors() names the first tensor that is wrong", () => {
  const tensors = flattenTensors({ a: x, b: y });
  assertTensors(tensors, { a: [2], b: [] }, "weights/w");
  const message = (shapes: Record<string, number[]>) =>
    assertThrows(() => assertTensors(tensors, shapes, "weights/w"), TypeError).message;
  assertEquals(
    message({ a: [3], b: [] }),
    "Cannot use tensors of weights/w at a: tensor must have shape [3], got [2]",
  );
  assertEquals(
    message({ a: [2], b: [], c: [1, 2] }),
    "Cannot use tensors of weights/w at c: tensor must have shape [1, 2], got none",
  );
  assertEquals(
    message({ a: [2] }),
    "Cannot use tensors of weights/w at b: tensor must be one that the model has, got an unknown one",
  );
  const integers = { a: createTensor([1], Int32Array.of(1)) };
  assertThrows(() => assertTensors(integers, { a: [1] }, "w"), TypeError, "must be float32, got Int32Array");
});
