import { INK } from "./_palette.ts";
import { drawTrace, type Scales } from "./_svg_traces.ts";
import { escapeXml, paint, short, textElement } from "./_svg_text.ts";
import type {
  Annotation,
  Axis,
  ColorBar,
  Figure,
  HeatmapTrace,
  Layout,
  LayoutImage,
  Shape,
  Trace,
} from "./figure.ts";

/** How {@link renderSvg} draws. */
export interface RenderSvgOptions {
  /** The colour of texts, in CSS. @default a grey that reads on white and on black */
  readonly ink?: string;
  /** The colour behind the figure, in CSS. @default none */
  readonly background?: string;
}

/**
 * Draws a figure as SVG, without Plotly and without a browser: for papers, for viewers that run no scripts, and for
 * pictures of figures. What a cell says when pointed at is a `<title>`; sliders and menus are left out.
 */
export function renderSvg(figure: Figure, { ink = INK, background }: RenderSvgOptions = {}): string {
  const { data, layout, alt } = figure, { width, height, sliders: [slider] } = layout;
  const shown = slider === undefined ? height : Math.ceil((1 - slider.y) * height); // and what is above it
  const panels = listPanels(layout), prefix = figureId(figure);
  const parts = panels.map((panel) => drawPanel(panel, figure, ink, prefix));
  const ground = background === undefined ? "" : `<rect width="100%" height="100%" fill="${background}"/>`;
  const { title } = layout;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${shown}" viewBox="0 0 ${width} ${shown}" ` +
    `role="img" aria-label="${escapeXml(alt)}" font-family="${escapeXml(layout.font.family)}">${ground}` +
    textElement(title.text, {
      x: title.x * width,
      y: (1 - title.y) * height,
      size: title.font.size,
      color: ink,
    }) +
    parts.join("") +
    layout.images.filter(({ xref }) => xref === "paper").map((image) => drawImage(image, paperScales(layout)))
      .join("") +
    layout.annotations.map((annotation) => drawAnnotation(annotation, layout, panels, ink)).join("") +
    data.flatMap((trace) =>
      trace.type === "heatmap" && trace.showscale && trace.colorbar !== undefined
        ? [drawColorBar(trace, trace.colorbar, layout, ink, prefix)]
        : []
    ).join("") +
    (layout.showlegend ? drawLegend(data, layout, ink) : "") +
    "</svg>";
}

/** A name for the parts of a figure that no other figure on a page has, and that is always the same. */
export function figureId(figure: Figure): string {
  const text = JSON.stringify([
    figure.alt,
    figure.layout.width,
    figure.layout.height,
    figure.layout.annotations,
  ]);
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return `figure-${(hash >>> 0).toString(36)}`;
}

/** A pair of axes with its scales. */
interface SvgPanel {
  readonly ref: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly scales: Scales;
}

function listPanels(layout: Layout): SvgPanel[] {
  const { width, height } = layout;
  const panels: SvgPanel[] = [];
  for (let i = 1;; i++) {
    const suffix = i === 1 ? "" : String(i);
    const x = layout[`xaxis${suffix}`], y = layout[`yaxis${suffix}`];
    if (x === undefined || y === undefined) return panels;
    const left = x.domain[0] * width, right = x.domain[1] * width;
    const top = (1 - y.domain[1]) * height, bottom = (1 - y.domain[0]) * height;
    const scales = { x: createScale(x, left, right), y: createScale(y, bottom, top) };
    panels.push({ ref: `x${suffix}`, x, y, left, right, top, bottom, scales });
  }
}

/** Fractions of the figure, from its bottom left. */
function paperScales({ width, height }: Layout): Scales {
  return { x: (value) => value * width, y: (value) => (1 - value) * height };
}

function createScale({ range, type }: Axis, from: number, to: number): (value: number) => number {
  const [low, high] = range;
  return (value) => {
    const place = type === "log" ? Math.log10(Math.max(value, 1e-300)) : value;
    return from + (place - low) / (high - low) * (to - from);
  };
}

