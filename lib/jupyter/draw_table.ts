import { createView, escapeHtml, type View } from "./view.ts";

/**
 * Draws facts as a table of two columns.
 *
 * @param title Above it.
 * @param rows What, and how much.
 * @param notes Sentences below, e.g. warnings.
 */
export function drawTable(
  title: string,
  rows: readonly (readonly [what: string, value: string])[],
  notes: readonly string[] = [],
): View {
  const width = Math.max(...rows.map(([what]) => what.length));
  const text = [title, ...rows.map(([what, value]) => `  ${what.padEnd(width)}  ${value}`), ...notes].join(
    "\n",
  );
  const cell = 'style="text-align:left;padding:.1em 1.5em .1em 0"';
  const body = rows.map(([what, value]) =>
    `<tr><th scope="row" ${cell}>${escapeHtml(what)}</th><td ${cell}>${escapeHtml(value)}</td></tr>`
  );
  const below = notes.map((note) => `<div>⚠ ${escapeHtml(note)}</div>`);
  return createView(
    text,
    `<div><b>${escapeHtml(title)}</b><table style="border-collapse:collapse">${body.join("")}</table>${
      below.join("")
    }</div>`,
  );
}
