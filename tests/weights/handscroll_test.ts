import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import type { Picture } from "../../lib/core/mod.ts";
import { createHandscrollSource, HELD_OUT_SEED } from "../../lib/data/mod.ts";
import { evaluate } from "../../lib/metrics/mod.ts";
import { loadModel } from "../../lib/steps/mod.ts";
import { generate, type GenerateOptions, generateSamples } from "../../lib/tasks/mod.ts";

const WEIGHTS = "weights/handscroll";

async function draw(options: Partial<GenerateOptions>): Promise<Picture> {
  const { model } = await loadModel(WEIGHTS);
  const steps = generate(model, { width: 128, height: 128, seed: 7, device: "cpu", ...options });
  for (;;) {
    const step = await steps.next();
    if (step.done) return step.value.picture;
  }
}

function meanOf({ data }: Picture): number {
  return data.reduce((sum, value) => sum + value, 0) / data.length;
}

Deno.test("the shipped weights give the same picture again, in waves or one by one", async () => {
  const text = "spring, a river below mountains";
  const first = await draw({ text });
  assertEquals((await draw({ text })).data, first.data);
  assertEquals((await draw({ text, waves: false })).data, first.data);
});

Deno.test("the shipped weights paint nights darker than days, over the seasons", async () => {
  const { model } = await loadModel(WEIGHTS);
  const mean = async (hour: string) => {
    const samples = ["spring", "summer", "autumn", "winter"].map((season) => {
      return { seed: 7, text: `a ${season} ${hour}, mountains in mist above a river` };
    });
    const rounds = generateSamples(model, { width: 128, height: 128, device: "cpu", samples });
    for (;;) {
      const { done, value } = await rounds.next();
      if (done) return value.reduce((sum, { picture }) => sum + meanOf(picture), 0) / samples.length;
    }
  };
  assertGreater(await mean("day"), await mean("night") + 20);
});

Deno.test("the shipped weights know held-out scrolls better than the frequencies of their codes", async () => {
  const { model } = await loadModel(WEIGHTS);
  const source = createHandscrollSource({ count: 2, firstSeed: HELD_OUT_SEED });
  const figures = await evaluate(model, { source, device: "cpu", numWindows: 6, numBatches: 2 });
  assertGreater(figures.psnr, 25); // dB
  assert(figures.bitsPerToken !== undefined && figures.bitsUnigram !== undefined);
  assertLess(figures.bitsPerToken, figures.bitsUnigram - 2);
});
