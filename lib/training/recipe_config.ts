import { z } from "zod";
import { downsamplingFactor, MODEL_CONFIG_SCHEMA } from "../models/mod.ts";

/** How far and fast to go: what may change when a run is resumed. */
const SCHEDULE = {
  numSteps: z.int().min(1),
  learningRate: z.number().positive(),
  warmupSteps: z.int().min(0).default(100),
  /** Share of the run at its end over which the learning rate falls to 0. */
  decayShare: z.number().min(0).max(1).default(0.3),
  /** What a kill can cost at most. */
  checkpointSeconds: z.number().min(0).default(120),
};

const OPTIMIZATION = {
  ...SCHEDULE,
  /** Everything random of a run comes from this. */
  seed: z.int().default(0),
  batchSize: z.int().min(1),
  averageDecay: z.number().min(0).max(1).default(0.999),
  weightDecay: z.number().min(0).default(0.01),
  clipNorm: z.number().positive().default(1),
  /** Stretches of the handscroll world to train on, each of a scroll of its own. */
  numScrolls: z.int().min(1).default(96),
};

const TOKENIZER_RECIPE = z.strictObject({
  ...OPTIMIZATION,
  /** Side of the crops, in pixels. */
  cropSize: z.int().min(16).default(128),
  loss: z.strictObject({
    squared: z.number().default(4),
    absolute: z.number().default(1),
    edge: z.number().default(1),
    colour: z.number().default(0),
    commitment: z.number().default(0.25),
  }).prefault({}),
  /** Steps after which an unused code is moved onto a latent of the batch. */
  reviveAfter: z.int().min(1).default(100),
  model: MODEL_CONFIG_SCHEMA.shape.tokenizer,
}).refine(({ cropSize, model }) => cropSize % downsamplingFactor(model) === 0, {
  path: ["cropSize"],
  error: "must be a multiple of the pixels of a token, stem * 2 ** (channels - 1)",
});

const TRANSFORMER_RECIPE = z.strictObject({
  ...OPTIMIZATION,
  /** Weights folder of the tokenizer; relative to the recipe's file. */
  tokenizer: z.string(),
  /** Weights folder of the same config to go on from, as a new run; relative to the recipe's file. Default: drawn. */
  from: z.string().optional(),
  /** Side of a training canvas, in patches. */
  canvasPatches: z.int().min(1).default(4),
  labelSmoothing: z.number().min(0).max(1).default(0),
  /** Share of samples that lose their text, for classifier-free guidance. */
  textDropout: z.number().min(0).max(1).default(0.1),
  /** Share of batches whose patches see nothing of each other: what remains to learn from is the text. */
  contextDropout: z.number().min(0).max(1).default(0),
  /** Orders to draw from, one a batch. */
  orders: z.array(z.enum(["down-right", "down-left", "right-down", "right-up"])).min(1)
    .default(["down-right", "down-left", "right-down", "right-up"]),
  /** Local decoders to learn for: `ar` always; the others double the work of a step. */
  local: z.array(z.enum(["ar", "p-nar", "nar"])).default(["ar"]),
  text: MODEL_CONFIG_SCHEMA.shape.text.unwrap().omit({ vocabularySize: true }).optional(),
  model: MODEL_CONFIG_SCHEMA.shape.transformer.unwrap().omit({ codebookSize: true, textDim: true })
    .extend({ tokenEmbedding: z.literal("learned") })
    .refine(({ patchTokens: { height, width } }) => height === width, {
      path: ["patchTokens"],
      error: "height and width must be equal, for crops are square",
    }),
});

const DECODER_RECIPE = z.strictObject({
  ...OPTIMIZATION,
  /** Weights folder whose decoder goes on learning; relative to the recipe's file. */
  from: z.string(),
  /** The last stage at full resolution that the decoder gets, if it has none yet. */
  refinement: MODEL_CONFIG_SCHEMA.shape.tokenizer.shape.refinement,
  /** What learns: the whole decoder, or its last stage alone, which is much faster. */
  learns: z.enum(["decoder", "refinement"]).default("decoder"),
  cropSize: z.int().min(16).default(128),
  loss: z.strictObject({
    squared: z.number().default(1),
    absolute: z.number().default(1),
    edge: z.number().default(1),
    colour: z.number().default(4),
    seams: z.number().default(0),
  }).prefault({}),
  /** How far the decoder goes from where it was (0) to what it has learned (1): half-way keeps strokes and loses noise. */
  blend: z.number().min(0).max(1).default(0.6),
  adversarial: z.strictObject({
    /** Weight of looking real to the discriminator. */
    fooling: z.number().default(0.03),
    /** Weight of having the features of the real picture in the discriminator. */
    features: z.number().default(4),
    /** Weight of the discriminator's own loss. */
    discriminator: z.number().default(0.2),
  }).prefault({}),
  discriminator: z.strictObject({
    channels: z.array(z.int().min(1)).min(1).readonly().default([48, 96, 128]),
  })
    .prefault({}),
});

/** How to train a tokenizer. */
export type TokenizerRecipe = z.infer<typeof TOKENIZER_RECIPE>;
/** How to train a patch transformer and its text encoder. */
export type TransformerRecipe = z.infer<typeof TRANSFORMER_RECIPE>;

/** How to train the decoder of finished weights against a discriminator. */
export type DecoderRecipe = z.infer<typeof DECODER_RECIPE>;

/** Checks a decoder's recipe. @throws {SyntaxError} Naming the first field that is wrong. */
export function parseDecoderRecipe(json: unknown, where: string): DecoderRecipe {
  return parse(DECODER_RECIPE, json, where);
}

/** Checks a tokenizer's recipe. @throws {SyntaxError} Naming the first field that is wrong. */
export function parseTokenizerRecipe(json: unknown, where: string): TokenizerRecipe {
  return parse(TOKENIZER_RECIPE, json, where);
}

/** Checks a transformer's recipe. @throws {SyntaxError} Naming the first field that is wrong. */
export function parseTransformerRecipe(json: unknown, where: string): TransformerRecipe {
  return parse(TRANSFORMER_RECIPE, json, where);
}

/** The part of a recipe that a checkpoint is bound to: all but the schedule, which may change on resuming. */
export function fixedPart(
  recipe: TokenizerRecipe | DecoderRecipe | TransformerRecipe,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(recipe).filter(([field]) => !(field in SCHEDULE)));
}

function parse<Recipe>(schema: z.ZodType<Recipe>, json: unknown, where: string): Recipe {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new SyntaxError(
    `Cannot read recipe at ${where}: ${issue?.path.join(".") || "file"}: ${issue?.message}`,
  );
}
