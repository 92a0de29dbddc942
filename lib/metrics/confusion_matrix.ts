/**
 * Counts what was taken for what.
 *
 * @param labels The true classes, 0 to `numClasses - 1`; shape `[n]`.
 * @param guesses What was said of them; shape `[n]`.
 * @returns A row a true class, a column a guess; shape `[classes][classes]`.
 * @throws {TypeError} If there are not as many guesses as labels.
 * @throws {RangeError} If a label or guess is no class.
 */
export function confusionMatrix(
  labels: readonly number[],
  guesses: readonly number[],
  numClasses: number,
): number[][] {
  if (labels.length !== guesses.length) {
    throw new TypeError(
      `Cannot count confusions: guesses must number ${labels.length}, as labels do, got ${guesses.length}`,
    );
  }
  const counts = Array.from({ length: numClasses }, () => new Array<number>(numClasses).fill(0));
  for (const [i, label] of labels.entries()) {
    const guess = guesses[i] ?? NaN, row = counts[label], count = row?.[guess];
    if (row === undefined || count === undefined) {
      throw new RangeError(
        `Cannot count confusions: classes must be 0 to ${numClasses - 1}, got ${label} taken for ${guess}`,
      );
    }
    row[guess] = count + 1;
  }
  return counts;
}

/** The share of a confusion matrix that lies on its diagonal: what was taken for what it is; NaN if it is empty. */
export function accuracy(confusion: readonly (readonly number[])[]): number {
  const right = confusion.reduce((sum, row, i) => sum + (row[i] ?? 0), 0);
  return right / confusion.flat().reduce((sum, count) => sum + count, 0);
}
