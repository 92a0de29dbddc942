import { type FigureName, FIGURES, type Report } from "./measurement.ts";

/** Three significant digits, without an exponent. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) return String(value);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 6));
}

/** A report as text: its heading, a table with aligned columns, figures, notes. */
export function formatReport(title: string, { rows, figures = {}, notes = [] }: Report): string {
  const columns = Object.keys(rows[0] ?? {});
  const cells = rows.map((row) => columns.map((column) => row[column] ?? ""));
  const texts = cells.map((row) => row.map((cell) => typeof cell === "number" ? formatNumber(cell) : cell));
  const widths = columns.map((name, at) =>
    Math.max(name.length, ...texts.map((row) => row[at]?.length ?? 0))
  );
  const line = (words: readonly string[], row: readonly (string | number)[]) =>
    words.map((word, at) =>
      typeof row[at] === "number" ? word.padStart(widths[at] ?? 0) : word.padEnd(widths[at] ?? 0)
    ).join("  ").trimEnd();
  return [
    title,
    "-".repeat(title.length),
    ...(rows.length > 0
      ? [line(columns, cells[0] ?? []), ...texts.map((row, at) => line(row, cells[at] ?? []))]
      : []),
    ...Object.entries(figures).map(([name, value]) =>
      `${name}: ${value === null ? "null" : formatNumber(value)}`
    ),
    ...notes,
    "",
  ].join("\n");
}

/** The flat object that `--json` writes: every figure, null where no report has it. */
export function collectFigures(reports: readonly Report[]): Record<FigureName, number | null> {
  const measured = Object.assign({}, ...reports.map(({ figures }) => figures ?? {}));
  // Every name of FIGURES, and numbers or null from the reports.
  return Object.fromEntries(FIGURES.map((name) => [name, measured[name] ?? null])) as Record<
    FigureName,
    number | null
  >;
}
