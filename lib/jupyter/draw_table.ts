import { createView, escapeHtml, type View } from "./view.ts";

/**
 * Draws facts as a table, a row each.
 *
 * @param title Above it.
 * @param rows What, and how much: one value, or one for each column; numbers as they are. A row whose name is empty heads the columns.
 * @param notes Sentences below, e.g. warnings.
 */
export function drawTable(
  title: string,
  rows: readonly (readonly (string | number)[])[],
  notes: readonly string[] = [],
): View {
  const cells = rows.map((row) => row.map(String));
  const numColumns = Math.max(0, ...cells.map(({ length }) => length));
  const widths = Array.from(
    { length: numColumns },
    (_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  const lines = cells.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd()
  );
  const text = [title, ...lines.map((line) => `  ${line}`), ...notes].join("\n");
  const style = 'style="text-align:left;padding:.1em 1.5em .1em 0"';
  const body = cells.map(([what = "", ...values]) => {
    const tag = what === "" ? 'th scope="col"' : "td";
    const rest = values.map((value) => `<${tag} ${style}>${escapeHtml(value)}</${tag.slice(0, 2)}>`);
    return `<tr><th scope="row" ${style}>${escapeHtml(what)}</th>${rest.join("")}</tr>`;
  });
  const below = notes.map((note) => `<div>⚠ ${escapeHtml(note)}</div>`);
  return createView(
    text,
    `<div><b>${escapeHtml(title)}</b><table style="border-collapse:collapse">${body.join("")}</table>${
      below.join("")
    }</div>`,
  );
}
