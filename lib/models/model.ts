import { listLeaves, rebuildTree, type Tensor } from "../core/mod.ts";
import type { ModelConfig } from "./model_config.ts";
import { initPatchTransformer, type PatchTransformerParameters } from "./patch_transformer_parameters.ts";
import { initTextEncoder, type TextEncoderParameters } from "./text_encoder.ts";
import { initVqgan, type VqganParameters } from "./vqgan.ts";

/** Parameters of a model's parts; a tokenizer alone has no more. */
export type ModelParameters<Leaf> = {
  readonly tokenizer: VqganParameters<Leaf>;
  readonly text?: TextEncoderParameters<Leaf>;
  readonly transformer?: PatchTransformerParameters<Leaf>;
};

/** A model: how it is built, and its parameters in host memory. */
export interface Model {
  /** How its parts are built: what `config.json` holds. */
  readonly config: ModelConfig;
  /** Those of every part that the config has. */
  readonly parameters: ModelParameters<Tensor>;
}

/** Starting values of all parts that the config has; zeros without a seed. */
export function initModel(config: ModelConfig, seed?: number): Model {
  const { tokenizer, text, transformer } = config;
  const seedOf = (part: number) => seed === undefined ? undefined : seed + part;
  return {
    config,
    parameters: {
      tokenizer: initVqgan(tokenizer, seedOf(0)),
      ...(text === undefined ? {} : { text: initTextEncoder(text, seedOf(1)) }),
      ...(transformer === undefined ? {} : { transformer: initPatchTransformer(transformer, seedOf(2)) }),
    },
  };
}

/** The shape of every parameter of a model by dotted path: what a weights file must hold. */
export function modelShapes(config: ModelConfig): Record<string, readonly number[]> {
  return Object.fromEntries(
    listLeaves(initModel(config).parameters).map(([path, { shape }]) => [path, shape]),
  );
}

/** Builds a model from a config and tensors by dotted path, which must be exactly its parameters. */
export function buildModel(config: ModelConfig, tensors: Readonly<Record<string, Tensor>>): Model {
  const template = initModel(config).parameters;
  const leaves = listLeaves(template).map(([path]) => {
    const tensor = tensors[path];
    if (tensor === undefined) throw new TypeError(`Cannot build model: tensors must have ${path}, got none`);
    return tensor;
  });
  return { config, parameters: rebuildTree(template, leaves) };
}
