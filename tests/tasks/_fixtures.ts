import { initModel, type Model, TRANSFORMER_PRESETS, VQGAN_PRESETS } from "../../lib/models/mod.ts";
import { generate, type Generated, type GenerateOptions } from "../../lib/tasks/mod.ts";

const VOCABULARY = ["<pad>", "<none>", "<unknown>", "snow", "night", "river"];

/** A random model: everything about it but the weights is as in a trained one. */
export function createModel(): Model {
  const text = { vocabularySize: VOCABULARY.length, maxLength: 6, embedDim: 16, numLayers: 1, numHeads: 2 };
  return initModel({
    tokenizer: VQGAN_PRESETS.tiny,
    text,
    vocabulary: VOCABULARY,
    transformer: TRANSFORMER_PRESETS.tiny,
  }, 3);
}

/** 3 x 4 patches. */
export const OPTIONS = {
  width: 62,
  height: 48,
  seed: 5,
  device: "cpu",
  text: "snow river",
} as const satisfies GenerateOptions;

/** Generates without a stop. */
export async function generateAtOnce(model: Model, options: GenerateOptions): Promise<Generated> {
  const steps = generate(model, options);
  for (;;) {
    const next = await steps.next();
    if (next.done) return next.value;
  }
}
