import type { Tensor } from "../core/mod.ts";
import { canvasLogits, encodeText, type Model, type ModelParameters, textMemories } from "../models/mod.ts";
import { compile, type CompileStats, type Device, type Precision } from "../runtime/mod.ts";
import { valueOf } from "./compile_training_step.ts";
import { tokenCrossEntropy } from "./losses.ts";
import type { CanvasBatch } from "./canvas_batches.ts";

/** Measures how likely a model finds canvases. */
export interface Likelihood {
  /** Mean bits per token of a batch, which must have the shape of the example. */
  (batch: CanvasBatch<Tensor>): Promise<number>;
  /** What compiling cost; the bytes are those of all weights but the tokenizer's. */
  readonly stats: CompileStats;
  /** Frees the compiled program; nothing more can be measured. */
  dispose(): Promise<void>;
}

/** Compiles the likelihood of whole canvases under a model, teacher-forced. */
export async function compileLikelihood(
  model: Model,
  options: {
    readonly batch: CanvasBatch<Tensor>;
    readonly device: Device;
    /** @default "float32" */
    readonly precision?: Precision;
  },
): Promise<Likelihood> {
  const { config: { text, transformer: config }, parameters: { tokenizer: _, ...trained } } = model;
  if (config === undefined) {
    throw new TypeError("Cannot measure likelihood: model must have a transformer, got a tokenizer alone");
  }
  const nats = (parameters: Omit<ModelParameters<Traced>, "tokenizer">, batch: CanvasBatch<Traced>) => {
    const { tokenIds, words, ...inputs } = batch;
    if (parameters.transformer === undefined) {
      throw new TypeError("Cannot measure likelihood: no transformer");
    }
    const memories = text === undefined || parameters.text === undefined
      ? []
      : textMemories(config, parameters.transformer, encodeText(text, parameters.text, words));
    const logits = canvasLogits(config, parameters.transformer, {
      ...inputs,
      tokenIds: tokenIds.ref,
      text: memories,
    });
    return tokenCrossEntropy(logits, tokenIds, 0).nats;
  };
  const run = await compile(nats, [trained, options.batch], {
    device: options.device,
    precision: options.precision ?? "float32",
    baked: [0],
    name: "likelihood",
    argumentNames: ["parameters", "batch"],
  });
  return Object.assign(
    async (batch: CanvasBatch<Tensor>) => valueOf(await run(batch)) / Math.LN2,
    { dispose: () => run.dispose(), stats: run.stats },
  );
}

type Traced = Parameters<typeof tokenCrossEntropy>[0];
