import { colorAt, inkOn, parseColor } from "./_palette.ts";
import { paint, short, textElement, tooltip } from "./_svg_text.ts";
import type { BarTrace, HeatmapTrace, ScatterTrace, Trace } from "./figure.ts";

/** Turns values of a panel's axes into pixels. */
export interface Scales {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

/** A trace as SVG elements. */
export function drawTrace(trace: Trace, scales: Scales, ink: string): string {
  const drawn = trace.type === "heatmap"
    ? drawHeatmap(trace, scales)
    : trace.type === "bar"
    ? drawBars(trace, scales, ink)
    : drawScatter(trace, scales, ink);
  return trace.opacity === undefined || trace.opacity === 1
    ? drawn
    : `<g opacity="${trace.opacity}">${drawn}</g>`;
}

function drawHeatmap(trace: HeatmapTrace, { x, y }: Scales): string {
  const { z, x0 = 0, dx = 1, y0 = 0, dy = 1, zmin, zmax, colorscale, xgap = 0, ygap = 0 } = trace;
  const cells: string[] = [], words: string[] = [];
  z.forEach((row, i) =>
    row.forEach((value, j) => {
      if (value === null) return;
      const color = colorAt(colorscale, zmax === zmin ? 0 : (value - zmin) / (zmax - zmin));
      const hover = trace.hoverinfo === "text" ? tooltip(trace.hovertext?.[i]?.[j]) : "";
      const word = trace.text?.[i]?.[j] ?? "";
      if (parseColor(color)[3] === 0 && hover === "" && word === "") return;
      const [left, right] = [x(x0 + (j - 0.5) * dx), x(x0 + (j + 0.5) * dx)].toSorted((a, b) => a - b);
      const [top, bottom] = [y(y0 + (i - 0.5) * dy), y(y0 + (i + 0.5) * dy)].toSorted((a, b) => a - b);
      if (left === undefined || right === undefined || top === undefined || bottom === undefined) return;
      const shape =
        `x="${short(left + xgap / 2)}" y="${short(top + ygap / 2)}" width="${short(right - left - xgap)}" ` +
        `height="${short(bottom - top - ygap)}"`;
      cells.push(`<rect ${shape} ${paint("fill", color)}${hover === "" ? "/>" : `>${hover}</rect>`}`);
      if (word === "") return;
      const place = { x: (left + right) / 2, y: (top + bottom) / 2 };
      words.push(
        textElement(word, {
          ...place,
          size: trace.textfont?.size ?? 11,
          color: inkOn(color),
          anchor: "middle",
        }),
      );
    })
  );
  return `<g shape-rendering="crispEdges">${cells.join("")}</g><g pointer-events="none">${
    words.join("")
  }</g>`;
}

function drawBars(trace: BarTrace, { x, y }: Scales, ink: string): string {
  return trace.x.map((value, i) => {
    const other = trace.y[i] ?? 0, base = trace.base?.[i] ?? 0;
    const color = typeof trace.marker.color === "string" ? trace.marker.color : trace.marker.color[i] ?? ink;
    const isFlat = trace.orientation === "h";
    const [x1, x2] = isFlat
      ? [x(base), x(base + value)]
      : [x(value - trace.width / 2), x(value + trace.width / 2)];
    const [y1, y2] = isFlat
      ? [y(other - trace.width / 2), y(other + trace.width / 2)]
      : [y(base), y(base + other)];
    const rectangle = `<rect x="${short(Math.min(x1, x2))}" y="${short(Math.min(y1, y2))}" width="${
      short(Math.abs(x2 - x1))
    }" height="${short(Math.abs(y2 - y1))}" ${paint("fill", color)}>${tooltip(trace.hovertext?.[i])}</rect>`;
    const word = trace.textposition === "outside" ? trace.text?.[i] ?? "" : "";
    if (word === "") return rectangle;
    return rectangle +
      (isFlat ? textElement(word, { x: x2 + 5, y: (y1 + y2) / 2, size: 11, color: ink }) : textElement(word, {
        x: (x1 + x2) / 2,
        y: Math.min(y1, y2) - 8,
        size: 11,
        color: ink,
        anchor: "middle",
      }));
  }).join("");
}

/** A point of a scatter trace that can be drawn. */
interface Point {
  readonly x: number;
  readonly y: number;
  readonly index: number;
}

function drawScatter(trace: ScatterTrace, { x, y }: Scales, ink: string): string {
  const runs: Point[][] = [[]];
  trace.x.forEach((value, index) => {
    const other = trace.y[index] ?? null;
    if (value === null || other === null) runs.push([]);
    else runs.at(-1)?.push({ x: x(value), y: y(other), index });
  });
  const drawn = runs.filter((run) => run.length > 0);
  return (trace.mode.includes("lines") ? drawLines(trace, drawn, y) : "") +
    (trace.mode.includes("markers") ? drawn.map((run) => drawMarkers(trace, run, ink)).join("") : "") +
    (trace.mode.includes("text") ? drawn.flat().map((point) => drawWord(trace, point, ink)).join("") : "");
}

function drawLines(
  { line, fill, fillcolor, hovertext }: ScatterTrace,
  runs: readonly Point[][],
  y: Scales["y"],
): string {
  if (line === undefined) return "";
  const dash =
    { solid: "", dot: ` stroke-dasharray="1.5 3"`, dash: ` stroke-dasharray="6 5"` }[line.dash ?? "solid"];
  const trail = (run: readonly Point[]) =>
    run.map((point, i) => {
      if (i === 0) return `M${short(point.x)} ${short(point.y)}`;
      return line.shape === "hv"
        ? `H${short(point.x)}V${short(point.y)}`
        : `L${short(point.x)} ${short(point.y)}`;
    }).join("");
  const area = fill === undefined ? "" : runs.map((run) => {
    const [first] = run, last = run.at(-1);
    if (first === undefined || last === undefined) return "";
    return `<path d="${trail(run)}L${short(last.x)} ${short(y(0))}L${short(first.x)} ${short(y(0))}Z" ${
      paint("fill", fillcolor ?? "none")
    }/>`;
  }).join("");
  const hover =
    hovertext !== undefined && hovertext.length > 0 && hovertext.every((text) => text === hovertext[0])
      ? tooltip(hovertext[0])
      : "";
  return `${area}<path d="${runs.map(trail).join("")}" fill="none" ${
    paint("stroke", line.color)
  } stroke-width="${line.width}"${dash} stroke-linejoin="round">${hover}</path>`;
}

function drawMarkers({ marker, hovertext }: ScatterTrace, run: readonly Point[], ink: string): string {
  if (marker === undefined) return "";
  return run.map(({ x, y, index }, i) => {
    const color = typeof marker.color === "string" ? marker.color : marker.color[index] ?? ink;
    const size = typeof marker.size === "number" ? marker.size : marker.size[index] ?? 0;
    if (size === 0) return "";
    const half = size / 2, hover = tooltip(hovertext?.[index]), stroke = marker.line;
    if (marker.symbol === "arrow") {
      const before = run[i - 1] ?? { x, y: y + 1 };
      const angle = Math.atan2(y - before.y, x - before.x) * 180 / Math.PI;
      const path = `M0 0L${-size} ${-half * 0.8}L${-size} ${half * 0.8}Z`;
      return `<path d="${path}" transform="translate(${short(x)} ${short(y)}) rotate(${short(angle)})" ${
        paint("fill", color)
      }/>`;
    }
    if (marker.symbol === "x") {
      const [l, r, t, b] = [x - half, x + half, y - half, y + half].map(short);
      return `<path d="M${l} ${t}L${r} ${b}M${l} ${b}L${r} ${t}" ${
        paint("stroke", color)
      } stroke-width="2">${hover}</path>`;
    }
    const open = marker.symbol === "square-open";
    const look = open
      ? `fill="none" ${paint("stroke", color)} stroke-width="${stroke?.width ?? 1.5}"`
      : paint("fill", color) +
        (stroke === undefined ? "" : ` ${paint("stroke", stroke.color)} stroke-width="${stroke.width}"`);
    return marker.symbol === "circle" || marker.symbol === undefined
      ? `<circle cx="${short(x)}" cy="${short(y)}" r="${short(half)}" ${look}>${hover}</circle>`
      : `<rect x="${short(x - half)}" y="${short(y - half)}" width="${short(size)}" height="${
        short(size)
      }" ${look}>${hover}</rect>`;
  }).join("");
}

function drawWord(
  { text, textfont, textposition }: ScatterTrace,
  { x, y, index }: Point,
  ink: string,
): string {
  const word = text?.[index] ?? "";
  if (word === "") return "";
  const size = textfont?.size ?? 11, color = textfont?.color ?? ink;
  if (textposition === "middle right") return textElement(word, { x: x + 6, y, size, color });
  const up = textposition === "top center" ? size : 0;
  return textElement(word, { x, y: y - up, size, color, anchor: "middle" });
}
