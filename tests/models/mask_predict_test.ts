import { assert, assertEquals, assertThrows } from "@std/assert";
import { nn, numpy as np } from "@jax-js/jax";
import { createTensor, createUniform, type Tensor } from "../../lib/core/mod.ts";
import {
  guideLogits,
  initMaskPredict,
  knownAfterSteps,
  type MaskPredictInputs,
  maskPredictStep,
  numPatchTokens,
  type PatchTransformerConfig,
  type PatchTransformerParameters,
  predictPatch,
  sampleToken,
  textMemories,
} from "../../lib/models/mod.ts";
import { compile, compileLoop } from "../../lib/runtime/mod.ts";
import { CONFIG, createRows, createSampling, scalar } from "./_patch_rows.ts";
import { createBoldTransformer } from "./_step_by_step.ts";

const B = 3, GUIDANCE = 2.5, CHOICE_TEMPERATURE = 2;
const M = numPatchTokens(CONFIG);

type Parameters = PatchTransformerParameters<np.Array>;

/** Fills patches; returns the tokens after each step, `[T, B, M]`. */
async function fill(
  config: PatchTransformerConfig,
  numSteps: number,
  inputs: ReturnType<typeof createInputs>,
) {
  const parameters = createBoldTransformer(config);
  const loop = await compileLoop(
    {
      init: (parameters: Parameters, inputs: MaskPredictInputs) =>
        initMaskPredict(config, parameters, inputs),
      body: maskPredictStep.bind(null, config, numSteps),
      numIterations: numSteps,
    },
    [parameters, inputs],
    { device: "cpu" },
  );
  const { outputs } = await loop(parameters, inputs);
  await loop.dispose();
  return outputs;
}

function createInputs(numSteps: number, topK: number) {
  const random = createUniform(6);
  return {
    ...createRows(CONFIG, 2 * B),
    uniforms: createTensor([2 * numSteps, M, B], Float32Array.from({ length: 2 * numSteps * M * B }, random)),
    sampling: createSampling(topK),
    guidance: scalar(GUIDANCE),
    choiceTemperature: scalar(CHOICE_TEMPERATURE),
  };
}

/** What one step draws and how likely, by `predictPatch()` alone: tokens and log-probabilities `[B, M]`. */
async function compileDraw(inputs: ReturnType<typeof createInputs>) {
  const parameters = createBoldTransformer(CONFIG);
  const draw = (
    parameters: Parameters,
    { sampling, guidance, uniforms: _, choiceTemperature: __, text, ...patch }: MaskPredictInputs,
    tokenIds: np.Array,
    uniform: np.Array,
  ) => {
    if (text === undefined || guidance === undefined) throw new TypeError("both are given");
    const both = predictPatch(CONFIG, parameters, {
      ...patch,
      tokenIds: np.concatenate([tokenIds.ref, tokenIds], 0),
      text: textMemories(CONFIG, parameters, text),
    });
    const logits = guideLogits(both.ref.slice([0, B]), both.slice([B, 2 * B]), guidance);
    const drawn = sampleToken(logits.ref.reshape([B * M, -1]), uniform.reshape([B * M]), sampling);
    return { drawn: drawn.reshape([B, M]), logs: nn.logSoftmax(logits, -1) };
  };
  const none = createTensor([B, M], new Int32Array(B * M));
  const run = await compile(draw, [parameters, inputs, none, createTensor([B, M], new Float32Array(B * M))], {
    device: "cpu",
  });
  return Object.assign(
    (tokenIds: Tensor, uniform: Tensor) => run(parameters, inputs, tokenIds, uniform),
    { dispose: () => run.dispose() },
  );
}

/** Mask-predict as its definition says, in plain loops. */
async function fillByDefinition(numSteps: number, inputs: ReturnType<typeof createInputs>) {
  const draw = await compileDraw(inputs);
  const counts = knownAfterSteps(M, numSteps), K = CONFIG.codebookSize;
  const uniformAt = (which: number, b: number, m: number) =>
    inputs.uniforms.data[(which * M + m) * B + b] ?? 0;
  let tokens = new Int32Array(B * M).fill(-1);
  const all: number[] = [];
  for (let step = 0; step < numSteps; step++) {
    const uniform = Float32Array.from(
      { length: B * M },
      (_, i) => uniformAt(2 * step, Math.floor(i / M), i % M),
    );
    const { drawn, logs } = await draw(createTensor([B, M], tokens), createTensor([B, M], uniform));
    // The paper's fall from 4.5 to 1, in proportion.
    const noise = CHOICE_TEMPERATURE * (4.5 - (numSteps === 1 ? 0 : 3.5 * step / (numSteps - 1))) / 4.5;
    const next = new Int32Array(B * M).fill(-1);
    for (let b = 0; b < B; b++) {
      const places = Array.from({ length: M }, (_, m) => {
        const before = tokens[b * M + m] ?? -1, token = before >= 0 ? before : drawn.data[b * M + m] ?? 0;
        const gumbel = -Math.log(-Math.log(uniformAt(2 * step + 1, b, m) + 1e-9));
        const log = logs.data[(b * M + m) * K + token] ?? 0;
        return { m, token, score: before >= 0 ? Infinity : log + noise * gumbel };
      });
      places.sort((a, b) => b.score - a.score);
      for (const { m, token } of places.slice(0, counts[step])) next[b * M + m] = token;
    }
    tokens = next;
    all.push(...tokens);
  }
  await draw.dispose();
  return all;
}

for (const [numSteps, topK] of [[1, 11], [3, 11], [6, 1]] as const) {
  Deno.test(`maskPredictStep() is mask-predict by its definition: ${numSteps} steps, top ${topK}`, async () => {
    const inputs = createInputs(numSteps, topK);
    const outputs = await fill(CONFIG, numSteps, inputs);
    assertEquals(outputs.shape, [numSteps, B, M]);
    assertEquals([...outputs.data], await fillByDefinition(numSteps, inputs));
    assert(outputs.data.slice(-B * M).every((token) => token >= 0 && token < CONFIG.codebookSize));
  });
}

Deno.test("knownAfterSteps() follows the cosine, and leaves every step a token", () => {
  // 64 - floor(64 cos(t pi / 16)) for t = 1 to 8.
  assertEquals(knownAfterSteps(64, 8), [2, 5, 11, 19, 29, 40, 52, 64]);
  assertEquals(knownAfterSteps(64, 1), [64]);
  assertEquals(knownAfterSteps(6, 6), [1, 2, 3, 4, 5, 6]);
  for (let tokens = 1; tokens <= 20; tokens++) {
    for (let steps = 1; steps <= tokens; steps++) {
      const counts = knownAfterSteps(tokens, steps);
      assertEquals(counts.at(-1), tokens);
      counts.forEach((count, i) => assert(count > (counts[i - 1] ?? 0)));
    }
  }
});

Deno.test("knownAfterSteps() refuses more steps than tokens", () => {
  for (const steps of [0, 7, 1.5]) {
    assertThrows(
      () => knownAfterSteps(6, steps),
      RangeError,
      `Cannot schedule mask-predict: numSteps must be an integer from 1 to 6, got ${steps}`,
    );
  }
});
