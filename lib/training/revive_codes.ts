import { createTensor, createUniform, type Tensor } from "../core/mod.ts";
import type { OptimizerState } from "./adamw.ts";

/**
 * Moves codes that have not been used for a while onto latents of the batch at hand, and forgets their moments.
 *
 * Source: the restart of Dhariwal et al. 2020, Jukebox, arXiv:2005.00341, section 3.1 ("random restart").
 *
 * @param state Not changed.
 * @param options.codebookIndex Which parameter the codebook `[K, D]` is.
 * @param options.lastUsed Step at which each code was last used, int32 `[K]`.
 * @param options.latents Latents of the batch, `[B, D, h, w]`.
 * @returns The new state, and how many codes were moved.
 */
export function reviveCodes(
  state: OptimizerState<Tensor>,
  options: {
    readonly codebookIndex: number;
    readonly lastUsed: Tensor;
    readonly latents: Tensor;
    readonly step: number;
    readonly after: number;
    readonly seed: number;
  },
): { state: OptimizerState<Tensor>; numRevived: number } {
  const { codebookIndex, lastUsed, latents, step, after, seed } = options;
  const dead = [...lastUsed.data.keys()].filter((code) => step - (lastUsed.data[code] ?? 0) >= after);
  if (dead.length === 0) return { state, numRevived: 0 };
  const [B = 1, D = 1, h = 1, w = 1] = latents.shape;
  const uniform = createUniform(seed, step);
  const edit = (list: Tensor[], valueOf: (latent: number, d: number) => number) =>
    list.map((tensor, index) => {
      if (index !== codebookIndex) return tensor;
      const data = Float32Array.from(tensor.data);
      dead.forEach((code, i) => {
        for (let d = 0; d < D; d++) data[code * D + d] = valueOf(chosen[i] ?? 0, d);
      });
      return createTensor(tensor.shape, data);
    });
  const chosen = dead.map(() => Math.floor(uniform() * B * h * w));
  const ofLatent = (place: number, d: number) => {
    const batch = Math.floor(place / (h * w));
    return latents.data[(batch * D + d) * h * w + place % (h * w)] ?? 0;
  };
  return {
    state: {
      parameters: edit(state.parameters, ofLatent),
      firstMoment: edit(state.firstMoment, () => 0),
      secondMoment: edit(state.secondMoment, () => 0),
      average: edit(state.average, ofLatent),
    },
    numRevived: dead.length,
  };
}
