import { NOT_FINITE } from "./_palette.ts";
import type { HeatmapTrace } from "./figure.ts";

/** Values to draw as a heat map, and where. */
export interface CellsOptions {
  /** `[rows][columns]`; null leaves a hole, NaN and infinities are drawn in a colour of their own. */
  readonly values: readonly (readonly (number | null)[])[];
  /** Everything of the trace that does not follow from the values. */
  readonly trace: Pick<HeatmapTrace, "colorscale" | "zmin" | "zmax"> & Partial<HeatmapTrace>;
  /** What a cell says when pointed at. */
  readonly describe: (row: number, column: number, value: string) => string;
  /** How a number is written. */
  readonly format: (value: number) => string;
}

/** A heat map whose cells that are no numbers are bright pink and say what they are: nothing is hidden. */
export function drawCells({ values, trace, describe, format }: CellsOptions): HeatmapTrace[] {
  const hovertext = values.map((row, y) =>
    row.map((value, x) => value === null ? "" : describe(y, x, say(value, format)))
  );
  const shared = { type: "heatmap" as const, showscale: false, hoverinfo: "text" as const, ...trace }; // literal types
  const finite: HeatmapTrace = {
    ...shared,
    z: values.map((row) =>
      row.map((value) => value !== null && Number.isFinite(value) ? round(value) : null)
    ),
    hovertext,
  };
  if (countNotFinite(values) === 0) return [finite];
  const { text: _text, colorbar: _colorbar, ...plain } = shared;
  const strange = (value: number | null) => value !== null && !Number.isFinite(value);
  return [finite, {
    ...plain,
    name: "not a number",
    showscale: false,
    z: values.map((row) => row.map((value) => strange(value) ? 0 : null)),
    zmin: 0,
    zmax: 1,
    colorscale: [[0, NOT_FINITE], [1, NOT_FINITE]],
    opacity: 1,
    hovertext,
  }];
}

/** How many values are NaN or infinite. */
export function countNotFinite(values: Iterable<Iterable<number | null>>): number {
  let count = 0;
  for (const row of values) for (const value of row) if (value !== null && !Number.isFinite(value)) count++;
  return count;
}

/** What a subtitle says about values that are none; nothing where all are numbers. */
export function sayNotFinite(count: number): string {
  return count === 0
    ? ""
    : `; ${count.toLocaleString("en-US")} ${count === 1 ? "value is" : "values are"} not finite (pink)`;
}

/** The smallest and largest finite value; 0 and 1 where there is none. */
export function findRange(values: Iterable<Iterable<number | null>>): readonly [number, number] {
  let low = Infinity, high = -Infinity;
  for (const row of values) {
    for (const value of row) {
      if (value === null || !Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return low > high ? [0, 1] : [low, high];
}

/** Four digits that count are enough for a colour, and keep figures small. */
export function round(value: number): number {
  return Number(value.toPrecision(4));
}

function say(value: number, format: (value: number) => string): string {
  return Number.isFinite(value) ? format(value) : String(value).replace("Infinity", "infinity");
}
