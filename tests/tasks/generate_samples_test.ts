import { assertEquals, assertGreater, assertNotEquals, assertRejects } from "@std/assert";
import { createUniform } from "../../lib/core/mod.ts";
import { ORDER_NAMES } from "../../lib/direction/mod.ts";
import {
  type Generated,
  generateSamples,
  type GenerateSamplesOptions,
  type GenerationProgress,
} from "../../lib/tasks/mod.ts";
import { createModel, generateAtOnce, OPTIONS } from "./_fixtures.ts";

const model = createModel();

async function runSamples(options: Partial<GenerateSamplesOptions>) {
  const { seed: _, ...common } = OPTIONS;
  const steps = generateSamples(model, { samples: [{ seed: 5 }], ...common, ...options });
  const reports: (readonly GenerationProgress[])[] = [];
  for (;;) {
    const next = await steps.next();
    if (next.done) return { pictures: next.value, reports };
    reports.push(next.value);
  }
}

function assertSamePicture(found: Generated | undefined, alone: Generated) {
  assertEquals(found?.tokens.data, alone.tokens.data);
  assertEquals(found?.picture.data, alone.picture.data);
}

Deno.test("generateSamples() makes of 16 seeds the pictures that each makes alone, in waves and one by one", async () => {
  const samples = Array.from({ length: 16 }, (_, seed) => ({ seed }));
  const [waves, steps] = [await runSamples({ samples }), await runSamples({ samples, waves: false })];
  for (const seed of [0, 5, 15]) {
    const alone = await generateAtOnce(model, { ...OPTIONS, seed });
    assertSamePicture(waves.pictures[seed], alone);
    assertSamePicture(steps.pictures[seed], alone);
  }
  assertNotEquals(waves.pictures[0]?.tokens.data, waves.pictures[1]?.tokens.data);
});

Deno.test("generateSamples() makes the pictures of single runs: random orders, sizes, texts and numbers", async () => {
  const uniform = createUniform(2);
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(items.length * uniform())];
  for (let trial = 0; trial < 6; trial++) {
    const options = {
      order: trial === 0 ? "random" : pick(ORDER_NAMES) ?? "auto",
      width: 16 * (1 + Math.floor(4 * uniform())),
      height: 16 * (1 + Math.floor(4 * uniform())),
      waves: uniform() < 0.5,
      sampling: { guidance: pick([1, 2]) ?? 1, topK: pick([0, 5]) ?? 0 },
    };
    const samples = Array.from({ length: 1 + Math.floor(5 * uniform()) }, () => {
      return { seed: Math.floor(2 ** 53 * uniform()), text: pick(["snow", "night river", "river"]) ?? "" };
    });
    const { pictures } = await runSamples({ ...options, samples });
    const last = samples.length - 1;
    const alone = await generateAtOnce(model, { ...OPTIONS, ...options, ...samples[last] });
    assertSamePicture(pictures[last], alone);
  }
});

Deno.test("generateSamples() tells where every picture stands, and all are as they should be at the end", async () => {
  const { reports, pictures } = await runSamples({ samples: [{ seed: 1 }, { seed: 2 }] });
  const counts = reports.map((report) => report.map(({ numDone }) => numDone));
  for (const [one, other] of counts) assertEquals(one, other);
  assertEquals(counts.at(-1), [12, 12]);
  assertGreater(counts.length, 4);
  assertEquals(pictures.map(({ picture }) => picture.shape), [[48, 62, 3], [48, 62, 3]]);
});

Deno.test("generateSamples() refuses to make nothing", async () => {
  await assertRejects(() => runSamples({ samples: [] }), RangeError, "samples must be one or more, got none");
});
