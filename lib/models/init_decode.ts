import { numpy as np } from "@jax-js/jax";
import { type ContextInputs, type LayerContext, layerContexts } from "./context_memory.ts";
import { type DecodeLayer, type OwnMemory, prepareDecodeLayer } from "./decode_layer.ts";
import { placeRotations } from "./offset_embedding.ts";
import type { PatchEdges } from "./patch_edges.ts";
import { embedLeft, embedTokens, HIDDEN, placeEmbedding, textMemories } from "./patch_transformer.ts";
import { numPatchTokens, type PatchTransformerConfig } from "./patch_transformer_config.ts";
import type { PatchTransformerParameters } from "./patch_transformer_parameters.ts";
import type { SamplingInputs } from "./sample_token.ts";

/**
 * What decoding B patches needs. With guidance the rows of `bands`, `context` and `text` are 2 B: B under the text,
 * then the same B without it.
 */
export type DecodeInputs = {
  /** int32 `[R]`: row band of each row's patch. */
  readonly bands: np.Array;
  /** int32 `[R, width]` and `[R, height]`: what is known along each patch's edges. */
  readonly edges: PatchEdges<np.Array>;
  readonly context: ContextInputs;
  /** The text encoder's output `[R, S, textDim]` and its bias `[R, S]`. */
  readonly text?: { readonly states: np.Array; readonly bias: np.Array };
  /** In [0, 1): one number a token, `[M, B]`. */
  readonly uniforms: np.Array;
  readonly sampling: SamplingInputs;
  /** int32 `[M, B]`: tokens that are not drawn but given; -1 elsewhere. */
  readonly forced?: np.Array;
  /** Scalar guidance scale; only when R = 2 B. */
  readonly guidance?: np.Array;
  /** Frozen codes, for models whose tokens enter as codes. */
  readonly codebook?: np.Array;
};

/** What changes from token to token: the last tokens of each row and the patch's own keys and values. */
export type DecodeCarry = {
  /** int32 `[R]`: the token before, or K, the begin token. */
  readonly last: np.Array;
  /** int32 `[R, width]`, as many as a row of the patch has: the oldest is above the token to come, or K for none. */
  readonly recent: np.Array;
  /** One a layer; offset 0 is added to the keys. */
  readonly own: OwnMemory[];
};

/** What stays the same while a patch is decoded. */
export type DecodeConstants = {
  readonly layers: DecodeLayer[];
  /** What is added to the input for a token before, `[K + 1, d]`: its embedding, the begin token's last. */
  readonly tokens: np.Array;
  /** What is added to the input for a token above, `[K + 1, d]`, zeros last; nothing without neighbours. */
  readonly above?: np.Array;
  /** What is added to each input of the patch: its place, its left neighbour, and its row's band. `[M, R, d]` */
  readonly places: np.Array;
  /** The matrices that turn each token's query, key and value, `[M, 3, headDim, headDim]`; for rotary offsets alone. */
  readonly turns?: np.Array;
  readonly biases: {
    /** Empty slots of the context, `[R heads, 1, C M]`. */
    readonly context: np.Array;
    /** For each token those still to come, `[M, 1, 1, M]`. */
    readonly own: np.Array;
    /** Padding of the text, `[R heads, 1, S]`; nothing without text. */
    readonly text?: np.Array;
  };
  readonly parameters: PatchTransformerParameters<np.Array>;
  readonly uniforms: np.Array;
  readonly sampling: SamplingInputs;
  readonly forced?: np.Array;
  readonly guidance?: np.Array;
};

