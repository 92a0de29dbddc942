import { nn, numpy as np } from "@jax-js/jax";
import type { DecodeInputs } from "./init_decode.ts";
import { predictPatch } from "./encode_patch.ts";
import { textMemories } from "./patch_transformer.ts";
import { numPatchTokens, type PatchTransformerConfig } from "./patch_transformer_config.ts";
import type { PatchTransformerParameters } from "./patch_transformer_parameters.ts";
import { guideLogits, sampleToken } from "./sample_token.ts";
import type { Tap } from "./tap.ts";

/** What mask-predict needs: as for decoding token by token, with two uniform numbers a token and step. */
export type MaskPredictInputs = Omit<DecodeInputs, "uniforms"> & {
  /** In [0, 1), `[2 T, M, B]`: step by step, one to draw each token with and one for the noise of its score. */
  readonly uniforms: np.Array;
  /** Scalar: the noise of the scores in the first of several steps. */
  readonly choiceTemperature: np.Array;
};

/** What changes from step to step. */
export type MaskPredictCarry = {
  /** int32 `[B, M]`, -1 where unknown. */
  readonly tokenIds: np.Array;
};

/** What stays the same while a patch is filled. */
export type MaskPredictConstants = {
  readonly parameters: PatchTransformerParameters<np.Array>;
  readonly inputs: MaskPredictInputs;
};

/** The noise of the last of several steps over that of the first. */
const LAST_NOISE = 1 / 4.5;

/**
 * How many of M tokens are known after each of T steps: all but `floor(M cos((t + 1) / T * pi / 2))`, one more a step at
 * least where M allows.
 *
 * Source: Chang et al. 2022, MaskGIT, arXiv:2202.04200, section 3.2, cosine schedule.
 *
 * @throws {RangeError} If there is not at least one step and one token a step.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { knownAfterSteps } from "nuwa-infinity";
 * assertEquals(knownAfterSteps(64, 4), [5, 19, 40, 64]);
 * ```
 */
export function knownAfterSteps(numTokens: number, numSteps: number): number[] {
  if (!Number.isInteger(numSteps) || numSteps < 1 || numSteps > numTokens) {
    throw new RangeError(
      `Cannot schedule mask-predict: numSteps must be an integer from 1 to ${numTokens}, got ${numSteps}`,
    );
  }
  let known = 0;
  return Array.from({ length: numSteps }, (_, step) => {
    const left = numSteps - 1 - step; // later steps, each of which wants a token
    const share = left === 0 ? 0 : Math.cos((step + 1) / numSteps * Math.PI / 2);
    known = Math.min(Math.max(numTokens - Math.floor(numTokens * share), known + 1), numTokens - left);
    return known;
  });
}

/** Prepares the loop over steps: nothing is known but the tokens that are given. */
export function initMaskPredict(
  config: PatchTransformerConfig,
  parameters: PatchTransformerParameters<np.Array>,
  inputs: MaskPredictInputs,
): { carry: MaskPredictCarry; constants: MaskPredictConstants } {
  if (parameters.mask === undefined) {
    throw new TypeError("Cannot decode with p-nar or nar: the model must have a mask embedding, got none");
  }
  const B = inputs.uniforms.shape[2] ?? 1;
  const tokenIds = givenTokens(inputs) ?? np.zeros([B, numPatchTokens(config)]).sub(1).astype(np.int32);
  return { carry: { tokenIds }, constants: { parameters, inputs } };
}

/**
 * One step of mask-predict: draws every unknown token, and keeps those of the highest scores, `log p + noise * Gumbel`;
 * the noise falls step by step from the choice temperature to 1 / 4.5 of it, as in the paper (4.5 to 1). With a single
 * step this is the `nar` decoder.
 *
 * Source: NUWA-Infinity, arXiv:2207.09814, section 3.1 (P-NAR, NAR); Chang et al. 2022, MaskGIT, arXiv:2202.04200.
 *
 * @param numSteps T
 * @param iteration int32 scalar, 0 to T - 1.
 * @param tap Sees every activation, at M + 1 positions.
 * @returns The new carry, and the same tokens, int32 `[B, M]`, as the step's output.
 */
