import type { Tensor } from "../core/mod.ts";
import { dot, listRows } from "./_features.ts";

/** A linear classifier: a class's score is an inner product with the features and 1. */
export interface LinearClassifier {
  /** A row a class, the last element its bias; shape `[classes][d + 1]`. */
  readonly weights: readonly Float64Array[];
}

/** How {@link trainLogisticRegression} learns. */
export interface LogisticRegressionOptions {
  /** Classes, 2 at least. */
  readonly numClasses: number;
  /** Weight of half the squared norm of all weights but the biases. @default 0.0001 */
  readonly decay?: number;
  /** Steps of accelerated gradient descent. @default 500 */
  readonly numSteps?: number;
}

/**
 * Trains multinomial logistic regression: the minimum of the mean cross-entropy plus decay. The problem is convex, so
 * the result depends on no seed. Features are taken as they are: they should be of one size.
 *
 * Source: the steps are those of Nesterov 1983, with the step length that the largest curvature allows.
 *
 * @param features Shape `[n, d]`.
 * @param labels The class of each row, 0 to `numClasses - 1`; shape `[n]`.
 * @throws {TypeError} If there is not one label a row.
 * @throws {RangeError} If a label is no class.
 */
export function trainLogisticRegression(
  features: Tensor,
  labels: readonly number[],
  { numClasses, decay = 1e-4, numSteps = 500 }: LogisticRegressionOptions,
): LinearClassifier {
  const rows = listRows("train classifier", features);
  assertLabels(labels, rows.length, numClasses);
  const used = listUsed(rows);
  const inputs = rows.map((row) => Float64Array.of(...used.map((j) => row[j] ?? 0), 1)); // [n][used + 1]
  const length = inputs[0]?.length ?? 1;
  // The curvature of cross-entropy is at most half that of the features, and theirs at most their mean square.
  const meanSquare = inputs.reduce((sum, row) => sum + dot(row, row), 0) / rows.length;
  const step = 1 / (meanSquare / 2 + decay);
  let weights = Array.from({ length: numClasses }, () => new Float64Array(length));
  let ahead = weights, momentum = 1;
  for (let i = 0; i < numSteps; i++) {
    const slopes = gradientAt(ahead, inputs, labels, decay);
    const next = ahead.map((row, k) => row.map((weight, j) => weight - step * (slopes[k]?.[j] ?? 0)));
    const faster = (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2;
    const previous = weights, push = (momentum - 1) / faster;
    ahead = next.map((row, k) => row.map((weight, j) => weight + push * (weight - (previous[k]?.[j] ?? 0))));
    weights = next, momentum = faster;
  }
  return { weights: weights.map((row) => spreadUsed(row, used, rows[0]?.length ?? 0)) };
}

/**
 * How likely each class is, row by row of features `[n, d]`.
 *
 * @returns Shape `[n][classes]`; rows sum to 1.
 */
export function classProbabilities({ weights }: LinearClassifier, features: Tensor): number[][] {
  return listRows("classify", features).map((row) => softmax(scoreRow(weights, Float64Array.of(...row, 1))));
}

function assertLabels(labels: readonly number[], numRows: number, numClasses: number): void {
  if (labels.length !== numRows) {
    throw new TypeError(
      `Cannot train classifier: labels must number ${numRows}, one a row, got ${labels.length}`,
    );
  }
  const wrong = labels.find((label) => !Number.isInteger(label) || label < 0 || label >= numClasses);
  if (wrong !== undefined) {
    throw new RangeError(
      `Cannot train classifier: labels must be integers from 0 to ${numClasses - 1}, got ${wrong}`,
    );
  }
}

/** The features that some row has; the others, of which histograms are full, cannot matter. */
function listUsed(rows: readonly Float64Array[]): number[] {
  return Array.from(rows[0] ?? [], (_, j) => j).filter((j) => rows.some((row) => row[j] !== 0));
}

/** Weights of all features and the bias, `[d + 1]`, from those of the used features and the bias. */
function spreadUsed(weights: Float64Array, used: readonly number[], d: number): Float64Array {
  const all = new Float64Array(d + 1);
  weights.forEach((weight, i) => all[used[i] ?? d] = weight);
  return all;
}

function scoreRow(weights: readonly Float64Array[], row: Float64Array): number[] {
  return weights.map((weight) => dot(weight, row));
}

function softmax(scores: readonly number[]): number[] {
  const top = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - top));
  const sum = powers.reduce((all, power) => all + power, 0);
  return powers.map((power) => power / sum);
}

function gradientAt(
  weights: readonly Float64Array[],
  rows: readonly Float64Array[],
  labels: readonly number[],
  decay: number,
): Float64Array[] {
  const slopes = weights.map((row) => row.map((weight, j) => j < row.length - 1 ? decay * weight : 0));
  for (const [i, row] of rows.entries()) {
    for (const [k, probability] of softmax(scoreRow(weights, row)).entries()) {
      const error = (probability - (k === labels[i] ? 1 : 0)) / rows.length;
      const slope = slopes[k];
      if (slope !== undefined) row.forEach((value, j) => slope[j] = (slope[j] ?? 0) + error * value);
    }
  }
  return slopes;
}
