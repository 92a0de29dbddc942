import { Buffer } from "node:buffer";
import { createView, escapeHtml, type View } from "./view.ts";

/** A record of a training step: numbers by name, among them `step`. */
export type CurvePoint = Readonly<Record<string, number>> & { readonly step: number };

/** Pixels. */
const WIDTH = 320, HEIGHT = 150, LEFT = 52, BOTTOM = 22, TOP = 20;
/** Points that a curve is thinned to, by the mean of its neighbours. */
const MAX_POINTS = 300;

/**
 * Draws each number of a training's records over its steps, as small curves side by side. Long trainings are thinned by
 * means; what is not finite leaves a gap and is counted.
 *
 * @param points What `losses.jsonl` holds, line by line.
 */
export function drawCurves(points: readonly CurvePoint[]): View {
  const names = [...new Set(points.flatMap((point) => Object.keys(point)))]
    .filter((name) => name !== "step" && name !== "seconds");
  const curves = names.map((name) =>
    drawCurve(name, points.map((point) => [point.step, point[name] ?? NaN] as const))
  );
  const last = points.at(-1);
  const text = [`training, ${points.length} steps`, ...curves.map(({ text }) => text)].join("\n");
  return createView(
    text,
    `<div>${curves.map(({ html }) => html).join("")}` +
      `<div style="opacity:.75;font-size:90%">${points.length} steps${
        last?.seconds === undefined ? "" : `, ${Math.round(last.seconds)} s`
      }</div></div>`,
  );
}

type Point = readonly [step: number, value: number];

function drawCurve(name: string, all: readonly Point[]): { readonly html: string; readonly text: string } {
  const finite = all.filter(([, value]) => Number.isFinite(value));
  const [first, last] = [finite[0], finite.at(-1)];
  const gaps = all.length === finite.length ? "" : `, ${all.length - finite.length} not finite`;
  if (first === undefined || last === undefined) return { html: "", text: `${name}: nothing finite` };
  const text = `${name}: ${short(first[1])} to ${short(last[1])}${gaps}`;
  const points = thin(finite);
  const values = points.map(([, value]) => value);
  const least = Math.min(...values), span = Math.max(...values) - least || 1;
  const x = (step: number) => LEFT + (step - first[0]) / (last[0] - first[0] || 1) * (WIDTH - LEFT - 10);
  const y = (value: number) => TOP + (1 - (value - least) / span) * (HEIGHT - TOP - BOTTOM);
  const label = (px: number, py: number, anchor: string, content: string) =>
    `<text x="${px}" y="${py}" text-anchor="${anchor}" font-size="11" fill="#777">${
      escapeHtml(content)
    }</text>`;
  const path = points.map(([step, value]) => `${x(step).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" ` +
    `height="${HEIGHT}" font-family="sans-serif"><path d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${
      WIDTH - 10
    }" ` +
    `fill="none" stroke="#999"/><polyline points="${path}" fill="none" stroke="#3b7dd8" stroke-width="1.5"/>` +
    label(LEFT, 12, "start", name + gaps) + label(LEFT - 4, TOP + 8, "end", short(least + span)) +
    label(LEFT - 4, HEIGHT - BOTTOM, "end", short(least)) +
    label(LEFT, HEIGHT - 6, "start", String(first[0])) +
    label(WIDTH - 10, HEIGHT - 6, "end", `step ${last[0]}`) + "</svg>";
  const url = `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`; // inline, front ends may strip it
  return { html: `<img src="${url}" alt="${escapeHtml(text)}" width="${WIDTH}" height="${HEIGHT}">`, text };
}

/** Means of equally many neighbours. */
function thin(points: readonly Point[]): readonly Point[] {
  const size = Math.ceil(points.length / MAX_POINTS);
  if (size <= 1) return points;
  return Array.from({ length: Math.ceil(points.length / size) }, (_, index) => {
    const group = points.slice(index * size, (index + 1) * size);
    const mean = (axis: 0 | 1) => group.reduce((sum, point) => sum + point[axis], 0) / group.length;
    return [mean(0), mean(1)];
  });
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