/** Prepares the loop over the tokens of a patch: weights joined and scaled, the text projected. */
export function initDecode(
  config: PatchTransformerConfig,
  parameters: PatchTransformerParameters<np.Array>,
  inputs: DecodeInputs,
): { carry: DecodeCarry; constants: DecodeConstants } {
  const { numHeads, embedDim: d, numLayers } = config;
  const [R = 1] = inputs.bands.shape;
  const M = numPatchTokens(config), G = R * numHeads, headDim = d / numHeads;
  const { uniforms, sampling, text, forced, guidance } = inputs;
  const context = layerContexts(config, parameters, inputs.context);
  const turns = tokenTurns(config);
  const texts = text === undefined ? [] : textMemories(config, parameters, { ...text, bias: text.bias.ref });
  const places = inputPlaces(config, parameters, inputs.bands)
    .add(embedLeft(config, parameters, inputs.edges.left).transpose([1, 0, 2])); // [M, R, d]
  return {
    carry: {
      ...startTokens(config, inputs.edges),
      own: Array.from({ length: numLayers }, () => ({
        key: np.zeros([G, M, headDim]),
        value: np.zeros([G, M, headDim]),
      })),
    },
    constants: {
      layers: parameters.layers.map((layer, index) =>
        prepareDecodeLayer(config, layer, { context: contextOf(context.layers, index), text: texts[index] })
      ),
      ...inputTables(config, parameters, inputs.codebook),
      places,
      ...(turns === undefined ? {} : { turns }),
      biases: {
        context: spreadHeads(context.bias.reshape([R, -1]), numHeads), // [R heads, 1, C M]
        own: np.tri(M).sub(1).mul(-HIDDEN).reshape([M, 1, 1, M]),
        ...(text === undefined ? {} : { text: spreadHeads(text.bias, numHeads) }),
      },
      parameters,
      uniforms,
      sampling,
      ...(forced === undefined ? {} : { forced }),
      ...(guidance === undefined ? {} : { guidance }),
    },
  };
}

/** What the first token comes after. Consumes the edge above. */
function startTokens({ codebookSize: K }: PatchTransformerConfig, { above }: PatchEdges<np.Array>) {
  const [R = 1] = above.shape;
  return {
    last: np.full([R], K, { dtype: np.int32 }),
    recent: np.where(np.less(above.ref, 0), K, above).astype(np.int32), // [R, width]
  };
}

/** The tables of tokens before and above, each with a last row for none, so that every index has one. */
function inputTables(
  { codebookSize: K, embedDim: d }: PatchTransformerConfig,
  parameters: PatchTransformerParameters<np.Array>,
  codebook: np.Array | undefined,
): Pick<DecodeConstants, "tokens" | "above"> {
  const all = np.arange(K).astype(np.int32);
  const { begin, above } = parameters;
  const tokens = np.concatenate([embedTokens(parameters, all, codebook), begin.ref.reshape([1, d])], 0);
  return above === undefined
    ? { tokens }
    : { tokens, above: np.concatenate([above.ref, np.zeros([1, d])], 0) };
}

/** How query, key and value are turned at each token, as matrices `[M, 3, headDim, headDim]`: a value is not. */
function tokenTurns(config: PatchTransformerConfig): np.Array | undefined {
  const rotations = placeRotations(config);
  if (rotations === undefined) return undefined;
  const M = numPatchTokens(config), headDim = config.embedDim / config.numHeads, half = headDim / 2;
  const { query, key } = rotations;
  const diagonal = (query: np.Array, key: np.Array, value: np.Array) =>
    np.stack([query.slice([0, M]), key.slice([0, M]), value], 1).reshape([M, 3, 1, half])
      .mul(np.eye(half)); // [M, 3, headDim / 2, headDim / 2]
  const cos = diagonal(query.cos, key.cos, np.ones([M, half]));
  const sin = diagonal(query.sin, key.sin, np.zeros([M, half]));
  return np.concatenate([
    np.concatenate([cos.ref, sin.ref], -1),
    np.concatenate([sin.mul(-1), cos], -1),
  ], -2);
}

/** `[R, S]` for every head: `[R heads, 1, S]`. */
function spreadHeads(bias: np.Array, numHeads: number): np.Array {
  const [R = 1, S = 1] = bias.shape;
  return np.broadcastTo(bias.reshape([R, 1, S]), [R, numHeads, S]).reshape([R * numHeads, 1, S]);
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

function contextOf(layers: readonly LayerContext[], index: number): LayerContext {
  const layer = layers[index];
  if (layer === undefined) {
    throw new RangeError(`Cannot decode: context must have layer ${index}, got ${layers.length}`);
  }
  return layer;
}
