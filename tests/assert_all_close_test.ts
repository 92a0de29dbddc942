import { assertThrows } from "@std/assert";
import { createTensor } from "../lib/core/mod.ts";
import { assertAllClose } from "./_assert_all_close.ts";

const vector = (...values: number[]) => createTensor([values.length], Float32Array.from(values));

Deno.test("assertAllClose() measures the largest difference against the largest value", () => {
  assertAllClose(vector(100, 0.5), vector(100, 0), 0.0051);
  assertAllClose(vector(0, 0), vector(0, 0), 0);
  assertThrows(
    () => assertAllClose(vector(100, 1, 100), vector(100, 0, 100), 0.005, "x"),
    Error,
    "x: element 1 of [3] must be 0, got 1; largest relative error 0.01, tolerance 0.005",
  );
});

Deno.test("assertAllClose() fails for other shapes and for NaN on either side", () => {
  assertThrows(() => assertAllClose(vector(1), vector(1, 1), 1));
  assertThrows(() => assertAllClose(vector(1, NaN, 1), vector(1, 1, 1), 1), Error, "element 1");
  assertThrows(() => assertAllClose(vector(1, 1), vector(NaN, 1), 1), Error, "element 0");
  assertThrows(() => assertAllClose(vector(Infinity), vector(1), 1), Error, "got Infinity");
});
