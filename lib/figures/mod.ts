/** Plotly figures as plain JSON, and a player of whole runs: built from plans, pools, traces and pictures. */
export * from "./display_figure.ts";
export * from "./figure.ts";
export * from "./picture_url.ts";
export * from "./plot_neighbours.ts";
export * from "./plot_order.ts";
export * from "./plot_pool.ts";
export * from "./plot_pool_bytes.ts";
export * from "./plot_pool_lives.ts";
export * from "./plot_waves.ts";
export * from "./pool_peak_closed_form.ts";
export * from "./render_png.ts";
export { renderSvg, type RenderSvgOptions } from "./render_svg.ts";
export { toHtml, type ToHtmlOptions } from "./to_html.ts";
export * from "./traces.ts";
