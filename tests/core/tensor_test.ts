import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { createTensor, sizeOf } from "../../lib/core/mod.ts";

Deno.test("sizeOf() multiplies the sides; a scalar has one element", () => {
  assertEquals([sizeOf([2, 3, 4]), sizeOf([]), sizeOf([5, 0])], [24, 1, 0]);
});

Deno.test("createTensor() wraps data without copying", () => {
  const data = new Float32Array(6);
  const tensor = createTensor([2, 3], data);
  assertEquals(tensor.shape, [2, 3]);
  assertStrictEquals(tensor.data, data);
});

Deno.test("createTensor() refuses data of another size", () => {
  assertThrows(
    () => createTensor([2, 3], new Int32Array(5)),
    TypeError,
    "Cannot create tensor: data must have 6 elements for shape [2,3], got 5",
  );
});
