import { parseColor } from "./_palette.ts";

/** Text as SVG and HTML want it. */
export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll(
    '"',
    "&quot;",
  );
}

/** Plotly's little HTML as plain text: bold is dropped, `<br>` becomes a line break. */
export function toPlain(text: string): string {
  return text.replaceAll("<br>", "\n").replace(/<\/?[bi]>/g, "");
}

/** A number with at most two decimals. */
export function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** How {@link textElement} writes. */
export interface TextOptions {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly color: string;
  readonly anchor?: "start" | "middle" | "end";
  readonly rotate?: number;
}

/** Text whose middle line is at `y`; `<br>` starts a new line. */
export function textElement(
  text: string,
  { x, y, size, color, anchor = "start", rotate }: TextOptions,
): string {
  const lines = toPlain(text).split("\n");
  const isBold = text.startsWith("<b>");
  const turn = rotate === undefined ? "" : ` transform="rotate(${rotate} ${short(x)} ${short(y)})"`;
  const first = y - (lines.length - 1) * size * 0.6 + size * 0.35;
  const spans = lines.map((line, i) =>
    `<tspan x="${short(x)}" y="${short(first + i * size * 1.2)}">${escapeXml(line)}</tspan>`
  );
  return `<text font-size="${short(size)}" text-anchor="${anchor}"${isBold ? ' font-weight="bold"' : ""} ${
    paint("fill", color)
  }${turn}>${spans.join("")}</text>`;
}

/** `fill` or `stroke` of a CSS colour, its opacity apart, as all renderers of SVG understand it. */
export function paint(attribute: "fill" | "stroke", color: string): string {
  if (!color.startsWith("rgba")) return `${attribute}="${color}"`;
  const [r, g, b, a] = parseColor(color);
  return `${attribute}="rgb(${r},${g},${b})" ${attribute}-opacity="${a}"`;
}

/** What an element says when pointed at. */
export function tooltip(text: string | undefined): string {
  return text === undefined || text === "" ? "" : `<title>${escapeXml(toPlain(text))}</title>`;
}
