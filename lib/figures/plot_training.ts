import type { PictureSource } from "./picture_url.ts";
import { pictureUrl } from "./picture_url.ts";
import { axesOf, createLayout, formatNumber, HEADER, LEFT, note, roundTicks } from "./_layout.ts";
import { NOT_FINITE, SERIES } from "./_palette.ts";
import { sayCount } from "./_words.ts";
import { createFigure, type Figure, type LayoutImage, type ScatterTrace } from "./figure.ts";

/** A line of a training's curve: its step, and figures by name; some lines may lack some. */
export type TrainingRecord = { readonly step: number } & { readonly [name: string]: number | undefined };

/** What {@link plotTraining} shows. */
export interface PlotTrainingOptions {
  /** Which figures, a panel each, from the top. @default loss, bitsPerToken, psnr, gradientNorm, learningRate: those that there are */
  readonly names?: readonly string[];
}

const NAMES = ["loss", "bitsPerToken", "psnr", "gradientNorm", "learningRate"] as const;
const TITLES: Readonly<Record<string, string>> = {
  loss: "loss",
  bitsPerToken: "bits per token",
  psnr: "PSNR, dB",
  gradientNorm: "gradient norm",
  learningRate: "learning rate",
};

/** The most points of a line; longer ones are averaged in groups, with the smallest and largest around them. */
const MAX_POINTS = 400;

/**
 * Draws the curves of one training or of several, a panel a figure, steps across. Long curves are averaged in groups; values
 * that are none are crossed in pink on the axis.
 *
 * @param runs Records by the run's name, as `losses.jsonl` holds them.
 * @throws {RangeError} If there is no record, or none has a figure of these names.
 */
export function plotTraining(
  runs: Readonly<Record<string, readonly TrainingRecord[]>>,
  { names = NAMES }: PlotTrainingOptions = {},
): Figure {
  const all = Object.values(runs).flat();
  const present = names.filter((name) => all.some((record) => record[name] !== undefined));
  if (present.length === 0) {
    throw new RangeError(
      `Cannot draw training: records must have at least one of ${names.join(", ")}, got none`,
    );
  }
  const lastStep = all.reduce((most, { step }) => Math.max(most, step), 1);
  const isSeveral = Object.keys(runs).length > 1, top = HEADER + (isSeveral ? 40 : 14), tall = 120;
  const curves = present.flatMap((name, panel) =>
    Object.entries(runs).map(([run, records], i) => ({
      name,
      panel,
      run,
      color: SERIES[i % SERIES.length] ?? SERIES[0],
      ...thinOut(records, name),
    }))
  );
  const strange = curves.reduce((sum, { crosses }) => sum + crosses.length, 0);
  const group = Math.max(...curves.map(({ group }) => group));
  const subtitle = `${sayCount(lastStep, "step")}${group > 1 ? `; averages of ${group} steps` : ""}` +
    (strange > 0 ? `; ${strange} values are not finite (pink)` : "");
  const ends = curves.filter(({ points }) => points.length > 0).map(({ name, run, points }) =>
    `${isSeveral ? `${run}: ` : ""}${TITLES[name] ?? name} from ${formatNumber(points[0]?.mean ?? NaN)} to ${
      formatNumber(points.at(-1)?.mean ?? NaN)
    }`
  );
  return createFigure({
    data: curves.flatMap(({ panel, run, color, points, crosses, name }) =>
      drawCurve({ panel, run, color, points, crosses, title: TITLES[name] ?? name }, isSeveral)
    ),
    layout: createLayout({
      width: 760,
      height: top + present.length * (tall + 22) + 36,
      title: "Training",
      subtitle,
      panels: present.map((name, panel) => {
        const means = curves.filter((curve) => curve.panel === panel).flatMap(({ points }) =>
          points.map(({ mean }) => mean)
        );
        const [low, high] = rangeOf(means);
        return {
          box: { left: 84, top: top + panel * (tall + 22), width: 646, height: tall },
          x: {
            range: [0, lastStep],
            ticks: panel === present.length - 1 ? roundTicks(0, lastStep, 6) : [],
            ...(panel === present.length - 1 ? { title: "step" } : {}),
            grid: true,
          },
          y: { range: [low, high], ticks: roundTicks(low, high, 3), title: TITLES[name] ?? name, grid: true },
        };
      }),
      ...(isSeveral ? { legendTop: HEADER + 14 } : {}),
    }),
    alt: `Training curves over ${subtitle}. ${ends.join("; ")}.`,
  });
}

interface Point {
  readonly step: number;
  readonly mean: number;
}