function drawPanel(panel: SvgPanel, { data, layout }: Figure, ink: string, prefix: string): string {
  const { ref, left, right, top, bottom, scales } = panel;
  const own = data.filter((trace) => (trace.xaxis ?? "x") === ref);
  const images = layout.images.filter(({ xref }) => xref === ref);
  const shapes = layout.shapes.filter(({ xref }) => xref === ref);
  const id = `${prefix}-${ref}`;
  const clip = `<clipPath id="${id}"><rect x="${short(left - 1)}" y="${short(top - 1)}" width="${
    short(right - left + 2)
  }" height="${short(bottom - top + 2)}"/></clipPath>`;
  const inside = [
    ...images.filter(({ layer }) => layer === "below").map((image) => drawImage(image, scales)),
    ...shapes.filter(({ layer }) => layer === "below").map((shape) => drawShape(shape, scales)),
    ...own.filter(({ type }) => type === "heatmap").map((trace) => drawTrace(trace, scales, ink)),
  ];
  const above = own.filter(({ type }) => type !== "heatmap").map((trace) => drawTrace(trace, scales, ink));
  const top2 = [
    ...images.filter(({ layer }) => layer === "above").map((image) => drawImage(image, scales)),
    ...shapes.filter(({ layer }) => layer === "above").map((shape) => drawShape(shape, scales)),
  ];
  return `${clip}${drawAxes(panel, ink)}<g clip-path="url(#${id})">${inside.join("")}</g>${above.join("")}${
    top2.join("")
  }`;
}

function drawAxes({ x, y, left, right, top, bottom, scales }: SvgPanel, ink: string): string {
  const line = (x1: number, y1: number, x2: number, y2: number, color: string) =>
    `<path d="M${short(x1)} ${short(y1)}L${short(x2)} ${short(y2)}" ${paint("stroke", color)} fill="none"/>`;
  const parts: string[] = [];
  x.tickvals.forEach((value, i) => {
    const at = scales.x(value);
    if (x.showgrid) parts.push(line(at, top, at, bottom, x.gridcolor));
    parts.push(
      textElement(x.ticktext[i] ?? "", {
        x: at,
        y: bottom + 13,
        size: x.tickfont.size,
        color: ink,
        anchor: "middle",
      }),
    );
  });
  y.tickvals.forEach((value, i) => {
    const at = scales.y(value);
    if (y.showgrid) parts.push(line(left, at, right, at, y.gridcolor));
    parts.push(
      textElement(y.ticktext[i] ?? "", {
        x: left - 6,
        y: at,
        size: y.tickfont.size,
        color: ink,
        anchor: "end",
      }),
    );
  });
  if (x.showline) parts.push(line(left, bottom, right, bottom, x.linecolor));
  if (y.showline) parts.push(line(left, top, left, bottom, y.linecolor));
  if (x.title !== undefined) {
    const place = { x: (left + right) / 2, y: bottom + (x.tickvals.length > 0 ? 32 : 14) };
    parts.push(
      textElement(x.title.text, { ...place, size: x.title.font.size, color: ink, anchor: "middle" }),
    );
  }
  if (y.title !== undefined) {
    const longest = Math.max(0, ...y.ticktext.map((text) => text.length));
    const place = { x: left - 22 - longest * 6.2, y: (top + bottom) / 2 };
    parts.push(
      textElement(y.title.text, {
        ...place,
        size: y.title.font.size,
        color: ink,
        anchor: "middle",
        rotate: -90,
      }),
    );
  }
  return parts.join("");
}

function drawImage({ source, x, y, sizex, sizey, opacity = 1 }: LayoutImage, scales: Scales): string {
  const width = Math.abs(scales.x(x + sizex) - scales.x(x)),
    height = Math.abs(scales.y(y + sizey) - scales.y(y));
  return `<image href="${source}" x="${short(scales.x(x))}" y="${short(scales.y(y))}" width="${
    short(width)
  }" ` +
    `height="${short(height)}" preserveAspectRatio="none" opacity="${opacity}"/>`;
}

function drawShape({ type, x0, x1, y0, y1, line, fillcolor }: Shape, { x, y }: Scales): string {
  const [a, b, c, d] = [x(x0), y(y0), x(x1), y(y1)];
  const dash =
    { solid: "", dot: ` stroke-dasharray="2 3"`, dash: ` stroke-dasharray="7 5"` }[line.dash ?? "solid"];
  const path = type === "line"
    ? `M${short(a)} ${short(b)}L${short(c)} ${short(d)}`
    : `M${short(a)} ${short(b)}H${short(c)}V${short(d)}H${short(a)}Z`;
  return `<path d="${path}" ${paint("fill", fillcolor ?? "none")} ${
    paint("stroke", line.color)
  } stroke-width="${line.width}"${dash} pointer-events="none"/>`;
}

