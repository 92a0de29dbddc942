import { type Figure, PLOTLY_CONFIG } from "./figure.ts";
import { renderSvg } from "./render_svg.ts";
import { escapeXml } from "./_svg_text.ts";

/** How {@link toHtml} shows figures. */
export interface ToHtmlOptions {
  /**
   * `drawing`: as SVG, with hover and no script, some 10 to 200 kB. `plotly`: with Plotly inside the page (10 MB), so that
   * sliders, menus and zoom work without network.
   *
   * @default "drawing"
   */
  readonly mode?: "drawing" | "plotly";
}

/**
 * Figures as one HTML page that needs no network, in light or dark as the reader's system is.
 *
 * @throws {TypeError} If there is no figure.
 */
export async function toHtml(
  figures: Figure | readonly Figure[],
  { mode = "drawing" }: ToHtmlOptions = {},
): Promise<string> {
  const list = "layout" in figures ? [figures] : figures;
  const [first] = list;
  if (first === undefined) throw new TypeError("Cannot write page: figures must number at least 1, got 0");
  const drawings = list.map((figure, i) =>
    `<figure id="f${i}">${renderSvg(figure, { ink: "currentColor" })}</figure>`
  );
  const script = mode === "plotly" ? await plotlyScript(list) : "";
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeXml(first.layout.title.text)}</title>
<style>:root{color-scheme:light dark}body{margin:16px;background:Canvas;color:light-dark(#333,#c9c9c9)}figure{margin:0 0 24px}svg{max-width:100%;height:auto}</style>
</head><body>${drawings.join("\n")}${script}</body></html>
`;
}

/** Plotly itself, and what draws the figures with it in the page's colours. */
async function plotlyScript(figures: readonly Figure[]): Promise<string> {
  const module: { readonly default: unknown } = await import("plotly.js-dist", { with: { type: "text" } });
  const library = String(module.default).replaceAll("</script", "<\\/script");
  const plain = figures.map(({ data, layout }) => ({ data, layout }));
  return `<script>${library}</script><script>
const ink = getComputedStyle(document.body).color;
${toScriptJson(plain)}.forEach(({ data, layout }, i) => {
  const place = document.getElementById("f" + i);
  place.replaceChildren();
  Plotly.newPlot(place, data, { ...layout, font: { ...layout.font, color: ink } }, ${
    JSON.stringify(PLOTLY_CONFIG)
  });
});
</script>`;
}

/** A value as JSON that may stand inside a script element. */
export function toScriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}
