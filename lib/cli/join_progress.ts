import type { OnProgress } from "./runners.ts";

/**
 * Joins parts of work, done one after another, into one progress.
 *
 * @param shares How much of the work each part is, in whatever unit; integers show best.
 * @returns What each part tells its own progress to.
 */
export function joinProgress(shares: readonly number[], onProgress: OnProgress): OnProgress[] {
  const sum = (numbers: readonly number[]) => numbers.reduce((all, number) => all + number, 0);
  return shares.map((share, part) => {
    const before = sum(shares.slice(0, part));
    return (done, total, details) =>
      onProgress(Math.round(before + share * done / total), sum(shares), details);
  });
}
