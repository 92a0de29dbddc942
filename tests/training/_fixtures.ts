import { createPicture, type Picture, type Tensor, type Uniform } from "../../lib/core/mod.ts";
import type { CropSource } from "../../lib/data/mod.ts";
import { initModel, type Model, VQGAN_PRESETS } from "../../lib/models/mod.ts";
import {
  type Checkpoint,
  type LossRecord,
  parseTokenizerRecipe,
  parseTransformerRecipe,
  transformerModelConfig,
} from "../../lib/training/mod.ts";

const STEPS = { seed: 3, batchSize: 2, numSteps: 6, learningRate: 0.003, warmupSteps: 2 };

/** A recipe for a tokenizer as a user writes it: codes are revived in every 10th step, the first one included. */
export const TOKENIZER_JSON = {
  ...STEPS,
  cropSize: 16,
  reviveAfter: 2,
  model: VQGAN_PRESETS.tiny,
};

/** A recipe for a transformer as a user writes it. */
export const TRANSFORMER_JSON = {
  ...STEPS,
  canvasPatches: 3,
  tokenizer: "tokenizer",
  text: { maxLength: 4, embedDim: 8, numLayers: 1, numHeads: 2 },
  model: {
    numLayers: 1,
    embedDim: 8,
    numHeads: 2,
    patchTokens: { height: 2, width: 2 },
    extent: { width: 1, height: 1, frames: 0 },
    offsetEmbedding: "rotary",
    tokenEmbedding: "learned",
    neighbourEmbedding: true,
    maskEmbedding: true,
    rowBands: 4,
    layerScale: 0.1,
  },
};

export const TOKENIZER_RECIPE = parseTokenizerRecipe(TOKENIZER_JSON, "recipe");
export const TRANSFORMER_RECIPE = parseTransformerRecipe(TRANSFORMER_JSON, "recipe");

/** A tokenizer of random weights, f = 8. */
export const TOKENIZER: Model = initModel({ tokenizer: VQGAN_PRESETS.tiny }, 5);

/** Words by id, the three that are reserved first. */
export const VOCABULARY = ["<pad>", "<none>", "<unknown>", "hills", "river", "night"];

export const TRANSFORMER_CONFIG = transformerModelConfig(TRANSFORMER_RECIPE, TOKENIZER, VOCABULARY);

/** Blocks of 4 x 4 pixels in random colours: enough structure that tokens differ. */
export function createBlocks(size: number, uniform: Uniform): Picture {
  const picture = createPicture(size, size);
  for (let y = 0; y < size; y += 4) {
    for (let x = 0; x < size; x += 4) {
      const colour = [uniform() * 256, uniform() * 256, uniform() * 256];
      for (let i = 0; i < 48; i++) {
        picture.set(
          y + i % 4,
          x + Math.floor(i / 4) % 4,
          Math.floor(i / 16),
          colour[Math.floor(i / 16)] ?? 0,
        );
      }
    }
  }
  return picture;
}

/** Crops of coloured blocks from a picture of 128 rows; all have a caption. */
export const BLOCKS: CropSource = {
  sampleCrop(uniform, { size, step = 1 }) {
    const top = step * Math.floor(uniform() * ((128 - size) / step + 1));
    const caption = VOCABULARY[3 + Math.floor(uniform() * 3)] ?? "";
    return Promise.resolve({ picture: createBlocks(size, uniform), caption, top, fullHeight: 128 });
  },
};

/** The loss curve without what depends on the clock. */
export function withoutSeconds(records: readonly LossRecord[]): Omit<LossRecord, "seconds">[] {
  return records.map(({ seconds: _, ...rest }) => rest);
}

/** Everything that a checkpoint holds but the time it took. */
export function contentOf({ step, state, memory }: Checkpoint) {
  const list = (tensors: readonly Tensor[]) => tensors.map(({ shape, data }) => [shape.join(), data]);
  return {
    step,
    memory,
    parameters: list(state.parameters),
    firstMoment: list(state.firstMoment),
    secondMoment: list(state.secondMoment),
    average: list(state.average),
  };
}
