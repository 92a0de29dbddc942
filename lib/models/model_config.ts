import { z } from "zod";

const count = z.int().min(1).max(1_000_000);
const size = z.int().min(0).max(1_000_000);

const VQGAN = z.strictObject({
  stem: count,
  channels: z.array(count).min(1).readonly(),
  numBlocks: z.strictObject({ encoder: size, decoder: size }),
  codebookSize: count,
  codeDim: count,
  refinement: z.strictObject({ channels: count, numLayers: size }).optional(),
});

const TEXT_ENCODER = z.strictObject({
  vocabularySize: count,
  maxLength: count,
  embedDim: count,
  numLayers: size,
  numHeads: count,
});

const PATCH_TRANSFORMER = z.strictObject({
  numLayers: count,
  embedDim: count,
  numHeads: count,
  codebookSize: count,
  patchTokens: z.strictObject({ height: count, width: count }),
  extent: z.strictObject({ width: size, height: size, frames: size }),
  offsetEmbedding: z.enum(["vector", "scalar", "rotary", "bias"]),
  tokenEmbedding: z.union([z.literal("learned"), z.strictObject({ codeDim: count })]),
  neighbourEmbedding: z.boolean(),
  maskEmbedding: z.boolean(),
  rowBands: size,
  layerScale: z.number(),
  textDim: size,
});

/** The parts of a {@link ModelConfig}; all but the tokenizer may be missing. */
type ModelConfigShape = {
  tokenizer: typeof VQGAN;
  text: z.ZodOptional<typeof TEXT_ENCODER>;
  vocabulary: z.ZodOptional<z.ZodReadonly<z.ZodArray<z.ZodString>>>;
  transformer: z.ZodOptional<typeof PATCH_TRANSFORMER>;
};

/** Checks the parts of a model's config. */
export const MODEL_CONFIG_SCHEMA: z.ZodObject<ModelConfigShape, z.core.$strict> = z.strictObject({
  tokenizer: VQGAN,
  text: TEXT_ENCODER.optional(),
  /** Words that the text encoder knows, by id. */
  vocabulary: z.array(z.string()).readonly().optional(),
  transformer: PATCH_TRANSFORMER.optional(),
});

/** Everything that says how a model is built: what `config.json` holds. */
export type ModelConfig = z.infer<typeof MODEL_CONFIG_SCHEMA>;

/**
 * Checks a model's config.
 *
 * @param where What to call it in an error, e.g. the file.
 * @throws {SyntaxError} If a field is missing, unknown or out of range; the first one is named.
 */
export function parseModelConfig(json: unknown, where: string): ModelConfig {
  const parsed = MODEL_CONFIG_SCHEMA.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new SyntaxError(`Cannot read model config at ${where}: ${issue?.path.join(".")}: ${issue?.message}`);
}
