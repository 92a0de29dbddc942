import { nn, numpy as np } from "@jax-js/jax";
import type { AttentionMemory } from "../nn/mod.ts";
import { addOwnOffset, type ContextInputs, type LayerContext, layerContexts } from "./context_memory.ts";
import {
  embedTokens,
  HIDDEN,
  logitsHead,
  placeEmbedding,
  textMemories,
  transformerLayer,
} from "./patch_transformer.ts";
import { numPatchTokens, type PatchTransformerConfig } from "./patch_transformer_config.ts";
import type { PatchTransformerParameters } from "./patch_transformer_parameters.ts";
import { guideLogits, sampleToken, type SamplingInputs } from "./sample_token.ts";

/**
 * What decoding B patches needs. With guidance the rows of `bands`, `context` and `text` are 2 B: B under the text,
 * then the same B without it.
 */
export type DecodeInputs = {
  /** int32 `[R]`: row band of each row's patch. */
  readonly bands: np.Array;
  readonly context: ContextInputs;
  /** The text encoder's output `[R, S, textDim]` and its bias `[R, S]`. */
  readonly text?: { readonly states: np.Array; readonly bias: np.Array };
  /** In [0, 1): one number a token, `[M, B]`. */
  readonly uniforms: np.Array;
  readonly sampling: SamplingInputs;
  /** Scalar guidance scale; only when R = 2 B. */
  readonly guidance?: np.Array;
  /** Frozen codes, for models whose tokens enter as codes. */
  readonly codebook?: np.Array;
};

/** What changes from token to token: the last token of each row and the patch's own keys and values. */
export type DecodeCarry = {
  /** int32 `[R]` */
  readonly token: np.Array;
  /** Each `[R, heads, M, headDim]`, offset 0 added. */
  readonly keys: np.Array[];
  readonly values: np.Array[];
};

/** What stays the same while a patch is decoded. */
export type DecodeConstants = {
  readonly parameters: PatchTransformerParameters<np.Array>;
  readonly layers: LayerContext[];
  readonly bias: np.Array;
  readonly text: AttentionMemory[];
  /** What is added to each input of the patch: its place, and its row's band. `[M, R, d]` */
  readonly places: np.Array;
  readonly uniforms: np.Array;
  readonly sampling: SamplingInputs;
  readonly guidance?: np.Array;
  readonly codebook?: np.Array;
};

/** Prepares the loop over the tokens of a patch: offsets on the context's keys, the text projected. */
export function initDecode(
  config: PatchTransformerConfig,
  parameters: PatchTransformerParameters<np.Array>,
  inputs: DecodeInputs,
): { carry: DecodeCarry; constants: DecodeConstants } {
  const { numHeads, embedDim: d, numLayers } = config;
  const [R = 1] = inputs.bands.shape;
  const M = numPatchTokens(config);
  const caches = () => Array.from({ length: numLayers }, () => np.zeros([R, numHeads, M, d / numHeads]));
  const { layers, bias } = layerContexts(config, parameters, inputs.context);
  const { uniforms, sampling, text, guidance, codebook } = inputs;
  return {
    carry: { token: np.zeros([R]).astype(np.int32), keys: caches(), values: caches() },
    constants: {
      parameters,
      layers,
      bias,
      text: text === undefined ? [] : textMemories(config, parameters, text),
      places: inputPlaces(config, parameters, inputs.bands),
      uniforms,
      sampling,
      ...(guidance === undefined ? {} : { guidance }),
      ...(codebook === undefined ? {} : { codebook }),
    },
  };
}

/** The begin token has no place; input i > 0 is token i - 1. Returns `[M, R, d]`. */
function inputPlaces(
  config: PatchTransformerConfig,
  parameters: PatchTransformerParameters<np.Array>,
  bands: np.Array,
): np.Array {
  const d = config.embedDim, M = numPatchTokens(config);
  const [R = 1] = bands.shape;
  const places = np.concatenate([np.zeros([1, d]), placeEmbedding(parameters).slice([0, M - 1])], 0).reshape([
    M,
    1,
    d,
  ]);
  if (parameters.bands === undefined) return np.broadcastTo(places, [M, R, d]);
  return places.add(np.take(parameters.bands.ref, bands, 0).reshape([1, R, d]));
}

