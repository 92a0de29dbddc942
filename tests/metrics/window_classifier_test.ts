import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { createPicture, createUniform, type Picture } from "../../lib/core/mod.ts";
import { HOURS, SEASONS } from "../../lib/data/mod.ts";
import {
  classifyWindows,
  colourFeatures,
  colourHistogram,
  fitWindowClassifier,
  scoreLabels,
  stackRows,
  type WindowLabels,
} from "../../lib/metrics/mod.ts";

function fill(colourAt: (y: number, x: number) => readonly number[], side = 16): Picture {
  const picture = createPicture(side, side);
  for (let pixel = 0; pixel < side * side; pixel++) {
    picture.data.set(colourAt(Math.floor(pixel / side), pixel % side), pixel * 3);
  }
  return picture;
}

Deno.test("colourHistogram() counts blocks by colour, wherever they are", () => {
  // By hand: 2 shades a channel; red is colour 4, black 0.
  const shares = colourHistogram(fill((y) => y < 4 ? [255, 0, 0] : [0, 0, 0]), {
    blockSize: 4,
    numShades: 2,
  });
  assertEquals([...shares], [0.75, 0, 0, 0, 0.25, 0, 0, 0]);
  const turned = colourHistogram(fill((_, x) => x > 11 ? [255, 0, 0] : [0, 0, 0]), {
    blockSize: 4,
    numShades: 2,
  });
  assertEquals(turned, shares);
  // 51 is a fifth of the way to full.
  const between = colourHistogram(fill(() => [0, 51, 0]), { numShades: 2 });
  assertAlmostEquals(between[0] ?? 0, 0.8, 1e-6);
  assertAlmostEquals(between[2] ?? 0, 0.2, 1e-6);
  assertAlmostEquals(colourHistogram(fill(() => [255, 255, 255])).at(-1) ?? 0, 1, 1e-6);
  assertThrows(
    () => colourHistogram(createPicture(7, 16)),
    RangeError,
    "Cannot compute colour histogram: picture must have sides of at least 8 pixels, got 16 x 7",
  );
});

Deno.test("classifyWindows() tells what differs in colour, and nothing from shuffled labels", () => {
  const uniform = createUniform(4);
  const draw = (numRounds: number): { labels: WindowLabels; picture: Picture }[] =>
    Array.from({ length: numRounds }, () =>
      SEASONS.flatMap((season, s) =>
        HOURS.map((hour, h) => {
          const colour = [40 + 50 * s, 60 + 70 * h, 128].map((value) => value + 12 * (uniform() - 0.5));
          return { labels: { season, hour }, picture: fill(() => colour, 8) };
        })
      )).flat();
  const features = (items: ReturnType<typeof draw>) =>
    stackRows(items.map(({ picture }) => colourFeatures(picture)));
  const train = draw(8), test = draw(8);
  const labels = train.map((item) => item.labels), truth = test.map((item) => item.labels);
  const scoreWith = (given: readonly WindowLabels[]) =>
    scoreLabels(truth, classifyWindows(fitWindowClassifier(features(train), given), features(test)));
  const right = scoreWith(labels);
  assertEquals([right.seasonAccuracy, right.hourAccuracy, right.bothAccuracy], [1, 1, 1]);
  assertEquals(right.hourConfusion, [[32, 0, 0], [0, 32, 0], [0, 0, 32]]);
  const shuffled = labels.map((one) => ({ one, rank: uniform() })).sort((a, b) => a.rank - b.rank);
  const chance = scoreWith(shuffled.map(({ one }) => one));
  assertAlmostEquals(chance.seasonAccuracy, 1 / 4, 0.2);
  assertAlmostEquals(chance.hourAccuracy, 1 / 3, 0.25);
});

Deno.test("scoreLabels() counts each label, and both together", () => {
  // By hand.
  const scores = scoreLabels([
    { season: "spring", hour: "day" },
    { season: "winter", hour: "night" },
  ], [
    { season: "spring", hour: "dusk" },
    { season: "winter", hour: "night" },
  ]);
  assertEquals([scores.seasonAccuracy, scores.hourAccuracy, scores.bothAccuracy], [1, 0.5, 0.5]);
  assertEquals(scores.seasonConfusion, [[1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1]]);
  assertEquals(scores.hourConfusion, [[0, 1, 0], [0, 0, 0], [0, 0, 1]]);
});
