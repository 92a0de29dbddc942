import { numpy as np } from "@jax-js/jax";
import { type ContextInputs, type LayerContext, layerContexts } from "./context_memory.ts";
import {
  type DecodeBiases,
  type DecodeLayer,
  decodeLayer,
  type DecodeMemory,
  type PlaceRotation,
  prepareDecodeLayer,
} from "./decode_layer.ts";
import {
  embedKnown,
  embedLeft,
  embedTokens,
  HIDDEN,
  logitsHead,
  placeEmbedding,
  textMemories,
} from "./patch_transformer.ts";
import type { PatchEdges } from "./patch_edges.ts";
import { type PlaceRotations, placeRotations } from "./offset_embedding.ts";
import { numPatchTokens, type PatchTransformerConfig } from "./patch_transformer_config.ts";
import type { PatchTransformerParameters } from "./patch_transformer_parameters.ts";
import { guideLogits, sampleToken, type SamplingInputs } from "./sample_token.ts";
import { type Tap, tapLayer } from "./tap.ts";
import { tapDecodeLayer } from "./tap_decode_layer.ts";

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
  /** int32 `[R, width]`, as many as a row of the patch has: the oldest is above the token to come, or -1. */
  readonly recent: np.Array;
  /** One a layer, `[R heads, M, headDim]`; offset 0 is added to the keys. */
  readonly own: DecodeMemory[];
};

/** What stays the same while a patch is decoded. */
export type DecodeConstants = {
  readonly parameters: PatchTransformerParameters<np.Array>;
  readonly layers: DecodeLayer[];
  readonly biases: Omit<DecodeBiases, "own">;
  /** What is added to each input of the patch: its place, its left neighbour, and its row's band. `[M, R, d]` */
  readonly places: np.Array;
  /** Nothing unless offsets are rotary. */
  readonly rotations?: PlaceRotations;
  readonly uniforms: np.Array;
  readonly sampling: SamplingInputs;
  readonly forced?: np.Array;
  readonly guidance?: np.Array;
  readonly codebook?: np.Array;
};

