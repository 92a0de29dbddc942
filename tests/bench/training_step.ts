import { numpy as np } from "@jax-js/jax";
import {
  buildVocabulary,
  compile,
  createHandscrollSource,
  createTensor,
  createUniform,
  HANDSCROLL_VOCABULARY,
  parseTransformerRecipe,
  prepareTransformerTraining,
  startTransformer,
  type Tensor,
  transformerModelConfig,
} from "nuwa-infinity";
import { countTrainingFlops, TRAINING_FORMULA } from "./count_flops.ts";
import { measureInTurn } from "./measure_in_turn.ts";
import type { BenchContext, Measurement, Report } from "./measurement.ts";
import { loadWhole } from "./prepare_patches.ts";

/** Side of the matrices that a step's rate is compared with. */
const SIDE = 2048;

/** The training step of the measured weights against a large matrix product, through the same runtime. */
export const TRAINING_STEP: Measurement = {
  name: "training-step",
  title: `A training step of the transformer against a matrix product ${SIDE}^3`,
  run: measureTrainingStep,
};

async function measureTrainingStep(context: BenchContext): Promise<Report> {
  const { prepared, start, batch, flops } = await prepareStep(context);
  const { state } = start;
  const matrix = randomMatrix(SIDE);
  const product = await compile((x: np.Array, y: np.Array) => np.matmul(x, y), [matrix, matrix], {
    device: context.device,
  });
  const seconds = await measureInTurn({
    step: () => prepared.step(state, { batch, learningRate: 1e-4, step: 1, averageDecay: 0.99 }),
    product: () => product(matrix, matrix),
  }, { clock: context.clock, rounds: 9, warmup: 3 });
  await Promise.all([prepared.step.dispose(), product.dispose()]);
  const rates = { step: flops / seconds.step / 1e9, product: 2 * SIDE ** 3 / seconds.product / 1e9 };
  return {
    rows: [
      { what: "training step", GFLOP: flops / 1e9, ms: 1000 * seconds.step, "GFLOP/s": rates.step },
      {
        what: `${SIDE}^3 product`,
        GFLOP: 2 * SIDE ** 3 / 1e9,
        ms: 1000 * seconds.product,
        "GFLOP/s": rates.product,
      },
    ],
    figures: { training_step_flops_ratio: rates.step / rates.product },
    notes: TRAINING_FORMULA,
  };
}

/** Compiles the training of weights by their own recipe. */
async function prepareStep(context: BenchContext) {
  const { model, transformer, text } = await loadWhole(context);
  const file = `${context.weights}/recipes/04_transformer.json`;
  const { codebookSize: _codes, textDim: _dim, ...shape } = transformer;
  const { vocabularySize: _words, ...reader } = text;
  const json: unknown = JSON.parse(await Deno.readTextFile(file));
  const recipe = parseTransformerRecipe(Object.assign({}, json, { model: shape, text: reader }), file);
  const { words } = buildVocabulary(HANDSCROLL_VOCABULARY);
  const config = transformerModelConfig(recipe, model, words);
  const source = createHandscrollSource({ count: 1, firstSeed: 1 });
  const prepared = await prepareTransformerTraining(recipe, {
    config,
    tokenizer: model,
    source,
    device: context.device,
  });
  const batch = await prepared.sampleBatch(0);
  const size = {
    batchSize: recipe.batchSize,
    numPatches: recipe.canvasPatches ** 2,
    numParts: 4,
    numSequences: "partialIds" in batch ? 2 : 1,
  };
  const flops = countTrainingFlops(config.transformer, { ...reader, vocabularySize: words.length }, size);
  return { prepared, batch, flops, start: startTransformer(config, recipe.seed) };
}

function randomMatrix(side: number): Tensor {
  const uniform = createUniform(1);
  return createTensor([side, side], Float32Array.from({ length: side ** 2 }, () => uniform() - 0.5));
}
