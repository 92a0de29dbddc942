import type { numpy as np } from "@jax-js/jax";
import { assertEquals } from "@std/assert";
import { createTensor, type Tensor } from "../../lib/core/mod.ts";
import { compile } from "../../lib/runtime/mod.ts";
import {
  ADAMW,
  adamw,
  type AdamWConfig,
  initOptimizer,
  type OptimizerScalars,
  type OptimizerState,
} from "../../lib/training/mod.ts";
import { assertAllClose } from "../_assert_all_close.ts";
import { createRandom } from "../_run_once.ts";

const SHAPES = [[3, 4], [5], [2, 1, 3]] as const;
/** Learning rate and decay of the average, of each step. */
const STEPS = [[0.1, 0.2], [0.05, 0.5], [0.2, 0.9], [0.01, 0.99]] as const;

/** A state in float64: one record of lists a parameter. */
type Reference = {
  readonly decays: boolean;
  readonly parameter: number[];
  readonly first: number[];
  readonly second: number[];
  readonly average: number[];
}[];

/** Algorithm 2 of arXiv:1711.05101 as it is written there, number by number, after clipping by the global norm. */
function stepReference(
  config: AdamWConfig,
  reference: Reference,
  gradients: readonly (readonly number[])[],
  { step, learningRate, averageDecay }: Readonly<Record<keyof OptimizerScalars<unknown>, number>>,
): number {
  const norm = Math.hypot(...gradients.flat());
  const clip = Math.min(1, config.clipNorm / norm);
  for (const [p, { decays, parameter, first, second, average }] of reference.entries()) {
    for (let i = 0; i < parameter.length; i++) {
      const gradient = (gradients[p]?.[i] ?? NaN) * clip, before = parameter[i] ?? NaN;
      const m = first[i] = config.beta1 * (first[i] ?? NaN) + (1 - config.beta1) * gradient;
      const v = second[i] = config.beta2 * (second[i] ?? NaN) + (1 - config.beta2) * gradient ** 2;
      const mHat = m / (1 - config.beta1 ** step), vHat = v / (1 - config.beta2 ** step);
      const decay = decays ? config.weightDecay * before : 0;
      const next = parameter[i] = before - learningRate * (mHat / (Math.sqrt(vHat) + 1e-8) + decay);
      average[i] = averageDecay * (average[i] ?? NaN) + (1 - averageDecay) * next;
    }
  }
  return norm;
}

/** Runs a few steps of both; `scale` sets the size of the gradients. */
async function compare(config: AdamWConfig, scale: number): Promise<void> {
  const parameters = SHAPES.map((shape, i) => createRandom(shape, i));
  const reference: Reference = parameters.map(({ shape, data }) => ({
    decays: shape.length > 1,
    parameter: [...data],
    first: [...data].fill(0),
    second: [...data].fill(0),
    average: [...data],
  }));
  const gradientsOf = (step: number) =>
    SHAPES.map((shape, i) =>
      createTensor(shape, createRandom(shape, 10 * step + i).data.map((x) => scale * x))
    );
  const scalarsOf = (learningRate: number, step: number, averageDecay: number) => ({
    learningRate: createTensor([], Float32Array.of(learningRate)),
    step: createTensor([], Float32Array.of(step)),
    averageDecay: createTensor([], Float32Array.of(averageDecay)),
  });
  const traced = (s: OptimizerState<np.Array>, g: np.Array[], o: OptimizerScalars<np.Array>) =>
    adamw(config, s, g, o);
  let state: OptimizerState<Tensor> = initOptimizer(parameters);
  const run = await compile(traced, [state, gradientsOf(0), scalarsOf(0, 1, 0)], { device: "cpu" });
  for (const [done, [learningRate, averageDecay]] of STEPS.entries()) {
    const step = done + 1, gradients = gradientsOf(step);
    const result = await run(state, gradients, scalarsOf(learningRate, step, averageDecay));
    const norm = stepReference(config, reference, gradients.map(({ data }) => [...data]), {
      step,
      learningRate,
      averageDecay,
    });
    state = result.state;
    assertAllClose(result.gradientNorm, createTensor([], Float32Array.of(norm)), 1e-6, "gradientNorm");
    for (const [p, expected] of reference.entries()) {
      const lists = [
        ["parameters", expected.parameter],
        ["firstMoment", expected.first],
        ["secondMoment", expected.second],
        ["average", expected.average],
      ] as const;
      for (const [list, values] of lists) {
        const actual = state[list][p] ?? createTensor([0], new Float32Array());
        const wanted = createTensor(SHAPES[p] ?? [], Float32Array.from(values));
        assertAllClose(actual, wanted, 2e-5, `step ${step}, ${list}.${p}`);
      }
    }
  }
  await run.dispose();
}

Deno.test("adamw() is algorithm 2 of Loshchilov and Hutter, with small gradients that are not clipped", async () => {
  await compare(ADAMW, 0.05);
});

Deno.test("adamw() clips large gradients by their norm all together", async () => {
  await compare({ ...ADAMW, clipNorm: 0.5, weightDecay: 0.3 }, 100);
});

Deno.test("adamw() does nothing but decay where all gradients are zero", async () => {
  await compare({ ...ADAMW, weightDecay: 0.3 }, 0);
});

Deno.test("initOptimizer() starts moments at zero and the average at the parameters, and changes nothing", () => {
  const parameters = [createTensor([2], Float32Array.of(1, 2))];
  const { firstMoment, secondMoment, average } = initOptimizer(parameters);
  assertEquals([firstMoment[0]?.data, secondMoment[0]?.data], [new Float32Array(2), new Float32Array(2)]);
  assertEquals(average[0]?.data, Float32Array.of(1, 2));
  assertEquals(parameters[0]?.data, Float32Array.of(1, 2));
});
