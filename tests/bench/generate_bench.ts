/**
 * Filling patches of 64 tokens, small preset, random weights, with guidance.
 *
 * `deno task bench` prints times of one run, which fills as many patches as its name says: tokens/s are 64 times that
 * number over the time. On two cores that also ran a training: 64 tokens of 1 patch in 0.16 s, of 4 in 0.41 s.
 */
import {
  addToPool,
  chooseBatchSize,
  compilePatchModel,
  type ContextPool,
  createTensor,
  createUniform,
  emptyPool,
  encodePrompt,
  fillPatch,
  initModel,
  type PatchModel,
  type Plan,
  poolKey,
  scheduleOrder,
  sizeOf,
  TRANSFORMER_PRESETS,
  updateContextPool,
  VQGAN_PRESETS,
} from "nuwa-infinity";

const VOCABULARY = ["<pad>", "<none>", "<unknown>", "snow"];
const MODEL = initModel({
  tokenizer: VQGAN_PRESETS.small,
  text: { vocabularySize: VOCABULARY.length, maxLength: 40, embedDim: 128, numLayers: 2, numHeads: 2 },
  vocabulary: VOCABULARY,
  transformer: TRANSFORMER_PRESETS.small,
}, 1);

function planCanvas(side: number): Plan {
  const { extent } = TRANSFORMER_PRESETS.small;
  return scheduleOrder({ grid: { rows: side, columns: side, frames: 1 }, order: "down-right", extent });
}

/** A pool with random caches of everything that the given steps look at. */
function createPool({ cacheShape }: PatchModel, plan: Plan, stepIndices: readonly number[]): ContextPool {
  const uniform = createUniform(1);
  const random = Float32Array.from({ length: sizeOf(cacheShape) }, () => 2 * uniform() - 1);
  const positions = new Map(
    stepIndices.flatMap((step) => plan.steps[step]?.context ?? []).map((place) => [poolKey(place), place]),
  );
  const patches = [...positions.values()].map((position) => {
    return { position, caches: createTensor(cacheShape, random.slice()) };
  });
  return addToPool(emptyPool(), patches);
}

/** One run of a widest wave of a canvas, with at most `batchSize` patches. */
async function prepareRun(plan: Plan, batchSize: number) {
  const widest = Math.max(...plan.waves.map((wave) => wave.length));
  const wave = plan.waves.findLastIndex((steps) => steps.length === widest);
  const stepIndices = (plan.waves[wave] ?? []).slice(0, batchSize);
  const patchModel = await compilePatchModel(MODEL, {
    maxContext: plan.maxContext,
    isGuided: true,
    batchSize,
    device: "cpu",
  });
  const prompt = await encodePrompt(patchModel, "snow");
  const pool = createPool(patchModel, plan, stepIndices);
  const fill = () => fillPatch(patchModel, { plan, stepIndices, pool, prompt, seed: 1 });
  const filled = await fill();
  return {
    name: `${filled.length} of at most ${batchSize} patches, at most ${plan.maxContext} in context`,
    fill,
    update: () => updateContextPool(patchModel, pool, filled, { plan, prompt }),
  };
}

for (const batchSize of [1, 2, 4]) {
  const { name, fill } = await prepareRun(planCanvas(16), batchSize);
  Deno.bench(`fillPatch(): ${name}`, { group: "batch", n: 8, warmup: 2 }, async () => void await fill());
}

// The time for a patch depends on its context, not on the canvas.
for (const side of [4, 16]) {
  const plan = planCanvas(side);
  const { name, fill, update } = await prepareRun(plan, chooseBatchSize(plan));
  Deno.bench(
    `fillPatch() on ${side} x ${side} patches: ${name}`,
    { group: "canvas", n: 8, warmup: 2 },
    async () => void await fill(),
  );
  Deno.bench(
    `updateContextPool() on ${side} x ${side} patches: ${name}`,
    { group: "canvas", n: 8, warmup: 2 },
    async () => void await update(),
  );
}

Deno.bench("compilePatchModel(), the cold start", { n: 4, warmup: 1 }, async () => {
  const patchModel = await compilePatchModel(MODEL, { maxContext: 12, isGuided: true, device: "cpu" });
  await patchModel.dispose();
});
