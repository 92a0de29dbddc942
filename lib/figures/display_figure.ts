import { type Figure, PLOTLY_CONFIG } from "./figure.ts";
import { toBase64 } from "./picture_url.ts";
import { renderPng } from "./render_png.ts";
import { figureId, renderSvg } from "./render_svg.ts";
import { escapeXml } from "./_svg_text.ts";
import { toScriptJson } from "./to_html.ts";

/** What a notebook shows of a value: its forms by MIME type. */
export type MimeBundle = Readonly<Record<string, unknown>>;

/** The longest drawing that a notebook keeps besides the picture, in characters. */
const MAX_DRAWING = 60_000;

/**
 * A figure in all the forms that front ends choose from: Plotly's, where an extension knows it; HTML, with a picture that
 * viewers without scripts show, and that a drawing with hover replaces elsewhere; words.
 */
export async function displayFigure(figure: Figure): Promise<MimeBundle> {
  return {
    "application/vnd.plotly.v1+json": { data: figure.data, layout: figure.layout, config: PLOTLY_CONFIG },
    "text/html": await toNotebookHtml(figure),
    "text/plain": figure.alt,
  };
}

async function toNotebookHtml(figure: Figure): Promise<string> {
  const { width } = figure.layout, id = figureId(figure), svg = renderSvg(figure);
  const picture = `<img width="${width}" style="max-width:100%" alt="${escapeXml(figure.alt)}" ` +
    `src="data:image/png;base64,${toBase64(await renderPng(figure))}">`;
  const script = svg.length > MAX_DRAWING
    ? ""
    : `<script>for(const e of document.querySelectorAll("#${id}"))e.innerHTML=${toScriptJson(svg)}</script>`;
  return `<div id="${id}">${picture}</div>${script}`;
}
