import { assertRejects } from "@std/assert";
import { initModel, TRANSFORMER_PRESETS, VQGAN_PRESETS } from "../../lib/models/mod.ts";
import { compilePatchModel } from "../../lib/steps/mod.ts";

Deno.test("compilePatchModel() refuses models that cannot fill patches", async () => {
  const transformer = { ...TRANSFORMER_PRESETS.tiny, textDim: 0, offsetEmbedding: "bias" as const };
  const tokenizer = VQGAN_PRESETS.tiny;
  const cases = [
    [{ tokenizer }, "model must have a transformer, got a tokenizer alone"],
    [
      { tokenizer, transformer },
      "offsetEmbedding must be vector, scalar or rotary, got bias, which is only trained and measured",
    ],
  ] as const;
  for (const [config, what] of cases) {
    await assertRejects(
      () => compilePatchModel(initModel(config, 1), { maxContext: 1 }),
      TypeError,
      `Cannot fill patches: ${what}`,
    );
  }
});