export function maskPredictStep(
  config: PatchTransformerConfig,
  numSteps: number,
  iteration: np.Array,
  { tokenIds }: MaskPredictCarry,
  { parameters, inputs }: MaskPredictConstants,
  tap?: Tap,
): { carry: MaskPredictCarry; output: np.Array } {
  const M = numPatchTokens(config);
  const [B = 1] = tokenIds.shape;
  const logits = predictGuided(config, parameters, { ...inputs, tokenIds: tokenIds.ref }, tap); // [B, M, K]
  const draw = (which: number) => {
    const place = iteration.ref.mul(2).add(which);
    return np.take(inputs.uniforms.ref, place, 0).transpose([1, 0]); // [B, M]
  };
  const drawn = sampleToken(logits.ref.reshape([B * M, -1]), draw(0).reshape([B * M]), inputs.sampling)
    .reshape([
      B,
      M,
    ]);
  const isUnknown = np.less(tokenIds.ref, 0); // [B, M]
  const candidates = np.where(isUnknown.ref, drawn, tokenIds);
  const noise = np.take(np.array(noiseOfSteps(numSteps)), iteration.ref, 0).mul(inputs.choiceTemperature.ref);
  const gumbel = np.log(np.log(draw(1).add(1e-9)).mul(-1)).mul(-1); // [B, M]
  const scores = np.where(isUnknown, logProbability(logits, candidates.ref).add(gumbel.mul(noise)), 1e9);
  const numKnown = np.take(np.array(knownAfterSteps(M, numSteps)), iteration, 0);
  const kept = np.where(np.less(rankOf(scores), numKnown), candidates, -1).astype(np.int32);
  const given = givenTokens(inputs);
  const after = given === undefined ? kept : np.where(np.greaterEqual(given.ref, 0), given, kept);
  return { carry: { tokenIds: after.ref }, output: after };
}

/** The tokens that are given, int32 `[B, M]`, -1 elsewhere; borrowed. */
function givenTokens({ forced }: MaskPredictInputs): np.Array | undefined {
  return forced?.ref.transpose([1, 0]);
}

/** The noise of each step over that of the first: linear to the last. */
function noiseOfSteps(numSteps: number): number[] {
  return Array.from(
    { length: numSteps },
    (_, step) => 1 + (LAST_NOISE - 1) * step / Math.max(numSteps - 1, 1),
  );
}

/** Guided logits `[B, M, K]` of patches with unknown tokens `[B, M]`, which are consumed. */
function predictGuided(
  config: PatchTransformerConfig,
  parameters: PatchTransformerParameters<np.Array>,
  inputs: MaskPredictInputs & { readonly tokenIds: np.Array },
  tap: Tap | undefined,
): np.Array {
  const { tokenIds, bands, edges, context, text, guidance, codebook } = inputs;
  const [B = 1] = tokenIds.shape;
  const logits = predictPatch(config, parameters, {
    tokenIds: guidance === undefined ? tokenIds : np.concatenate([tokenIds.ref, tokenIds], 0), // [R, M]
    bands: bands.ref,
    edges: { above: edges.above.ref, left: edges.left.ref },
    context: {
      layers: context.layers.map(({ key, value }) => ({ key: key.ref, value: value.ref })),
      offsets: context.offsets.ref,
      bias: context.bias.ref,
    },
    text: text === undefined
      ? []
      : textMemories(config, parameters, { states: text.states.ref, bias: text.bias.ref }),
    ...(codebook === undefined ? {} : { codebook: codebook.ref }),
  }, tap);
  if (guidance === undefined) return logits;
  return guideLogits(logits.ref.slice([0, B]), logits.slice([B, 2 * B]), guidance.ref);
}

/** The log-probability of chosen tokens `[B, M]` under logits `[B, M, K]`; consumes both. */
function logProbability(logits: np.Array, tokenIds: np.Array): np.Array {
  const K = logits.shape[2] ?? 1;
  const isToken = np.equal(tokenIds.reshape([...tokenIds.shape, 1]), np.arange(K));
  return np.sum(np.where(isToken, nn.logSoftmax(logits, -1), 0), -1);
}

/** How many of a row's scores `[B, M]` (consumed) are higher, or equal and earlier: 0 for the best. */
function rankOf(scores: np.Array): np.Array {
  const [B = 1, M = 1] = scores.shape;
  const mine = scores.ref.reshape([B, M, 1]), other = scores.reshape([B, 1, M]);
  const isEarlier = np.tri(M, M, -1).reshape([1, M, M]);
  const isHigher = np.greater(other.ref, mine.ref).astype(np.float32);
  const isTie = np.equal(other, mine).astype(np.float32).mul(isEarlier);
  return np.sum(isHigher.add(isTie), -1).astype(np.int32);
}
