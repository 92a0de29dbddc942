import { assertAlmostEquals, assertEquals, assertGreater, assertRejects } from "@std/assert";
import { evaluateWide } from "../../lib/metrics/mod.ts";
import { initModel, TRANSFORMER_PRESETS, VQGAN_PRESETS } from "../../lib/models/mod.ts";

const EXTENT = { width: 1, height: 1, frames: 0 };

Deno.test("evaluateWide(): the true world has no seams", async () => {
  const model = initModel({
    tokenizer: VQGAN_PRESETS.tiny,
    transformer: { ...TRANSFORMER_PRESETS.tiny, extent: EXTENT, textDim: 0 },
  }, 1);
  const reports: string[] = [];
  const { picture, text, generated, original, reconstructed, windows } = await evaluateWide(model, {
    device: "cpu",
    times: 1,
    numWindows: 3,
    onProgress: (done, total) => reports.push(`${done}/${total}`),
  });
  // The tiny patch has 16 pixels: 4 of them are 64, a scroll is 32 of them high.
  assertEquals(picture.shape, [512, 64, 3]);
  assertEquals([windows, text.length > 0], [3, true]);
  assertEquals(reports.at(-1), `${128 + 3 * 40}/${128 + 3 * 40}`);
  for (const name of ["seamHorizontal", "seamVertical", "controlHorizontal", "controlVertical"] as const) {
    assertAlmostEquals(original.mean[name], 1, 0.35, name);
  }
  assertGreater(generated.seamHorizontal, 0);
  for (const { mean, deviation } of [original, reconstructed]) {
    assertEquals([...Object.values(mean), ...Object.values(deviation)].every(Number.isFinite), true);
  }
});

Deno.test("evaluateWide() refuses a tokenizer alone", async () => {
  await assertRejects(
    () => evaluateWide(initModel({ tokenizer: VQGAN_PRESETS.tiny }, 1), { device: "cpu" }),
    TypeError,
    "Cannot evaluate wide picture: model must have a transformer, got a tokenizer alone",
  );
});
