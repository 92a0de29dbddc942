import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { generateSamples } from "nuwa-infinity";
import { createInsideGatherer, drawTiles, listPlayerActivations } from "../../lib/cli/inspect_pictures.ts";
import { createModel, OPTIONS } from "../tasks/_fixtures.ts";

Deno.test("createInsideGatherer() has every patch of every picture once, each with its own tokens", async () => {
  const model = createModel(), { seed: _, ...options } = OPTIONS;
  const capture = listPlayerActivations(model);
  assertEquals(capture, ["layers.*.self.weights", "layers.*.text.weights", "logits"]);
  const gatherer = createInsideGatherer(model, { guidance: 2 });
  const rounds = generateSamples(model, { ...options, capture, samples: [{ seed: 1 }, { seed: 2 }] });
  for (;;) {
    const { done, value } = await rounds.next();
    if (!done) {
      gatherer.hear(value);
      gatherer.hear(value); // as when another picture is late
      continue;
    }
    for (const [picture, { tokens }] of value.entries()) {
      const { attention = [], statistics = [] } = gatherer.insidesOf(picture);
      assertEquals([attention.length, statistics.length], [12, 12]);
      for (const { position: { row, column }, tokens: own, candidates, surprise } of statistics) {
        assertEquals(own[1], tokens.get(2 * row, 2 * column + 1)); // 2 x 2 tokens a patch
        assertEquals(candidates[0]?.length, 6);
        const drawn = candidates[0]?.find(({ code }) => code === own[0]);
        if (drawn !== undefined) assertAlmostEquals(surprise[0] ?? NaN, -Math.log2(drawn.probability), 1e-9);
      }
      assertEquals(attention[0]?.words, ["snow", "river"]);
    }
    return;
  }
});

Deno.test("drawTiles() has a tile for each code", async () => {
  const { shape, data } = await drawTiles(createModel());
  assertEquals(shape.slice(3), [3]);
  assert(new Set(data).size > 1);
});
