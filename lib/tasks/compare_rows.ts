import type { SweepRow } from "./sweep.ts";

/** What came out for one value of an axis. */
export interface Comparison {
  /** The value. */
  readonly name: string;
  /** The value that the others are held against. */
  readonly baseline: string;
  /** The figure of each run, in the order of the rows. */
  readonly values: readonly number[];
  /** Their mean. */
  readonly mean: number;
  /** Of the mean; NaN for a single run. */
  readonly standardError: number;
  /** From the baseline, run by run of equal other settings; none for the baseline itself, and where no run has a partner. */
  readonly difference?: Difference;
}

/** How far the runs of one value are from their partners of another. */
export interface Difference {
  /** Mean of the differences. */
  readonly mean: number;
  /** Of that mean; NaN for a single pair. */
  readonly standardError: number;
  /** Pairs that there are. */
  readonly count: number;
  /** Whether Student's test finds it different from 0, at 5 %: never for a single pair. */
  readonly isClear: boolean;
}

/** What {@link compareRows} compares. */
export interface CompareOptions<Name extends string> {
  /** The axis whose values are compared. */
  readonly of: Name;
  /** The figure. */
  readonly figure: string;
  /** The value that the others are held against. @default that of the first row */
  readonly baseline?: string | number | boolean;
}

/**
 * Compares the values of one axis of a sweep by one figure: means with standard errors, and differences from a baseline,
 * paired by all other settings. Runs of the same seed saw the same data, so that differences are surer than the means are.
 *
 * @throws {RangeError} If there is no row, no run of the baseline, or a row lacks the figure.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compareRows } from "nuwa-infinity";
 * const row = (extent: number, seed: number, bits: number) => ({ settings: { extent, seed }, figures: { bits }, seconds: 1 });
 * const rows = [row(2, 1, 5), row(2, 2, 6), row(0, 1, 5.5), row(0, 2, 6.5)];
 * const [, none] = compareRows(rows, { of: "extent", figure: "bits" });
 * assertEquals(none?.difference, { mean: 0.5, standardError: 0, count: 2, isClear: true });
 * ```
 */
export function compareRows<Settings extends object, Name extends string & keyof Settings>(
  rows: readonly SweepRow<Settings>[],
  { of, figure, baseline }: CompareOptions<Name>,
): Comparison[] {
  const refuse = (name: string, need: string, got: unknown) =>
    new RangeError(`Cannot compare rows: ${name} must be ${need}, got ${got}`);
  const runs = rows.map(({ settings, figures }) => {
    const value = figures[figure], { [of]: axis, ...others } = settings;
    if (value === undefined) {
      throw refuse("figure", `one of ${Object.keys(figures).join(", ")}`, figure);
    }
    return { name: String(axis), partner: JSON.stringify(others), value };
  });
  const names = [...new Set(runs.map(({ name }) => name))];
  const base = baseline === undefined ? names[0] : String(baseline);
  if (base === undefined) throw refuse("rows", "at least 1", 0);
  if (!names.includes(base)) throw refuse("baseline", `one of ${names.join(", ")}`, base);
  const partners = new Map(
    runs.flatMap(({ name, partner, value }) => name === base ? [[partner, value]] : []),
  );
  return names.map((name) => {
    const own = runs.filter((run) => run.name === name), values = own.map(({ value }) => value);
    const gaps = own.flatMap(({ partner, value }) => {
      const other = partners.get(partner);
      return other === undefined ? [] : [value - other];
    });
    const difference = name === base || gaps.length === 0 ? {} : { difference: describeDifference(gaps) };
    return { name, baseline: base, values, ...describeMean(values), ...difference };
  });
}

function describeMean(values: readonly number[]): { readonly mean: number; readonly standardError: number } {
  const count = values.length, mean = values.reduce((sum, value) => sum + value, 0) / count;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  return { mean, standardError: Math.sqrt(variance / count) };
}

function describeDifference(gaps: readonly number[]): Difference {
  const { mean, standardError } = describeMean(gaps), count = gaps.length;
  return { mean, standardError, count, isClear: Math.abs(mean) > studentQuantile(count - 1) * standardError };
}

/** 97.5 % quantiles of Student's distribution for 1 to 10 degrees of freedom. */
const QUANTILES = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];

/** The 97.5 % quantile of Student's distribution; beyond the table by its expansion, to three digits. */
function studentQuantile(degrees: number): number {
  const z = 1.959964;
  return QUANTILES[degrees - 1] ??
    z + (z ** 3 + z) / (4 * degrees) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2);
}

/**
 * Comparisons as the rows of a table, heading included, for `drawTable`: mean and standard error, and the difference from
 * the baseline with a word on whether it is more than noise.
 *
 * @param options.digits After the point. @default 3
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compareRows, tabulateComparisons } from "nuwa-infinity";
 * const row = (extent: number, seed: number, bits: number) => ({ settings: { extent, seed }, figures: { bits }, seconds: 1 });
 * const rows = [row(1, 1, 5), row(1, 2, 6), row(2, 1, 4.5), row(2, 2, 5.4)];
 * const table = tabulateComparisons(compareRows(rows, { of: "extent", figure: "bits" }), { digits: 2 });
 * assertEquals(table[2], ["2", "4.95 ± 0.45", "2", "-0.55 ± 0.05", "within the noise"]);
 * ```
 */
export function tabulateComparisons(
  comparisons: readonly Comparison[],
  { digits = 3 }: { readonly digits?: number } = {},
): string[][] {
  const withError = ({ mean, standardError }: Pick<Comparison, "mean" | "standardError">) =>
    Number.isFinite(standardError)
      ? `${mean.toFixed(digits)} ± ${standardError.toFixed(digits)}`
      : mean.toFixed(digits);
  return [
    ["", "mean ± standard error", "runs", `more than ${comparisons[0]?.baseline ?? "baseline"}`, ""],
    ...comparisons.map(({ name, values, difference, ...own }) => [
      name,
      withError(own),
      String(values.length),
      difference === undefined ? "" : `${difference.mean < 0 ? "" : "+"}${withError(difference)}`,
      difference === undefined ? "" : difference.isClear ? "clear" : "within the noise",
    ]),
  ];
}
