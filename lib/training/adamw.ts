import { numpy as np } from "@jax-js/jax";
import { createTensor, sizeOf, type Tensor } from "../core/mod.ts";

/** Everything that a training step changes, each as a list in the order of the parameters. */
export type OptimizerState<Leaf> = {
  /** What is trained, as it is after the last step. */
  readonly parameters: Leaf[];
  /** Running means of the clipped gradients, not yet corrected for their start at 0. */
  readonly firstMoment: Leaf[];
  /** Running means of their squares, likewise. */
  readonly secondMoment: Leaf[];
  /** Exponential moving average of the parameters: what is sampled from, and shipped. */
  readonly average: Leaf[];
};

/** Scalars of one step, so that one compiled program serves them all. */
export type OptimizerScalars<Leaf> = {
  /** Of this step. */
  readonly learningRate: Leaf;
  /** Steps done, this one included: 1, 2, ... */
  readonly step: Leaf;
  /** Share of the average that this step keeps, in [0, 1]. */
  readonly averageDecay: Leaf;
};

/** What stays the same over a run. */
export interface AdamWConfig {
  /** Decay of the first moment, in (0, 1). */
  readonly beta1: number;
  /** Decay of the second moment, in (0, 1). */
  readonly beta2: number;
  /** Decay of matrices and kernels, relative to the learning rate. */
  readonly weightDecay: number;
  /** Largest norm of all gradients together. */
  readonly clipNorm: number;
}

/** The defaults. */
export const ADAMW: AdamWConfig = { beta1: 0.9, beta2: 0.99, weightDecay: 0.01, clipNorm: 1 };

const EPSILON = 1e-8;

/** Moments of zero; the average starts at the parameters. */
export function initOptimizer(parameters: Tensor[]): OptimizerState<Tensor> {
  const zeros = () => parameters.map(({ shape }) => createTensor(shape, new Float32Array(sizeOf(shape))));
  return { parameters, firstMoment: zeros(), secondMoment: zeros(), average: parameters };
}

/**
 * One step of AdamW, after clipping by the global norm, with an exponential moving average of the parameters.
 *
 * Source: Loshchilov and Hutter 2019, Decoupled weight decay regularization, arXiv:1711.05101, algorithm 2. Vectors
 * (norms, biases, scales) are not decayed. Consumes everything.
 *
 * @returns The new state, and the norm of the gradients before clipping.
 */
export function adamw(
  config: AdamWConfig,
  state: OptimizerState<np.Array>,
  gradients: readonly np.Array[],
  scalars: OptimizerScalars<np.Array>,
): { state: OptimizerState<np.Array>; gradientNorm: np.Array } {
  const { beta1, beta2, weightDecay } = config;
  const squares = gradients.map((gradient) => np.sum(gradient.ref.mul(gradient.ref)));
  const gradientNorm = np.sqrt(squares.reduce((sum, square) => sum.add(square)));
  const clip = np.minimum(np.reciprocal(gradientNorm.ref.add(1e-6)).mul(config.clipNorm), 1);
  const correct = (beta: number) =>
    np.reciprocal(np.exp(scalars.step.ref.mul(Math.log(beta))).mul(-1).add(1));
  const correct1 = correct(beta1), correct2 = correct(beta2);
  const keep = scalars.averageDecay.ref.mul(-1).add(1);
  const updated = zip(state, gradients).map(({ parameter, first, second, average, gradient }) => {
    const clipped = gradient.mul(clip.ref);
    const firstMoment = first.mul(beta1).add(clipped.ref.mul(1 - beta1));
    const secondMoment = second.mul(beta2).add(clipped.ref.mul(clipped).mul(1 - beta2));
    const deviation = np.sqrt(secondMoment.ref.mul(correct2.ref)).add(EPSILON);
    const update = firstMoment.ref.mul(correct1.ref).mul(np.reciprocal(deviation));
    const decayed = parameter.ndim > 1 ? update.add(parameter.ref.mul(weightDecay)) : update;
    const next = parameter.sub(decayed.mul(scalars.learningRate.ref));
    return { firstMoment, secondMoment, average: average.ref.add(next.ref.sub(average).mul(keep.ref)), next };
  });
  return {
    state: {
      parameters: updated.map(({ next }) => next),
      firstMoment: updated.map(({ firstMoment }) => firstMoment),
      secondMoment: updated.map(({ secondMoment }) => secondMoment),
      average: updated.map(({ average }) => average),
    },
    gradientNorm,
  };
}

/** The state parameter by parameter. */
function zip(state: OptimizerState<np.Array>, gradients: readonly np.Array[]) {
  return state.parameters.map((parameter, index) => {
    const first = state.firstMoment[index], second = state.secondMoment[index];
    const average = state.average[index], gradient = gradients[index];
    if (first === undefined || second === undefined || average === undefined || gradient === undefined) {
      throw new TypeError(`Cannot apply AdamW: state and gradients must have parameter ${index}`);
    }
    return { parameter, first, second, average, gradient };
  });
}
