import { createTensor, type PatchPosition, sizeOf, type Tensor } from "../core/mod.ts";
import { type ContextPool, type PatchCache, selectContext } from "../context_pool/mod.ts";
import { offsetIndex, type Plan, type PlanStep, relativeOffset } from "../direction/mod.ts";
import { contextShape, cutEdges, HIDDEN } from "../models/mod.ts";
import type { PatchModel, RowInputs } from "./patch_model.ts";
import type { Prompt } from "./prompt.ts";

/** The row band of a patch on its canvas: bands have equal heights. */
export function bandOf(position: PatchPosition, numRows: number, numBands: number): number {
  return Math.min(Math.floor((position.row + 0.5) / numRows * numBands), Math.max(numBands - 1, 0));
}

/**
 * Lays out what the rows of one run see: for each patch its context from the pool, stream by stream. Rows without a
 * patch, and slots without context, are hidden.
 */
export function layOutRows(
  patchModel: PatchModel,
  options: {
    readonly plan: Plan;
    readonly pool: ContextPool;
    readonly prompt: Prompt;
    readonly stepIndices: readonly number[];
  },
): RowInputs {
  const { plan, pool, prompt, stepIndices } = options;
  const { config, batchSize, numStreams, maxContext: slots } = patchModel;
  const numRows = numStreams * batchSize;
  const shape = contextShape(config, numRows, slots);
  const layers = Array.from({ length: config.numLayers }, () => {
    return { key: new Float32Array(sizeOf(shape)), value: new Float32Array(sizeOf(shape)) };
  });
  const offsets = new Int32Array(numRows * slots);
  const bias = new Float32Array(numRows * slots).fill(HIDDEN);
  const bands = new Int32Array(numRows);
  const { height, width } = config.patchTokens;
  const above = new Int32Array(numRows * width).fill(-1), left = new Int32Array(numRows * height).fill(-1);
  stepIndices.forEach((stepIndex, place) => {
    const step = stepAt(plan, stepIndex);
    const context = selectContext(pool, plan, stepIndex);
    // The plan's extent may be smaller than the one whose offsets the model has learned.
    const seen = context.map(({ position }) =>
      offsetIndex(config.extent, relativeOffset(step.position, position))
    );
    const edges = cutEdges(config, findNeighbours(step.position, context));
    for (let stream = 0; stream < numStreams; stream++) {
      const row = stream * batchSize + place;
      above.set(edges.above, row * width);
      left.set(edges.left, row * height);
      bands[row] = bandOf(step.position, plan.grid.rows, config.rowBands);
      offsets.set(seen, row * slots);
      bias.fill(0, row * slots, row * slots + context.length);
      context.forEach((patch, slot) => copyCache(patch.caches, { layers, shape, row, slot, stream }));
    }
  });
  return {
    bands: createTensor([numRows], bands),
    edges: { above: createTensor([numRows, width], above), left: createTensor([numRows, height], left) },
    context: {
      layers: layers.map(({ key, value }) => {
        return { key: createTensor(shape, key), value: createTensor(shape, value) };
      }),
      offsets: createTensor([numRows, slots], offsets),
      bias: createTensor([numRows, slots], bias),
    },
    text: repeatStreams(prompt, batchSize),
  };
}

/** Tokens of the patches above and to the left, if they are among the context. */
function findNeighbours(target: PatchPosition, context: readonly PatchCache[]) {
  const tokensAt = (rows: number, columns: number) =>
    context.find(({ position }) => {
      const { frames, row, column } = relativeOffset(target, position);
      return frames === 0 && row === rows && column === columns;
    })?.tokens;
  return { above: tokensAt(-1, 0), left: tokensAt(0, -1) };
}

/** The step of a plan. @throws {RangeError} If there is none. */
export function stepAt(plan: Plan, index: number): PlanStep {
  const step = plan.steps[index];
  if (step === undefined) {
    throw new RangeError(
      `Cannot fill patch: step must be one of the plan's ${plan.steps.length}, got ${index}`,
    );
  }
  return step;
}

/** Copies one stream of a pooled patch, `[L, 2, heads, M, headDim]`, into its slot of every layer and head. */
function copyCache(
  from: Tensor,
  to: {
    readonly layers: readonly { readonly key: Float32Array; readonly value: Float32Array }[];
    readonly shape: readonly number[];
    readonly row: number;
    readonly slot: number;
    readonly stream: number;
  },
): void {
  const [, heads = 1, slots = 1, ...block] = to.shape;
  const size = sizeOf(block);
  if (!(from.data instanceof Float32Array)) throw new TypeError("Cannot fill patch: caches must be float32");
  let source = to.stream * to.layers.length * 2 * heads * size;
  for (const { key, value } of to.layers) {
    for (const target of [key, value]) {
      for (let head = 0; head < heads; head++, source += size) {
        const block = from.data.subarray(source, source + size);
        target.set(block, ((to.row * heads + head) * slots + to.slot) * size);
      }
    }
  }
}

/** Every row of a stream reads the stream's text. */
function repeatStreams({ encoded: { states, bias } }: Prompt, batchSize: number): RowInputs["text"] {
  const repeat = (tensor: Tensor): Tensor => {
    const [numStreams = 1, ...rest] = tensor.shape;
    const size = sizeOf(rest);
    const data = new Float32Array(numStreams * batchSize * size);
    for (let row = 0; row < numStreams * batchSize; row++) {
      const stream = Math.floor(row / batchSize);
      data.set(tensor.data.subarray(stream * size, (stream + 1) * size), row * size);
    }
    return createTensor([numStreams * batchSize, ...rest], data);
  };
  return { states: repeat(states), bias: repeat(bias) };
}
