import { type numpy as np, valueAndGrad } from "@jax-js/jax";
import { createTensor, listLeaves, rebuildTree, type Tensor, type Tree } from "../core/mod.ts";
import { compile, type Device } from "../runtime/mod.ts";
import { adamw, type AdamWConfig, initOptimizer, type OptimizerState } from "./adamw.ts";

/** A loss with figures to watch, as a pure function of parameters and batch. */
export type Loss<Parameters, Batch> = (
  parameters: Parameters,
  batch: Batch,
) => [loss: np.Array, watched: Record<string, np.Array>];

/** What a step is given besides the state. */
export interface StepInputs {
  /** Has the structure, shapes and types of the example. */
  readonly batch: Tree<Tensor>;
  /** Of this step; see `learningRateAt`. */
  readonly learningRate: number;
  /** 1 for the first step. */
  readonly step: number;
  /** Share of the average that this step keeps, in [0, 1]; see `averageDecayAt`. */
  readonly averageDecay: number;
}

/** What a step returns. */
export interface StepResult {
  /** After the step: what the next one is given. */
  readonly state: OptimizerState<Tensor>;
  /** On the step's batch, before the update. */
  readonly loss: number;
  /** Norm of all gradients together, before clipping. */
  readonly gradientNorm: number;
  /** The figures that the loss names beside its value. */
  readonly watched: Readonly<Record<string, Tensor>>;
}

/** A compiled training step. */
export interface TrainingStep {
  (state: OptimizerState<Tensor>, inputs: StepInputs): Promise<StepResult>;
  /** Frees the compiled program; no more steps can be taken. */
  dispose(): Promise<void>;
}

/**
 * Compiles loss, gradients, clipping, AdamW and average into one program.
 *
 * @param loss Traced with jax-js arrays; `Parameters` and `Batch` have the structure of the examples.
 */
export async function compileTrainingStep<Parameters, Batch>(
  loss: Loss<Parameters, Batch>,
  options: {
    readonly parameters: Tree<Tensor>;
    readonly batch: Tree<Tensor>;
    readonly optimizer: AdamWConfig;
    readonly device: Device;
  },
): Promise<TrainingStep> {
  const { parameters: template, optimizer, device } = options;
  const step = (
    state: OptimizerState<np.Array>,
    batch: Batch,
    scalars: Record<keyof typeof SCALARS, np.Array>,
  ) => {
    const lossOf = (leaves: np.Array[]) => loss(rebuildTree<Parameters>(template, leaves), batch);
    const leaves = state.parameters.map((leaf) => leaf.ref);
    const [[value, watched], gradients] = valueAndGrad(lossOf, { hasAux: true })(leaves);
    const next = adamw(optimizer, state, gradients, scalars);
    return { ...next, loss: value, watched };
  };
  const state = initOptimizer(listLeaves(template).map(([, leaf]) => leaf));
  const run = await compile(step, [state, options.batch, SCALARS], {
    device,
    name: "training_step",
    argumentNames: ["state", "batch", "scalars"],
  });
  const take = async (state: OptimizerState<Tensor>, inputs: StepInputs): Promise<StepResult> => {
    const { learningRate, step, averageDecay } = inputs;
    const scalars = {
      learningRate: scalar(learningRate),
      step: scalar(step),
      averageDecay: scalar(averageDecay),
    };
    const { loss, gradientNorm, state: next, watched } = await run(state, inputs.batch, scalars);
    return { state: next, loss: valueOf(loss), gradientNorm: valueOf(gradientNorm), watched };
  };
  return Object.assign(take, { dispose: () => run.dispose() });
}

const SCALARS = { learningRate: scalar(0), step: scalar(1), averageDecay: scalar(0) };

function scalar(value: number): Tensor {
  return createTensor([], Float32Array.of(value));
}

/** The number in a scalar tensor. */
export function valueOf(tensor: Tensor): number {
  return tensor.data[0] ?? NaN;
}
