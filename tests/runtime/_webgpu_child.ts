/**
 * Runs our programs on cpu and on webgpu and prints a {@link Report}. A process of its own, since ONNX Runtime's WebGPU
 * crashes when threads, such as those of `deno test --parallel`, use it side by side (microsoft/onnxruntime#32561).
 */
import { emptyPool, type PatchCache } from "../../lib/context_pool/mod.ts";
import { createUniform, type Tensor } from "../../lib/core/mod.ts";
import { scheduleOrder } from "../../lib/direction/mod.ts";
import { initModel } from "../../lib/models/mod.ts";
import { type DeviceList, type DeviceName, listDevices } from "../../lib/runtime/mod.ts";
import {
  compilePatchModel,
  createTokenizer,
  decode,
  encodePrompt,
  fillPatch,
  tokenize,
  updateContextPool,
} from "../../lib/steps/mod.ts";
import {
  type Checkpoint,
  prepareTokenizerTraining,
  prepareTransformerTraining,
  type Recipe,
  startTokenizer,
  startTransformer,
} from "../../lib/training/mod.ts";
import {
  BLOCKS,
  createBlocks,
  TOKENIZER,
  TOKENIZER_RECIPE,
  TRANSFORMER_CONFIG,
  TRANSFORMER_RECIPE,
} from "../training/_fixtures.ts";

/** What this process prints. */
export interface Report {
  readonly list: DeviceList;
  /** Of every result: its largest difference over its largest value. */
  readonly errors: Readonly<Record<string, number>>;
}

type Results = Readonly<Record<string, ArrayLike<number>>>;

const PROGRAMS: readonly ((device: DeviceName) => Promise<Results>)[] = [
  runPatches,
  runTokenizer,
  trainTransformer,
  trainTokenizer,
];

/** Four patches, with guidance: the decoding loop, and what enters the pool. */
async function runPatches(device: DeviceName): Promise<Results> {
  const grid = { rows: 2, columns: 2, frames: 1 };
  const plan = scheduleOrder({ grid, order: "down-right", extent: TRANSFORMER_CONFIG.transformer.extent });
  const model = await compilePatchModel(initModel(TRANSFORMER_CONFIG, 5), {
    maxContext: plan.maxContext,
    batchSize: 2,
    isGuided: true,
    device,
  });
  const prompt = await encodePrompt(model, "hills river");
  const patches: PatchCache[] = [];
  let pool = emptyPool();
  for (const [wave, stepIndices] of plan.waves.entries()) {
    const filled = await fillPatch(model, { plan, stepIndices, pool, prompt, seed: 7 });
    pool = await updateContextPool(model, pool, filled, { plan, prompt, wave });
    patches.push(...pool.patches.values());
  }
  await model.dispose();
  return {
    "states of the text": prompt.encoded.states.data,
    "tokens of patches": patches.flatMap(({ tokens }) => [...tokens ?? []]),
    "caches of patches": patches.flatMap(({ caches }) => [...caches.data]),
  };
}

async function runTokenizer(device: DeviceName): Promise<Results> {
  const { config, parameters } = TOKENIZER;
  const tokenizer = createTokenizer({ config: config.tokenizer, parameters: parameters.tokenizer, device });
  const codes = await tokenize(tokenizer, createBlocks(32, createUniform(3)));
  const picture = await decode(tokenizer, codes);
  await tokenizer.dispose();
  return { "codes of a picture": codes.data, "pixels of codes": picture.data };
}

async function trainTransformer(device: DeviceName): Promise<Results> {
  const config = TRANSFORMER_CONFIG;
  const options = { config, tokenizer: TOKENIZER, source: BLOCKS, device };
  const recipe = await prepareTransformerTraining(TRANSFORMER_RECIPE, options);
  return await takeSteps("transformer", recipe, startTransformer(config, 0));
}

async function trainTokenizer(device: DeviceName): Promise<Results> {
  const recipe = await prepareTokenizerTraining(TOKENIZER_RECIPE, { source: BLOCKS, device });
  return await takeSteps("tokenizer", recipe, startTokenizer(TOKENIZER_RECIPE));
}

/** Two steps of a training: the second has a state of the first. */
async function takeSteps(part: string, { step, sampleBatch }: Recipe, start: Checkpoint): Promise<Results> {
  const losses: number[] = [];
  let { state } = start;
  for (const number of [1, 2]) {
    const inputs = { batch: await sampleBatch(number), step: number, learningRate: 0.01, averageDecay: 0 };
    const result = await step(state, inputs);
    losses.push(result.loss, result.gradientNorm);
    state = result.state;
  }
  await step.dispose();
  const join = (tensors: readonly Tensor[]) => tensors.flatMap(({ data }) => [...data]);
  return {
    [`losses and gradients of a ${part}`]: losses,
    [`parameters of a ${part} after two steps`]: join(state.parameters),
    [`moments of a ${part} after two steps`]: join(state.firstMoment),
  };
}

/** The largest difference over the largest value. */
function relativeError(expected: ArrayLike<number>, found: ArrayLike<number>): number {
  if (expected.length !== found.length || expected.length === 0) return Infinity;
  let largest = 0, error = 0;
  for (let i = 0; i < expected.length; i++) {
    const value = expected[i] ?? NaN, difference = Math.abs(value - (found[i] ?? NaN));
    if (!Number.isFinite(difference)) return Infinity;
    largest = Math.max(largest, Math.abs(value));
    error = Math.max(error, difference);
  }
  return error / largest;
}

if (import.meta.main) {
  const errors: Record<string, number> = {};
  for (const program of PROGRAMS) {
    const expected = await program("cpu"), found = await program("webgpu");
    for (const [name, values] of Object.entries(expected)) {
      errors[name] = relativeError(values, found[name] ?? []);
    }
  }
  const report: Report = { list: await listDevices(), errors };
  await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(report)));
}
