import { assertEquals, assertThrows } from "@std/assert";
import { accuracy, confusionMatrix } from "../../lib/metrics/mod.ts";

Deno.test("confusionMatrix() counts guesses by true class", () => {
  // By hand.
  const confusion = confusionMatrix([0, 0, 0, 1, 2], [0, 1, 1, 1, 0], 3);
  assertEquals(confusion, [[1, 2, 0], [0, 1, 0], [1, 0, 0]]);
  assertEquals(accuracy(confusion), 2 / 5);
});

Deno.test("accuracy() of nothing is not a number, of a diagonal 1", () => {
  assertEquals(accuracy(confusionMatrix([], [], 2)), NaN);
  assertEquals(accuracy([[3, 0], [0, 4]]), 1);
});

Deno.test("confusionMatrix() refuses what is no class, and lists of two lengths", () => {
  assertThrows(
    () => confusionMatrix([0, 3], [0, 0], 3),
    RangeError,
    "Cannot count confusions: classes must be 0 to 2, got 3 taken for 0",
  );
  assertThrows(
    () => confusionMatrix([0, 1], [0], 2),
    TypeError,
    "Cannot count confusions: guesses must number 2, as labels do, got 1",
  );
});