function drawAnnotation(
  annotation: Annotation,
  layout: Layout,
  panels: readonly SvgPanel[],
  ink: string,
): string {
  const { text, xref, x, y, xanchor, yanchor, font, textangle } = annotation;
  const panel = panels.find(({ ref }) => ref === xref);
  const px = panel === undefined ? x * layout.width : panel.scales.x(x);
  const py = panel === undefined ? (1 - y) * layout.height : panel.scales.y(y);
  const shift = { top: 8, middle: 0, bottom: -8 }[yanchor];
  const anchor = ({ left: "start", center: "middle", right: "end" } as const)[xanchor];
  const turn = textangle === undefined ? {} : { rotate: textangle };
  return textElement(text, {
    x: px,
    y: py + shift,
    size: font.size,
    color: font.color ?? ink,
    anchor,
    ...turn,
  });
}

function drawColorBar(
  { colorscale, zmin, zmax }: HeatmapTrace,
  bar: ColorBar,
  { width, height }: Layout,
  ink: string,
  prefix: string,
): string {
  const long = bar.len * height, left = bar.x * width, top = (1 - bar.y) * height - long / 2;
  const id = `${prefix}-bar-${Math.round(left)}-${Math.round(top)}`;
  const stops = colorscale.map(([place, color]) =>
    `<stop offset="${place}" ${
      paint("fill", color).replaceAll("fill", "stop-color").replace("stop-color-opacity", "stop-opacity")
    }/>`
  );
  const ticks = bar.tickvals.map((value, i) => {
    const y = top + long * (1 - (value - zmin) / (zmax - zmin));
    return textElement(bar.ticktext[i] ?? "", { x: left + bar.thickness + 5, y, size: 11, color: ink });
  });
  const longest = Math.max(0, ...bar.ticktext.map((text) => text.length));
  const side = { x: left + bar.thickness + 16 + longest * 6.2, y: top + long / 2 };
  return `<linearGradient id="${id}" x1="0" y1="1" x2="0" y2="0">${stops.join("")}</linearGradient>` +
    `<rect x="${short(left)}" y="${short(top)}" width="${bar.thickness}" height="${
      short(long)
    }" fill="url(#${id})"/>` +
    ticks.join("") +
    textElement(bar.title.text, { ...side, size: 12, color: ink, anchor: "middle", rotate: 90 });
}

function drawLegend(data: readonly Trace[], { legend, width, height }: Layout, ink: string): string {
  let left = legend.x * width + 4;
  const y = (1 - legend.y) * height;
  return data.filter(({ showlegend, type }) => showlegend === true && type !== "heatmap").map((trace) => {
    const name = trace.name ?? "", x = left;
    left += 34 + name.length * 6.6;
    return drawLegendKey(trace, x, y) +
      textElement(name, { x: x + 24, y, size: legend.font.size, color: ink });
  }).join("");
}

function drawLegendKey(trace: Trace, x: number, y: number): string {
  if (trace.type === "scatter" && trace.mode.includes("lines") && trace.line !== undefined) {
    const dash = trace.line.dash === "dash" ? ` stroke-dasharray="5 3"` : "";
    return `<path d="M${short(x)} ${short(y)}h18" ${
      paint("stroke", trace.line.color)
    } stroke-width="${trace.line.width}"${dash}/>`;
  }
  const color = trace.type !== "heatmap" ? trace.marker?.color : undefined;
  const plain = typeof color === "string" ? color : color?.[0] ?? "none";
  const isOpen = trace.type === "scatter" && trace.marker?.symbol === "square-open";
  const look = isOpen ? `fill="none" ${paint("stroke", plain)} stroke-width="2"` : paint("fill", plain);
  return trace.type === "scatter" && trace.marker?.symbol === "circle"
    ? `<circle cx="${short(x + 9)}" cy="${short(y)}" r="4" ${look}/>`
    : `<rect x="${short(x + 3)}" y="${short(y - 6)}" width="12" height="12" ${look}/>`;
}
