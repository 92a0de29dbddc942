import { assertEquals } from "@std/assert";
import { readPngText } from "../../lib/media/mod.ts";
import { loadRun, resumeRun } from "../../lib/tasks/mod.ts";
import { writeGenerated } from "../../lib/cli/write_generated.ts";
import type { GenerateRequest } from "../../lib/cli/runners.ts";
import { createModel, generateAtOnce, OPTIONS } from "../tasks/_fixtures.ts";

const REQUEST: GenerateRequest = {
  text: "snow river",
  size: { width: OPTIONS.width, height: OPTIONS.height },
  seed: 4,
  numSamples: 2,
  weights: "w",
  order: "auto",
  temperature: 1,
  topK: 0,
  topP: 1,
  guidance: 2,
  choiceTemperature: 100,
  device: "cpu",
  precision: "float32",
  local: "ar",
  waves: true,
};

Deno.test("writeGenerated() puts the run into a PNG, from which it can be rewound to the same picture; the file is the same without waves", async () => {
  const model = createModel(), generated = await generateAtOnce(model, OPTIONS);
  const folder = await Deno.makeTempDir();
  try {
    const { picture, plan, tokens } = generated;
    const run = { plan, tokens, patchTokens: { height: 2, width: 2 }, bytesPerPatch: 1, patchPixels: 16 };
    const figures = { "weights_sha256": "abc" };
    await writeGenerated(`${folder}/a.png`, { picture, figures, run }, { request: REQUEST, seed: 5 });
    const { sha256: _, ...record } = await loadRun(`${folder}/a.png`);
    assertEquals([record.settings.seed, record.weightsSha256, record.numDone], [5, "abc", 12]);
    await using resumed = await resumeRun(model, record, { device: "cpu" });
    await resumed.rewind(3);
    for await (const _ of resumed.advance());
    assertEquals((await resumed.decode()).data, picture.data);
    const single = { request: { ...REQUEST, waves: false }, seed: 5 };
    await writeGenerated(`${folder}/single.png`, { picture, figures, run }, single);
    assertEquals(await Deno.readFile(`${folder}/single.png`), await Deno.readFile(`${folder}/a.png`));
    await writeGenerated(`${folder}/b.jpg`, { picture, figures, run }, { request: REQUEST, seed: 5 });
    await writeGenerated(`${folder}/c.png`, { picture, figures }, { request: REQUEST, seed: 5 });
    assertEquals(readPngText(await Deno.readFile(`${folder}/c.png`), "nuwa-infinity run"), undefined);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
