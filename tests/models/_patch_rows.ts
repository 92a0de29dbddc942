import { createTensor, type Tensor } from "../../lib/core/mod.ts";
import {
  contextShape,
  HIDDEN,
  type PatchTransformerConfig,
  TRANSFORMER_PRESETS,
} from "../../lib/models/mod.ts";
import { createRandom } from "../_run_once.ts";

/** A tiny model with patches of 2 x 3 tokens. */
export const CONFIG: PatchTransformerConfig = {
  ...TRANSFORMER_PRESETS.tiny,
  embedDim: 16,
  codebookSize: 11,
  patchTokens: { height: 2, width: 3 },
  extent: { width: 1, height: 1, frames: 0 },
  rowBands: 3,
  textDim: 8,
};
const NUM_SLOTS = 2, TEXT_LENGTH = 2;

export const scalar = (value: number): Tensor => createTensor([], Float32Array.of(value));

/** Inputs of `rows` rows: random context, the last slot of every other row hidden; random text. */
export function createRows(config: PatchTransformerConfig, rows: number) {
  const slots = Array.from({ length: rows * NUM_SLOTS }, (_, i) => i);
  const shape = contextShape(config, rows, NUM_SLOTS);
  return {
    edges: {
      above: createTensor([rows, 3], Int32Array.from({ length: rows * 3 }, (_, i) => i % 5 - 1)),
      left: createTensor([rows, 2], Int32Array.from({ length: rows * 2 }, (_, i) => i % 4 - 1)),
    },
    bands: createTensor([rows], Int32Array.from({ length: rows }, (_, i) => i % 3)),
    context: {
      layers: Array.from({ length: config.numLayers }, (_, layer) => {
        return { key: createRandom(shape, 20 + layer), value: createRandom(shape, 30 + layer) };
      }),
      offsets: createTensor([rows, NUM_SLOTS], Int32Array.from(slots, (i) => i * 2 % 9)),
      bias: createTensor([rows, NUM_SLOTS], Float32Array.from(slots, (i) => i % 4 === 1 ? HIDDEN : 0)),
    },
    text: {
      states: createRandom([rows, TEXT_LENGTH, config.textDim], 2),
      bias: createTensor([rows, TEXT_LENGTH], new Float32Array(rows * TEXT_LENGTH)),
    },
  };
}

/** Temperature 1.5, nucleus 0.95. */
export function createSampling(topK: number) {
  return { temperature: scalar(1.5), topK: createTensor([], Int32Array.of(topK)), topP: scalar(0.95) };
}
