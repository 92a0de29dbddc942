import { createTensor, type Picture, type Tensor } from "../core/mod.ts";
import { drawLabelledWindow, type Hour, HOURS, type Season, SEASONS } from "../data/mod.ts";
import { colourHistogram } from "./colour_histogram.ts";
import { accuracy, confusionMatrix } from "./confusion_matrix.ts";
import { classProbabilities, type LinearClassifier, trainLogisticRegression } from "./logistic_regression.ts";

/** What a window shows of year and day. */
export interface WindowLabels {
  /** The season that it is, or is taken for. */
  readonly season: Season;
  /** The hour, likewise. */
  readonly hour: Hour;
}

/** Scrolls with these seeds train the classifier: neither those of models nor those that models are measured on. */
const CLASSIFIER_SEED = 2_000_000;

/** Every season at every hour: the light of the hour changes the colours of the season. */
const CLASSES: readonly WindowLabels[] = HOURS.flatMap((hour) => SEASONS.map((season) => ({ season, hour })));

/**
 * Trains a classifier on true windows of the handscroll world: logistic regression on histograms of colours.
 *
 * @param options `size` and `step` of the windows, as for `drawLabelledWindow`; `numWindows` to train on.
 */
export async function trainWindowClassifier(
  options: {
    readonly size: number;
    readonly step: number;
    readonly numWindows: number;
    /** Hears after each window how many are done. */
    readonly onProgress?: (done: number) => void;
  },
): Promise<LinearClassifier> {
  const { size, step, numWindows, onProgress } = options;
  const labels: WindowLabels[] = [], features: Float32Array[] = [];
  for (let i = 0; i < numWindows; i++) {
    const { picture, season, hour } = drawLabelledWindow(i, { firstSeed: CLASSIFIER_SEED, size, step });
    labels.push({ season, hour });
    features.push(colourFeatures(picture));
    onProgress?.(i + 1);
    await new Promise((resolve) => setTimeout(resolve)); // lets Ctrl-C through
  }
  return fitWindowClassifier(stackRows(features), labels);
}

/** Fits a classifier of season and hour to {@link colourFeatures}, shape `[n, d]`. */
export function fitWindowClassifier(features: Tensor, labels: readonly WindowLabels[]): LinearClassifier {
  const classes = labels.map((one) =>
    CLASSES.findIndex(({ season, hour }) => season === one.season && hour === one.hour)
  );
  return trainLogisticRegression(features, classes, { numClasses: CLASSES.length });
}

/**
 * What pictures are taken for: the likeliest season, whatever the hour, and the likeliest hour, whatever the season.
 *
 * @param features Of {@link colourFeatures}, shape `[n, d]`.
 */
export function classifyWindows(classifier: LinearClassifier, features: Tensor): WindowLabels[] {
  return classProbabilities(classifier, features).map((probabilities) => {
    const sumOver = (isMeant: (labels: WindowLabels) => boolean) =>
      CLASSES.reduce((sum, labels, k) => isMeant(labels) ? sum + (probabilities[k] ?? 0) : sum, 0);
    return {
      season: likeliest(SEASONS, (season) => sumOver((labels) => labels.season === season)),
      hour: likeliest(HOURS, (hour) => sumOver((labels) => labels.hour === hour)),
    };
  });
}

function likeliest<Name>(names: readonly Name[], probabilityOf: (name: Name) => number): Name {
  return names.reduce((best, name) => probabilityOf(name) > probabilityOf(best) ? name : best);
}

/** What the classifier sees of a picture: roots of the shares of its colours, a vector of length 1. */
export function colourFeatures(picture: Picture): Float32Array {
  return colourHistogram(picture).map(Math.sqrt);
}

/** Rows of one length as a table `[n, d]`. */
export function stackRows(rows: readonly Float32Array[]): Tensor {
  const d = rows[0]?.length ?? 0, data = new Float32Array(rows.length * d);
  rows.forEach((row, i) => data.set(row, i * d));
  return createTensor([rows.length, d], data);
}

/** How often labels are right. */
export interface LabelScores {
  /** Share of pictures whose season is right. */
  readonly seasonAccuracy: number;
  /** Share of pictures whose hour is right. */
  readonly hourAccuracy: number;
  /** Share of pictures of which both are right. */
  readonly bothAccuracy: number;
  /** Rows: the true season, columns: what it was taken for, both in the order of {@link SEASONS}. */
  readonly seasonConfusion: number[][];
  /** The same of hours, in the order of {@link HOURS}. */
  readonly hourConfusion: number[][];
}

/** Compares guesses with what is true, picture by picture. */
export function scoreLabels(truth: readonly WindowLabels[], guesses: readonly WindowLabels[]): LabelScores {
  const count = (classes: readonly string[], nameOf: (labels: WindowLabels) => string) =>
    confusionMatrix(
      truth.map((labels) => classes.indexOf(nameOf(labels))),
      guesses.map((labels) => classes.indexOf(nameOf(labels))),
      classes.length,
    );
  const seasonConfusion = count(SEASONS, ({ season }) => season);
  const hourConfusion = count(HOURS, ({ hour }) => hour);
  const numRight =
    truth.filter(({ season, hour }, i) => season === guesses[i]?.season && hour === guesses[i]?.hour).length;
  return {
    seasonAccuracy: accuracy(seasonConfusion),
    hourAccuracy: accuracy(hourConfusion),
    bothAccuracy: numRight / truth.length,
    seasonConfusion,
    hourConfusion,
  };
}