/** Prepares the loop over the tokens of a patch: weights joined and scaled, the text projected. */
export function initDecode(
  config: PatchTransformerConfig,
  parameters: PatchTransformerParameters<np.Array>,
  inputs: DecodeInputs,
): { carry: DecodeCarry; constants: DecodeConstants } {
  const { numHeads, embedDim: d, numLayers } = config;
  const [R = 1] = inputs.bands.shape;
  const empty = () => np.zeros([R * numHeads, numPatchTokens(config), d / numHeads]);
  const { uniforms, sampling, text, forced, guidance, codebook } = inputs;
  const context = layerContexts(config, parameters, inputs.context);
  const rotations = placeRotations(config);
  const texts = text === undefined ? [] : textMemories(config, parameters, { ...text, bias: text.bias.ref });
  return {
    carry: {
      recent: inputs.edges.above,
      own: Array.from({ length: numLayers }, () => ({ key: empty(), value: empty() })),
    },
    constants: {
      parameters,
      layers: parameters.layers.map((layer, index) =>
        prepareDecodeLayer(config, layer, { context: contextOf(context.layers, index), text: texts[index] })
      ),
      biases: {
        context: spreadHeads(context.bias.reshape([R, -1]), numHeads), // [R heads, 1, C M]
        ...(text === undefined ? {} : { text: spreadHeads(text.bias, numHeads) }),
      },
      places: inputPlaces(config, parameters, inputs.bands)
        .add(embedLeft(config, parameters, inputs.edges.left).transpose([1, 0, 2])),
      ...(rotations === undefined ? {} : { rotations }),
      uniforms,
      sampling,
      ...(forced === undefined ? {} : { forced }),
      ...(guidance === undefined ? {} : { guidance }),
      ...(codebook === undefined ? {} : { codebook }),
    },
  };
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

/**
 * Decodes one token of every row: the body of the loop over a patch.
 *
 * Source: NUWA-Infinity, arXiv:2207.09814, section 3.1, the inner product (local autoregression).
 *
 * @param iteration int32 scalar, 0 to M - 1.
 * @param tap Sees every activation, at one position.
 * @returns The new carry, and the tokens drawn: int32 `[B]`.
 */
export function decodeToken(
  config: PatchTransformerConfig,
  iteration: np.Array,
  carry: DecodeCarry,
  constants: DecodeConstants,
  tap?: Tap,
): { carry: DecodeCarry; output: np.Array } {
  const { parameters } = constants;
  const here = () => iteration.ref.reshape([1]); // the position, [1]
  const M = numPatchTokens(config);
  const steps = np.arange(M).astype(np.int32);
  const isHere = np.equal(steps.ref, iteration.ref).reshape([1, M, 1]);
  const biases = {
    ...constants.biases,
    own: np.where(np.lessEqual(steps, iteration.ref), 0, HIDDEN).reshape([1, 1, M]),
  };
  const place = rotationsHere(constants.rotations, iteration.ref);
  let x = tapRows("input", embedInput(config, iteration.ref, carry, constants), tap, here);
  const own = constants.layers.map((layer, index) => {
    const before = ownMemory(carry, index);
    let after = before;
    const put = (key: np.Array, value: np.Array) => {
      after = {
        key: np.where(isHere.ref, key, before.key),
        value: np.where(isHere.ref, value, before.value),
      };
      return { key: after.key.ref, value: after.value.ref };
    };
    const options = { biases, place, put };
    const layerParameters = parameters.layers[index];
    x = tap === undefined || layerParameters === undefined
      ? decodeLayer(layer, x, options)
      : tapDecodeLayer(config, { parameters: layerParameters, layer }, x, {
        ...options,
        tap: tapLayer(tap, index, here),
      });
    return after;
  });
  const logits = guide(tapRows("logits", logitsHead(parameters, x), tap, here), constants.guidance); // [B, K]
  const drawn = force(
    sampleToken(logits, np.take(constants.uniforms.ref, iteration.ref, 0), constants.sampling),
    constants.forced && np.take(constants.forced.ref, iteration.ref, 0),
  ); // [B]
  iteration.dispose();
  const token = constants.guidance === undefined ? drawn.ref : np.concatenate([drawn.ref, drawn.ref], 0); // [R]
  const window = np.concatenate([carry.recent, token.reshape([-1, 1])], 1); // [R, width + 1]
  return { carry: { recent: window.slice([], [1, config.patchTokens.width + 1]), own }, output: drawn };
}

/** Shows a tap what every row has at one position, `[R, ...]`. */
function tapRows(name: string, x: np.Array, tap: Tap | undefined, here: () => np.Array): np.Array {
  if (tap === undefined) return x;
  const [R = 1, ...rest] = x.shape;
  return tap(name, x.reshape([R, 1, ...rest]), here).reshape([R, ...rest]);
}

/** The tokens drawn `[B]`, but those that are given, where not -1. Consumes both. */
function force(drawn: np.Array, forced: np.Array | undefined): np.Array {
  return forced === undefined ? drawn : np.where(np.greaterEqual(forced.ref, 0), forced, drawn);
}

/** The input from which the next token is predicted, `[R, d]`: one position of `embedSequence`, and the row's band. */
function embedInput(
  { patchTokens: { width } }: PatchTransformerConfig,
  iteration: np.Array,
  { recent }: DecodeCarry,
  { parameters, places, codebook }: DecodeConstants,
): np.Array {
  const before = np.maximum(recent.ref.slice([], width - 1), 0); // [R]
  const last = embedTokens(parameters, before, codebook?.ref); // [R, d]
  const isFirst = np.equal(iteration.ref, 0);
  const x = np.where(isFirst, parameters.begin.ref, last).add(np.take(places.ref, iteration, 0));
  if (parameters.above === undefined) return x;
  return x.add(embedKnown(parameters.above, recent.ref.slice([], 0)));
}

/** The rotations of one position of the patch. Consumes `iteration`. */
function rotationsHere(
  rotations: PlaceRotations | undefined,
  iteration: np.Array,
): PlaceRotation | undefined {
  if (rotations === undefined) {
    iteration.dispose();
    return undefined;
  }
  const row = (table: np.Array) => np.take(table.ref, iteration.ref.reshape([1]), 0); // [1, headDim / 2]
  const { query, key } = rotations;
  const here = {
    query: { cos: row(query.cos), sin: row(query.sin) },
    key: { cos: row(key.cos), sin: row(key.sin) },
  };
  iteration.dispose();
  return here;
}

function contextOf(layers: readonly LayerContext[], index: number): LayerContext {
  const layer = layers[index];
  if (layer === undefined) {
    throw new RangeError(`Cannot decode: context must have layer ${index}, got ${layers.length}`);
  }
  return layer;
}

function ownMemory(carry: DecodeCarry, index: number): DecodeMemory {
  const memory = carry.own[index];
  if (memory === undefined) {
    throw new RangeError(`Cannot decode: layer ${index} must exist, got ${carry.own.length} layers`);
  }
  return memory;
}

function guide(logits: np.Array, guidance: np.Array | undefined): np.Array {
  if (guidance === undefined) return logits;
  const B = (logits.shape[0] ?? 2) / 2;
  return guideLogits(logits.ref.slice([0, B]), logits.slice([B, 2 * B]), guidance);
}
