import { lax, numpy as np } from "@jax-js/jax";
import {
  createTensor,
  createUniform,
  listLeaves,
  picturesToPixels,
  sizeOf,
  type Tensor,
} from "../core/mod.ts";
import type { CropSource } from "../data/mod.ts";
import {
  buildModel,
  type DecoderParameters,
  decodeTokens,
  discriminate,
  type DiscriminatorParameters,
  downsamplingFactor,
  initDiscriminator,
  initVqgan,
  type Model,
  type VqganConfig,
} from "../models/mod.ts";
import type { Device } from "../runtime/mod.ts";
import { createTokenizer } from "../steps/mod.ts";
import { ADAMW, initOptimizer } from "./adamw.ts";
import { compileTrainingStep, valueOf } from "./compile_training_step.ts";
import { reconstructionLoss, seamLoss } from "./losses.ts";
import type { DecoderRecipe } from "./recipe_config.ts";
import type { Recipe } from "./train_loop.ts";
import type { Checkpoint } from "./training_folder.ts";

/** What the recipe trains: the decoder or its last stage, against a discriminator. The codes stay as they are. */
type TrainedParameters<Leaf> = {
  readonly decoder: Partial<DecoderParameters<Leaf>>;
  readonly discriminator: DiscriminatorParameters<Leaf>;
};

function initTrained(recipe: DecoderRecipe, model: Model): TrainedParameters<Tensor> {
  const { decoder } = model.parameters.tokenizer, { refinement } = decoder;
  return {
    decoder: recipe.learns === "decoder" || refinement === undefined ? decoder : { refinement },
    discriminator: initDiscriminator(recipe.discriminator.channels, recipe.seed),
  };
}

/**
 * The model that a recipe goes on from: as it was, with the last stage that the recipe gives its decoder, which changes
 * nothing before it has learned.
 *
 * @throws {TypeError} If the weights have another last stage, or none is to learn.
 *
 * @example Usage
 * ```ts ignore
 * const { model } = await nuwa.loadModel(recipe.weights);
 * const state = nuwa.startDecoder(recipe, nuwa.refinedModel(recipe, model));
 * ```
 */
export function refinedModel(recipe: DecoderRecipe, model: Model): Model {
  const { tokenizer } = model.config, has = tokenizer.refinement;
  const need = recipe.refinement ?? has;
  if (need === undefined) {
    if (recipe.learns === "decoder") return model;
    throw new TypeError(
      "Cannot train decoder: refinement must be given, for the weights have none, got nothing",
    );
  }
  if (has !== undefined && (has.channels !== need.channels || has.numLayers !== need.numLayers)) {
    const [got, wanted] = [has, need].map((stage) => JSON.stringify(stage));
    throw new TypeError(`Cannot train decoder: refinement of the weights must be ${wanted}, got ${got}`);
  }
  const config = { ...model.config, tokenizer: { ...tokenizer, refinement: need } };
  const drawn = listLeaves({ tokenizer: initVqgan(config.tokenizer, recipe.seed) });
  return buildModel(config, Object.fromEntries([...drawn, ...listLeaves(model.parameters)]));
}

/** The start of a run: the model's decoder, and a discriminator that knows nothing. */
export function startDecoder(recipe: DecoderRecipe, model: Model): Checkpoint {
  const parameters = listLeaves(initTrained(recipe, model)).map(([, tensor]) => tensor);
  return { step: 0, seconds: 0, state: initOptimizer(parameters), memory: {} };
}

/**
 * The whole model at a checkpoint: everything as it was, but for the decoder, which lies between what it was and what it
 * has learned.
 *
 * Source: Wang et al. 2018, ESRGAN, arXiv:1809.00219, section 3.4 (network interpolation).
 */
export function decoderAt(recipe: DecoderRecipe, model: Model, checkpoint: Checkpoint): Model {
  const trained = listLeaves(initTrained(recipe, model)).map(([path], index) =>
    [`tokenizer.${path}`, checkpoint.state.average[index]] as const
  );
  const tensors = new Map<string, Tensor>(listLeaves(model.parameters));
  for (const [path, tensor] of trained) {
    const before = tensors.get(path);
    if (tensor !== undefined && before !== undefined) {
      tensors.set(path, blendTensors(before, tensor, recipe.blend));
    }
  }
  return buildModel(model.config, Object.fromEntries(tensors));
}

/** `(1 - share) before + share after`. */
function blendTensors(before: Tensor, after: Tensor, share: number): Tensor {
  const data = Float32Array.from(
    before.data,
    (value, i) => value + share * ((after.data[i] ?? value) - value),
  );
  return createTensor(before.shape, data);
}

/**
 * Compiles the adversarial training of a decoder: it learns to paint strokes that the codes only hint at. Encoder and
 * codebook are left alone, so a transformer that was trained on them goes on working.
 *
 * Source: Esser et al. 2021, VQGAN, arXiv:2012.09841, section 3.1: hinge loss, patch discriminator. Ours differs: features
 * of the discriminator are matched (Larsen et al. 2016, arXiv:1512.09300, section 3.1) where VQGAN has LPIPS, whose
 * network would have to be downloaded.
 *
 * @throws {RangeError} If tokens do not tile the crops, or a crop has no border between tokens.
 */