/**
 * Decodes one token of every row: the body of the loop over a patch.
 *
 * Source: NUWA-Infinity, arXiv:2207.09814, section 3.1, the inner product (local autoregression).
 *
 * @param iteration int32 scalar, 0 to M - 1.
 * @returns The new carry, and the tokens drawn: int32 `[B]`.
 */
export function decodeToken(
  config: PatchTransformerConfig,
  iteration: np.Array,
  carry: DecodeCarry,
  constants: DecodeConstants,
): { carry: DecodeCarry; output: np.Array } {
  const { parameters } = constants;
  const { embedDim: d, numHeads } = config;
  const [R = 1] = carry.token.shape;
  const M = numPatchTokens(config);
  const isHere = np.equal(np.arange(M).astype(np.int32), iteration.ref);
  const ownBias = np.where(np.lessEqual(np.arange(M).astype(np.int32), iteration.ref), 0, HIDDEN).reshape([
    1,
    1,
    1,
    M,
  ]);
  const isFirst = np.equal(iteration.ref, 0);
  const embedded = embedTokens(parameters, carry.token, constants.codebook?.ref); // [R, d]
  const place = np.take(constants.places.ref, iteration.ref, 0); // [R, d]
  let x = np.where(isFirst, parameters.begin.ref, embedded).add(place).reshape([R, 1, d]);
  const keys: np.Array[] = [], values: np.Array[] = [];
  for (const [index, layer] of parameters.layers.entries()) {
    x = transformerLayer(layer, x, {
      numHeads,
      text: constants.text[index],
      selfAttention: (query, key, value) => {
        const put = (next: np.Array, cache: np.Array) =>
          np.where(isHere.ref.reshape([1, 1, M, 1]), next, cache);
        const ownKey = put(addOwnOffset(config, layer, key), at(carry.keys, index));
        const ownValue = put(value, at(carry.values, index));
        keys.push(ownKey.ref);
        values.push(ownValue.ref);
        const context = at(constants.layers, index);
        return attendInParts(query, [
          { key: context.key.ref, value: context.value.ref, bias: constants.bias.ref },
          { key: ownKey, value: ownValue, bias: ownBias.ref },
        ]);
      },
    });
  }
  const logits = guide(logitsHead(parameters, x.reshape([R, d])), constants.guidance); // [B, K]
  const drawn = sampleToken(logits, np.take(constants.uniforms.ref, iteration, 0), constants.sampling); // [B]
  const token = constants.guidance === undefined ? drawn.ref : np.concatenate([drawn.ref, drawn.ref], 0); // [R]
  return { carry: { token, keys, values }, output: drawn };
}

function guide(logits: np.Array, guidance: np.Array | undefined): np.Array {
  if (guidance === undefined) return logits;
  const B = (logits.shape[0] ?? 2) / 2;
  return guideLogits(logits.ref.slice([0, B]), logits.slice([B, 2 * B]), guidance);
}

/** Attention over keys that lie in several arrays: scores are joined, keys and values are never copied. */
function attendInParts(query: np.Array, parts: readonly AttentionMemory[]): np.Array {
  const scaled = query.mul(1 / Math.sqrt(query.shape.at(-1) ?? 1)); // [R, heads, 1, headDim]
  const scores = parts.map(({ key, bias }) => np.matmul(scaled.ref, key.transpose([0, 1, 3, 2])).add(bias));
  const ends = parts.map(({ value }) => value.shape[2] ?? 0).map((_, i, all) =>
    all.slice(0, i + 1).reduce((sum, length) => sum + length, 0)
  );
  const weights = np.split(nn.softmax(np.concatenate(scores, -1), -1), ends.slice(0, -1), -1);
  scaled.dispose();
  return parts.map(({ value }, index) => np.matmul(at(weights, index), value)).reduce((sum, part) =>
    sum.add(part)
  );
}

function at<Item>(list: readonly Item[], index: number): Item {
  const item = list[index];
  if (item === undefined) {
    throw new RangeError(`Cannot decode: layer ${index} must exist, got ${list.length} layers`);
  }
  return item;
}
