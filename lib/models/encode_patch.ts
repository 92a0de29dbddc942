import { numpy as np } from "@jax-js/jax";
import { attend, type AttentionMemory, rotate } from "../nn/mod.ts";
import { type ContextInputs, layerContexts } from "./context_memory.ts";
import { ownOffsetVector, placeRotations } from "./offset_embedding.ts";
import type { PatchEdges } from "./patch_edges.ts";
import { embedSequence, HIDDEN, logitsHead, transformerLayer } from "./patch_transformer.ts";
import { numPatchTokens, type PatchTransformerConfig } from "./patch_transformer_config.ts";
import type { PatchTransformerParameters } from "./patch_transformer_parameters.ts";
import { type Tap, tapLayer } from "./tap.ts";

/** Finished patches and what they see. */
export type PatchInputs = {
  /** int32 `[B, M]` */
  readonly tokenIds: np.Array;
  /** int32 `[B]`: row band of each patch. */
  readonly bands: np.Array;
  /** int32 `[B, width]` and `[B, height]`: what is known along each patch's edges. */
  readonly edges: PatchEdges<np.Array>;
  readonly context: ContextInputs;
  /** What each layer reads of the text; empty without text. */
  readonly text: readonly AttentionMemory[];
  /** Frozen codes `[K, codeDim]`, for models whose tokens enter as codes. */
  readonly codebook?: np.Array;
};

/**
 * Runs finished patches once, all tokens in parallel: begin token and M tokens in, caches of the M tokens out.
 *
 * Source: NUWA-Infinity, arXiv:2207.09814, section 3.3 (Add) and algorithm 2 (pre-caching of known patches). Ours
 * keeps keys and values, the paper the layers' inputs that they are projected from. Consumes the inputs.
 *
 * @param tap Sees every activation, at the M + 1 positions.
 * @returns `caches` `[B, L, 2, heads, M, headDim]` before they are shifted by an offset, and teacher-forced `logits`
 * `[B, M, K]`.
 */
export function encodePatch(
  config: PatchTransformerConfig,
  parameters: PatchTransformerParameters<np.Array>,
  inputs: PatchInputs,
  tap?: Tap,
): { caches: np.Array; logits: np.Array } {
  const T = numPatchTokens(config) + 1;
  const causal = np.where(np.tri(T, T).astype(np.bool), 0, HIDDEN).reshape([1, 1, T, T]);
  return runPatch(config, parameters, inputs, { ownBias: causal, tap });
}

/**
 * Predicts all tokens of patches at once from those that are known: the patch looks both ways in itself.
 *
 * Source: NUWA-Infinity, arXiv:2207.09814, section 3.1 (P-NAR and NAR). Consumes the inputs.
 *
 * @param inputs.tokenIds int32 `[B, M]`, -1 where unknown.
 * @param tap Sees every activation, at the M + 1 positions.
 * @returns Logits `[B, M, K]`.
 */
export function predictPatch(
  config: PatchTransformerConfig,
  parameters: PatchTransformerParameters<np.Array>,
  inputs: PatchInputs,
  tap?: Tap,
): np.Array {
  const T = numPatchTokens(config) + 1;
  const { caches, logits } = runPatch(config, parameters, inputs, { ownBias: np.zeros([1, 1, T, T]), tap });
  caches.dispose();
  return logits;
}

/** @param ownBias Broadcast to `[B, heads, T, T]`: which positions of the patch see which; consumed. */
function runPatch(
  config: PatchTransformerConfig,
  parameters: PatchTransformerParameters<np.Array>,
  inputs: PatchInputs,
  { ownBias, tap }: { readonly ownBias: np.Array; readonly tap: Tap | undefined },
): { caches: np.Array; logits: np.Array } {
  const { numHeads, embedDim: d } = config;
  const [B = 1] = inputs.tokenIds.shape;
  const M = numPatchTokens(config), T = M + 1, headDim = d / numHeads;
  const context = layerContexts(config, parameters, inputs.context);
  const slots = context.bias.shape[3] ?? 0;
  const bias = np.concatenate([
    np.broadcastTo(context.bias, [B, 1, T, slots]),
    np.broadcastTo(ownBias, [B, 1, T, T]),
  ], -1); // [B, 1, T, C M + T]
  const rotations = placeRotations(config);
  const positions = (length = T) => np.arange(length).astype(np.int32);
  const embedded = embedPatch(config, parameters, inputs);
  let x = tap === undefined ? embedded : tap("input", embedded, positions);
  const caches: np.Array[] = [];
  for (const [index, layer] of parameters.layers.entries()) {
    x = transformerLayer(layer, x, {
      numHeads,
      text: inputs.text[index],
      tap: tapLayer(tap, index, positions),
      selfAttention: (query, key, value, tapWeights) => {
        if (rotations !== undefined) {
          query = rotate(query, rotations.query);
          key = rotate(key, rotations.key);
        }
        for (const part of [key, value]) caches.push(part.ref.slice([], [], [1, T])); // [B, heads, M, headDim]
        const seen = context.layers[index];
        if (seen === undefined) {
          throw new TypeError(`Cannot encode patches: context must have layer ${index}`);
        }
        const keys = np.concatenate([seen.key, key.add(ownOffsetVector(config, layer))], 2);
        const values = np.concatenate([seen.value, value], 2);
        return attend(query, keys, values, addOffsetBias(bias.ref, seen.bias), tapWeights);
      },
    });
  }
  const logits = logitsHead(parameters, x.slice([], [0, M]));
  return {
    caches: np.stack(caches, 1).reshape([B, config.numLayers, 2, numHeads, M, headDim]),
    logits: tap === undefined ? logits : tap("logits", logits, () => positions(M)),
  };
}

/** The bias of all keys `[B, 1, T, C M + T]` with that of the context's offsets, if there is one. Consumes both. */
function addOffsetBias(bias: np.Array, ofContext: np.Array | undefined): np.Array {
  if (ofContext === undefined) return bias;
  const [B = 1, heads = 1, , slots = 0] = ofContext.shape, length = (bias.shape[3] ?? 0) - slots;
  return bias.add(np.concatenate([ofContext, np.zeros([B, heads, 1, length])], -1));
}

/** Begin token and M tokens, embedded: `[B, M + 1, d]`. */
function embedPatch(
  config: PatchTransformerConfig,
  parameters: PatchTransformerParameters<np.Array>,
  inputs: PatchInputs,
): np.Array {
  const d = config.embedDim;
  const [B = 1] = inputs.tokenIds.shape;
  const { tokenIds, edges, codebook } = inputs;
  const x = embedSequence(config, parameters, { tokenIds, edges, codebook });
  if (parameters.bands === undefined) return x;
  return x.add(np.take(parameters.bands.ref, inputs.bands, 0).reshape([B, 1, d]));
}