export async function prepareDecoderTraining(
  recipe: DecoderRecipe,
  options: { readonly model: Model; readonly source: CropSource; readonly device: Device },
): Promise<Recipe> {
  const { model, source, device } = options;
  const { cropSize: size, batchSize, seed } = recipe;
  const config = model.config.tokenizer;
  const tokenizer = createTokenizer({ config, parameters: model.parameters.tokenizer, device });
  const { codebook, decoder } = model.parameters.tokenizer;
  const { refinement: _, ...still } = decoder;
  const factor = downsamplingFactor(config);
  if (size % factor !== 0 || size < 2 * factor) {
    throw new RangeError(
      `Cannot train decoder: cropSize must be a multiple of ${factor} and two of them at least, got ${size}`,
    );
  }
  const sampleBatch = async (step: number) => {
    const uniform = createUniform(seed + 1, step);
    const crops = [];
    for (let i = 0; i < batchSize; i++) crops.push((await source.sampleCrop(uniform, { size })).picture);
    const pixels = picturesToPixels(crops);
    return { pixels, tokenIds: await tokenizer.run("tokenize", pixels), codebook, still };
  };
  const side = size / factor;
  const step = await compileTrainingStep<TrainedParameters<np.Array>, DecoderBatch<np.Array>>(
    (parameters, batch) => adversarialLoss(recipe, config, parameters, batch),
    {
      parameters: initTrained(recipe, model),
      batch: {
        pixels: zeros([batchSize, 3, size, size]),
        tokenIds: createTensor([batchSize, side, side], new Int32Array(batchSize * side * side)),
        codebook,
        still,
      },
      device,
      optimizer: { ...ADAMW, beta1: 0.5, weightDecay: recipe.weightDecay, clipNorm: recipe.clipNorm },
    },
  );
  return {
    step,
    schedule: recipe,
    averageDecay: recipe.averageDecay,
    sampleBatch,
    afterStep: ({ watched }, checkpoint) => ({
      checkpoint,
      figures: Object.fromEntries(Object.entries(watched).map(([name, tensor]) => [name, valueOf(tensor)])),
    }),
  };
}

type DecoderBatch<Leaf> = {
  readonly pixels: Leaf;
  readonly tokenIds: Leaf;
  readonly codebook: Leaf;
  /** The decoder without its last stage: what is used of it where that alone learns. */
  readonly still: DecoderParameters<Leaf>;
};

/**
 * Both players' losses as one: each player's gradient sees only its own, since the other is held still.
 */
function adversarialLoss(
  recipe: DecoderRecipe,
  config: VqganConfig,
  { decoder: learning, discriminator }: TrainedParameters<np.Array>,
  { pixels, tokenIds, codebook, still: rest }: DecoderBatch<np.Array>,
): [np.Array, Record<string, np.Array>] {
  const decoder = { ...rest, ...learning };
  const painted = decodeTokens(config, { decoder, codebook }, tokenIds);
  const { loss: pixelLoss, squaredError } = reconstructionLoss(painted.ref, pixels.ref, recipe.loss);
  const seams = seamLoss(painted.ref, downsamplingFactor(config));
  const still = holdStill(discriminator);
  const judged = discriminate(still, painted.ref), wanted = discriminate(still, pixels.ref);
  const matching = judged.features.map((feature, level) => {
    const real = wanted.features[level];
    if (real === undefined) throw new TypeError(`Cannot match features: level ${level} must exist`);
    return np.mean(np.abs(feature.sub(lax.stopGradient(real))));
  }).reduce((sum, term) => sum.add(term));
  const fooling = np.mean(judged.logits).mul(-1);
  wanted.logits.dispose();
  const onReal = discriminate(discriminator, pixels).logits;
  const onPainted = discriminate(discriminator, lax.stopGradient(painted)).logits;
  const hinge = np.mean(np.maximum(onReal.mul(-1).add(1), 0)).add(np.mean(np.maximum(onPainted.add(1), 0)));
  const loss = pixelLoss.add(matching.ref.mul(recipe.adversarial.features))
    .add(fooling.mul(recipe.adversarial.fooling))
    .add(hinge.ref.mul(recipe.adversarial.discriminator))
    .add(seams.ref.mul(recipe.loss.seams));
  return [loss, { squaredError, matching, hinge, seams }];
}

/** A discriminator that gradients do not reach. */
function holdStill({ levels, head }: DiscriminatorParameters<np.Array>): DiscriminatorParameters<np.Array> {
  const still = (layer: { readonly weight: np.Array; readonly bias: np.Array }) => ({
    weight: lax.stopGradient(layer.weight.ref),
    bias: lax.stopGradient(layer.bias.ref),
  });
  return { levels: levels.map(still), head: still(head) };
}

function zeros(shape: readonly number[]): Tensor {
  return createTensor(shape, new Float32Array(sizeOf(shape)));
}
