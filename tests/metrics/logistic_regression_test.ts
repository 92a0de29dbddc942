import { assertAlmostEquals, assertEquals, assertGreater, assertLess, assertThrows } from "@std/assert";
import { createTensor, createUniform } from "../../lib/core/mod.ts";
import {
  accuracy,
  classProbabilities,
  confusionMatrix,
  trainLogisticRegression,
} from "../../lib/metrics/mod.ts";

Deno.test("trainLogisticRegression() finds the optimum of two points", () => {
  // Points -1 and 1 of two classes: weights are (-w, w), biases 0, and w solves 1 / (1 + exp(2 w)) = decay w.
  const decay = 0.1;
  const { weights } = trainLogisticRegression(createTensor([2, 1], Float32Array.of(-1, 1)), [0, 1], {
    numClasses: 2,
    decay,
  });
  const [[left = NaN, bias = NaN] = [], [right = NaN] = []] = weights;
  assertAlmostEquals(left, -right, 1e-9);
  assertAlmostEquals(bias, 0, 1e-9);
  assertAlmostEquals(1 / (1 + Math.exp(2 * right)), decay * right, 1e-6);
});

/** 200 points of 4 classes, each around a corner of a square, `spread` wide. */
function drawPoints(seed: number, spread: number) {
  const uniform = createUniform(seed);
  const labels = Array.from({ length: 200 }, () => Math.floor(4 * uniform()));
  const data = Float32Array.from(
    labels.flatMap((label) => [label >> 1, label & 1]),
    (side) => side + spread * (uniform() - 0.5),
  );
  return { labels, features: createTensor([200, 2], data) };
}

function measure(trainLabels: readonly number[], spread: number): number {
  const { features } = drawPoints(1, spread), test = drawPoints(2, spread);
  const classifier = trainLogisticRegression(features, trainLabels, { numClasses: 4 });
  const guesses = classProbabilities(classifier, test.features).map((row) => row.indexOf(Math.max(...row)));
  return accuracy(confusionMatrix(test.labels, guesses, 4));
}

Deno.test("trainLogisticRegression() separates known classes, and learns nothing from shuffled labels", () => {
  const { labels } = drawPoints(1, 0.8), shuffled = drawPoints(3, 0.8).labels;
  assertEquals(measure(labels, 0.8), 1);
  // Corners that overlap by half in both directions: (3 / 4)^2 is the best that anyone can do.
  assertAlmostEquals(measure(drawPoints(1, 2).labels, 2), 9 / 16, 0.1);
  // Chance, give or take: a linear rule may by chance favour some corners.
  assertLess(measure(shuffled, 0.8), 0.6);
});

Deno.test("classProbabilities() sum to 1 and are sure far from the border", () => {
  const { labels, features } = drawPoints(1, 0.8);
  const classifier = trainLogisticRegression(features, labels, { numClasses: 4 });
  const [row = []] = classProbabilities(classifier, createTensor([1, 2], Float32Array.of(2, -1)));
  assertAlmostEquals(row.reduce((sum, probability) => sum + probability, 0), 1, 1e-12);
  assertGreater(row[2] ?? 0, 0.99);
});

Deno.test("trainLogisticRegression() refuses labels that do not fit", () => {
  const features = createTensor([2, 1], new Float32Array(2));
  assertThrows(
    () => trainLogisticRegression(features, [0], { numClasses: 2 }),
    TypeError,
    "Cannot train classifier: labels must number 2, one a row, got 1",
  );
  assertThrows(
    () => trainLogisticRegression(features, [0, 2], { numClasses: 2 }),
    RangeError,
    "Cannot train classifier: labels must be integers from 0 to 1, got 2",
  );
});
