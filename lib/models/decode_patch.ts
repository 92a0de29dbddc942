import { numpy as np } from "@jax-js/jax";
import { decodeLayer, type DecodePlace, type OwnMemory } from "./decode_layer.ts";
import type { DecodeCarry, DecodeConstants } from "./init_decode.ts";
import { logitsHead } from "./patch_transformer.ts";
import { numPatchTokens, type PatchTransformerConfig } from "./patch_transformer_config.ts";
import { guideLogits, sampleToken } from "./sample_token.ts";
import { type Tap, tapLayer } from "./tap.ts";
import { tapDecodeLayer } from "./tap_decode_layer.ts";

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
  const isHere = np.equal(np.arange(M).astype(np.int32).reshape([1, M, 1]), iteration.ref); // [1, M, 1]
  const place = placeHere(constants, iteration);
  let x = tapRows("input", embedInput(carry, constants, iteration), tap, here);
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
    const layerParameters = parameters.layers[index];
    x = tap === undefined || layerParameters === undefined
      ? decodeLayer(layer, x, { ...place, put })
      : tapDecodeLayer(config, { parameters: layerParameters, layer }, x, {
        ...place,
        put,
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
  const last = constants.guidance === undefined ? drawn.ref : np.concatenate([drawn.ref, drawn.ref], 0); // [R]
  const recent = np.concatenate([carry.recent.slice([], [1]), last.ref.reshape([-1, 1])], 1); // [R, width]
  return { carry: { last, recent, own }, output: drawn };
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
  { last, recent }: DecodeCarry,
  { tokens, above, places }: DecodeConstants,
  iteration: np.Array,
): np.Array {
  const x = np.take(tokens.ref, last, 0).add(np.take(places.ref, iteration.ref, 0)); // [R, d]
  return above === undefined ? x : x.add(np.take(above.ref, recent.ref.slice([], 0), 0));
}

/** What all layers know of a token's place. */
function placeHere({ biases, turns }: DecodeConstants, iteration: np.Array): Omit<DecodePlace, "put"> {
  const row = (table: np.Array) => np.take(table.ref, iteration.ref, 0);
  const [G = 1] = biases.context.shape, M = biases.own.shape[0] ?? 1;
  const own = np.broadcastTo(row(biases.own), [G, 1, M]);
  return {
    biases: {
      self: np.concatenate([biases.context.ref, own], -1), // [R heads, 1, C M + M]
      ...(biases.text === undefined ? {} : { text: biases.text }),
    },
    turn: turns && row(turns), // [3, headDim, headDim]
  };
}

function ownMemory(carry: DecodeCarry, index: number): OwnMemory {
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
