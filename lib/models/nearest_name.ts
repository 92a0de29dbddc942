/**
 * The name that takes the fewest edits (a letter more, less, another, or two swapped) to get from the one given.
 *
 * @param names At least one; the first of several that are as near.
 */
export function nearestName(given: string, names: readonly string[]): string {
  const distances = names.map((name) => editDistance(given, name));
  return names[distances.indexOf(Math.min(...distances))] ?? "";
}

/** Optimal string alignment distance. */
function editDistance(from: string, to: string): number {
  const rows = [Array.from({ length: to.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number) => rows[i]?.[j] ?? Infinity;
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= to.length; j++) {
      const isSame = from[i - 1] === to[j - 1];
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      row.push(Math.min(
        at(i - 1, j) + 1,
        at(i, j - 1) + 1,
        at(i - 1, j - 1) + (isSame ? 0 : 1),
        isSwap ? at(i - 2, j - 2) + 1 : Infinity,
      ));
    }
  }
  return at(from.length, to.length);
}