/** Averages groups of finite values; keeps the steps of those that are not. */
function thinOut(records: readonly TrainingRecord[], name: string) {
  const all = records.flatMap((record) =>
    record[name] === undefined ? [] : [{ step: record.step, value: record[name] ?? NaN }]
  );
  const finite = all.filter(({ value }) => Number.isFinite(value));
  const group = Math.max(1, Math.ceil(finite.length / MAX_POINTS));
  const points: Point[] = [];
  for (let start = 0; start < finite.length; start += group) {
    const part = finite.slice(start, start + group);
    points.push({
      step: part.at(-1)?.step ?? 0,
      mean: Number((part.reduce((sum, { value }) => sum + value, 0) / part.length).toPrecision(5)),
    });
  }
  return { points, crosses: all.filter(({ value }) => !Number.isFinite(value)), group };
}

/** A little more than from the smallest to the largest. */
function rangeOf(values: readonly number[]): readonly [number, number] {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity),
    high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  if (low > high) return [0, 1];
  const room = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
  return [low >= 0 && low < 0.4 * high ? 0 : low - room, high + room];
}

function drawCurve(
  { panel, run, color, points, crosses, title }: {
    readonly panel: number;
    readonly run: string;
    readonly color: string;
    readonly points: readonly Point[];
    readonly crosses: readonly { readonly step: number; readonly value: number }[];
    readonly title: string;
  },
  isSeveral: boolean,
): ScatterTrace[] {
  const line: ScatterTrace = {
    type: "scatter",
    mode: points.length > 1 ? "lines" : "markers",
    name: run,
    showlegend: isSeveral && panel === 0,
    x: points.map(({ step }) => step),
    y: points.map(({ mean }) => mean),
    line: { color, width: 1.8 },
    marker: { color, size: 5 },
    hovertext: points.map(({ step, mean }) =>
      `${isSeveral ? `${run}, ` : ""}step ${formatNumber(step)}<br>${title} ${formatNumber(mean)}`
    ),
    hoverinfo: "text",
    ...axesOf(panel),
  };
  if (crosses.length === 0) return [line];
  const low = points.reduce((least, { mean }) => Math.min(least, mean), Infinity);
  return [line, {
    type: "scatter",
    mode: "markers",
    name: "not finite",
    x: crosses.map(({ step }) => step),
    y: crosses.map(() => Number.isFinite(low) ? low : 0),
    marker: { color: NOT_FINITE, size: 9, symbol: "x" },
    hovertext: crosses.map(({ step, value }) => `step ${formatNumber(step)}: ${value}`),
    hoverinfo: "text",
    ...axesOf(panel),
  }];
}

/** Pictures of one moment of a training. */
export interface TrainingSamples {
  /** Steps taken so far. */
  readonly step: number;
  /** The same prompts and seeds at every moment. */
  readonly pictures: readonly PictureSource[];
}

/**
 * Draws samples over time: a row a moment, a column a prompt.
 *
 * @throws {RangeError} If there are no samples.
 */
export function plotSamples(samples: readonly TrainingSamples[]): Figure {
  const across = samples.reduce((most, { pictures }) => Math.max(most, pictures.length), 0);
  if (across === 0) throw new RangeError("Cannot draw samples: pictures must number at least 1, got 0");
  const side = Math.min(230, 700 / across), left = 96, [first] = samples.flatMap(({ pictures }) => pictures);
  const [H = 1, W = 1] = first === undefined || typeof first === "string" ? [] : first.shape;
  const tall = side * H / W;
  const size = {
    width: Math.ceil(Math.max(560, left + across * (side + 6) + LEFT)),
    height: Math.ceil(HEADER + 8 + samples.length * (tall + 6) + 10),
  };
  const images = samples.flatMap(({ pictures }, row) =>
    pictures.map((picture, column): LayoutImage => ({
      source: pictureUrl(picture, { maxSide: 192 }),
      xref: "paper",
      yref: "paper",
      x: (left + column * (side + 6)) / size.width,
      y: 1 - (HEADER + 8 + row * (tall + 6)) / size.height,
      sizex: side / size.width,
      sizey: tall / size.height,
      xanchor: "left",
      yanchor: "top",
      sizing: "stretch",
      layer: "above",
    }))
  );
  const blank = { left: 0, top: 0, width: size.width, height: size.height };
  return createFigure({
    data: [],
    layout: createLayout({
      ...size,
      title: "Samples over time",
      subtitle: "same prompts and seeds in every row",
      panels: [{ box: blank, x: { range: [0, 1], ticks: [] }, y: { range: [0, 1], ticks: [] } }],
      images,
      annotations: samples.map(({ step }, row) =>
        note(size, `step ${formatNumber(step)}`, {
          left: LEFT,
          top: HEADER + 8 + row * (tall + 6) + tall / 2,
        }, "left")
      ),
    }),
    alt: `Samples at steps ${samples.map(({ step }) => formatNumber(step)).join(", ")}, ${
      sayCount(across, "picture")
    } each.`,
  });
}
