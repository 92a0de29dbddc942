import type { numpy as np } from "@jax-js/jax";
import { createTensor, type Grid, patchAt, patchIndex, type Tensor } from "../../lib/core/mod.ts";
import { generationOrder, numOffsets, offsetIndex, relativeOffset } from "../../lib/direction/mod.ts";
import {
  bothCanvasLogits,
  canvasEdges,
  canvasLogits,
  canvasMask,
  canvasOffsets,
  canvasPositions,
  type ContextInputs,
  contextShape,
  cutEdges,
  encodePatch,
  encodeText,
  HIDDEN,
  initPatchTransformer,
  initTextEncoder,
  numPatchTokens,
  type PatchEdges,
  type PatchTransformerConfig,
  type PatchTransformerParameters,
  predictPatch,
  type TextEncoderConfig,
  type TextEncoderParameters,
  textMemories,
} from "../../lib/models/mod.ts";
import { createInitializer } from "../../lib/nn/mod.ts";
import { compile } from "../../lib/runtime/mod.ts";
import { createRandom } from "../_run_once.ts";

/** Samples of a batch; two, so that mixed-up batch axes show. */
export const BATCH = 2;
const TEXT: TextEncoderConfig = { vocabularySize: 12, maxLength: 4, embedDim: 8, numLayers: 1, numHeads: 2 };

type Texts = { readonly parameters: TextEncoderParameters<np.Array>; readonly wordIds: np.Array };

/** A transformer with everything large enough to be seen: offsets and branches weigh as much as tokens. */
export function createBoldTransformer(config: PatchTransformerConfig): PatchTransformerParameters<Tensor> {
  const parameters = initPatchTransformer({ ...config, layerScale: 1 }, 3);
  const layers = parameters.layers.map((layer, i) => ({
    ...layer,
    ...(layer.offsets && { offsets: createInitializer(10 + i).normal(layer.offsets.shape, 1) }),
  }));
  const { above, left } = parameters;
  return {
    ...parameters,
    layers,
    ...(above === undefined || left === undefined ? {} : {
      above: createInitializer(9).normal(above.shape, 1),
      left: createInitializer(8).normal(left.shape, 1),
    }),
  };
}

/** A canvas of random tokens, as tensors for {@link canvasLogits}. */
export interface CanvasExample {
  readonly config: PatchTransformerConfig;
  readonly grid: Grid;
  readonly parameters: PatchTransformerParameters<Tensor>;
  /** int32 `[B, P, M]` */
  readonly tokenIds: Tensor;
  /** The same with some tokens unknown. */
  readonly partialIds: Tensor;
  /** int32 `[B, P]`, by rows. */
  readonly bands: Tensor;
  /** Nothing for a model without text. */
  readonly text?: { readonly parameters: TextEncoderParameters<Tensor>; readonly wordIds: Tensor };
  /** Codes, for a model whose tokens enter as codes. */
  readonly codebook?: Tensor;
}

export function createCanvasExample(config: PatchTransformerConfig, grid: Grid): CanvasExample {
  const P = grid.rows * grid.columns * grid.frames, M = numPatchTokens(config), K = config.codebookSize;
  const numbers = createRandom([BATCH * P * M], 4).data;
  const { tokenEmbedding, rowBands, textDim } = config;
  const tokens = Int32Array.from(numbers, (x) => Math.floor(Math.abs(x) * 1000) % K);
  return {
    config,
    grid,
    parameters: createBoldTransformer(config),
    tokenIds: createTensor([BATCH, P, M], tokens),
    partialIds: createTensor([BATCH, P, M], tokens.map((id, i) => i * i % 5 < 2 ? -1 : id)),
    bands: createTensor(
      [BATCH, P],
      Int32Array.from({ length: BATCH * P }, (_, i) => patchAt(grid, i % P).row % Math.max(rowBands, 1)),
    ),
    ...(textDim === 0 ? {} : {
      text: {
        parameters: initTextEncoder({ ...TEXT, embedDim: textDim }, 5),
        wordIds: createTensor([BATCH, 4], Int32Array.of(3, 4, 0, 0, 5, 6, 7, 0)),
      },
    }),
    ...(tokenEmbedding === "learned" ? {} : { codebook: createRandom([K, tokenEmbedding.codeDim], 6) }),
  };
}

/** What of the example both programs take besides the transformer: a tree that may be without text or codes. */
function conditions({ text, codebook }: CanvasExample) {
  return { ...(text === undefined ? {} : { text }), ...(codebook === undefined ? {} : { codebook }) };
}

function readConditions(
  config: PatchTransformerConfig,
  parameters: PatchTransformerParameters<np.Array>,
  { text, codebook }: { readonly text?: Texts; readonly codebook?: np.Array },
) {
  const states = text && encodeText({ ...TEXT, embedDim: config.textDim }, text.parameters, text.wordIds);
  return {
    text: states === undefined ? [] : textMemories(config, parameters, states),
    ...(codebook === undefined ? {} : { codebook }),
  };
}

type CanvasArguments = {
  tokenIds: np.Array;
  edges: PatchEdges<np.Array>;
  bands: np.Array;
  mask: np.Array;
  offsets: np.Array;
  positions: np.Array;
};

function canvasArguments(example: CanvasExample, order: readonly number[]) {
  const { config, grid } = example;
  const positions = order.map((patch) => patchAt(grid, patch));
  return [
    example.parameters,
    {
      tokenIds: arrangePatches(example.tokenIds, order, numPatchTokens(config)),
      edges: arrangeEdges(example, order),
      bands: arrangePatches(example.bands, order),
      mask: canvasMask(config, positions),
      offsets: canvasOffsets(config, positions),
      positions: canvasPositions(positions),
    },
    conditions(example),
  ];
}

/** One program for canvases of any order: `[B, P, M, K]` logits in one pass, patches in that order. */
export async function compileOnePass(example: CanvasExample) {
  const { config } = example;
  const f = (
    parameters: PatchTransformerParameters<np.Array>,
    canvas: CanvasArguments,
    given: { text?: Texts; codebook?: np.Array },
  ) => canvasLogits(config, parameters, { ...canvas, ...readConditions(config, parameters, given) });
  const run = await compile(f, canvasArguments(example, allPatches(example)), { device: "cpu" });
  return Object.assign((order: readonly number[]) => run(...canvasArguments(example, order)), {
    dispose: () => run.dispose(),
  });
}

/** {@link compileOnePass} with a second stream whose tokens are partly unknown. */
export async function compileBothStreams(example: CanvasExample) {
  const { config } = example, M = numPatchTokens(config);
  const f = (
    parameters: PatchTransformerParameters<np.Array>,
    canvas: CanvasArguments,
    given: { text?: Texts; codebook?: np.Array },
    partialIds: np.Array,
  ) =>
    bothCanvasLogits(
      config,
      parameters,
      { ...canvas, ...readConditions(config, parameters, given) },
      partialIds,
    );
  const argumentsFor = (order: readonly number[]) => [
    ...canvasArguments(example, order),
    arrangePatches(example.partialIds, order, M),
  ];
  const run = await compile(f, argumentsFor(allPatches(example)), {
    device: "cpu",
  });
  return Object.assign((order: readonly number[]) => run(...argumentsFor(order)), {
    dispose: () => run.dispose(),
  });
}

function allPatches({ grid }: CanvasExample): number[] {
  return Array.from({ length: grid.rows * grid.columns * grid.frames }, (_, patch) => patch);
}

/** The edges of every sample's patches, `[B, P, width]` and `[B, P, height]`. */
function arrangeEdges(
  { config, grid, tokenIds }: CanvasExample,
  order: readonly number[],
): PatchEdges<Tensor> {
  const { height, width } = config.patchTokens, M = numPatchTokens(config), P = order.length;
  const samples = Array.from({ length: BATCH }, (_, sample) => {
    const tokens = order.map((p) =>
      Int32Array.from(tokenIds.data.slice((sample * P + p) * M, (sample * P + p + 1) * M))
    );
    return canvasEdges(config, order.map((p) => patchAt(grid, p)), tokens);
  });
  const join = (length: number, parts: Int32Array[]) =>
    createTensor([BATCH, P, length], Int32Array.from(parts.flatMap((part) => [...part])));
  return {
    above: join(width, samples.map(({ above }) => above)),
    left: join(height, samples.map(({ left }) => left)),
  };
}

/** The edges of patch p of every sample when the patches of `pool` are finished. */
function pickEdges(
  { config, grid, tokenIds }: CanvasExample,
  p: number,
  pool: readonly number[],
): PatchEdges<Tensor> {
  const M = numPatchTokens(config), P = grid.rows * grid.columns * grid.frames, target = patchAt(grid, p);
  const tokensAt = (sample: number, row: number, column: number) => {
    const k = pool.find((patch) => {
      const at = patchAt(grid, patch);
      return at.frame === target.frame && at.row === target.row + row && at.column === target.column + column;
    });
    return k === undefined
      ? undefined
      : Int32Array.from(tokenIds.data.slice((sample * P + k) * M, (sample * P + k + 1) * M));
  };
  const samples = Array.from(
    { length: BATCH },
    (_, sample) => cutEdges(config, { above: tokensAt(sample, -1, 0), left: tokensAt(sample, 0, -1) }),
  );
  const join = (length: number, parts: Int32Array[]) =>
    createTensor([BATCH, length], Int32Array.from(parts.flatMap((part) => [...part])));
  return {
    above: join(config.patchTokens.width, samples.map(({ above }) => above)),
    left: join(config.patchTokens.height, samples.map(({ left }) => left)),
  };
}

/** The patches of every sample in another order: `[B, P]` or `[B, P, M]`. */
function arrangePatches(tensor: Tensor, order: readonly number[], width = 1): Tensor<Int32Array> {
  const P = order.length;
  const data = Int32Array.from({ length: BATCH * P * width }, (_, i) => {
    const sample = Math.floor(i / (P * width)), place = Math.floor(i / width) % P;
    return tensor.data[(sample * P + (order[place] ?? 0)) * width + i % width] ?? 0;
  });
  return createTensor(tensor.shape, data);
}

/** One program for every patch: the step-by-step path, with a pool of caches; and one for patches that are partly unknown. */
export async function compileStepByStep(example: CanvasExample) {
  const { config, grid } = example;
  const M = numPatchTokens(config), slots = numOffsets(config.extent) - 1;
  type Patch = { tokenIds: np.Array; edges: PatchEdges<np.Array>; bands: np.Array };
  type Given = { text?: Texts; codebook?: np.Array };
  type Parameters = PatchTransformerParameters<np.Array>;
  const f = (parameters: Parameters, patch: Patch, context: ContextInputs, given: Given) =>
    encodePatch(config, parameters, { ...patch, context, ...readConditions(config, parameters, given) });
  const g = (parameters: Parameters, patch: Patch, context: ContextInputs, given: Given) =>
    predictPatch(config, parameters, { ...patch, context, ...readConditions(config, parameters, given) });
  const argumentsFor = (
    patch: number,
    pool: readonly (readonly [number, Tensor])[],
    tokenIds = example.tokenIds,
  ) => [
    example.parameters,
    {
      tokenIds: pickPatch(tokenIds, patch, M),
      edges: pickEdges(example, patch, pool.map(([k]) => k)),
      bands: pickPatch(example.bands, patch),
    },
    gatherContext(example, slots, patch, pool),
    conditions(example),
  ];
  const run = await compile(f, argumentsFor(0, []), { device: "cpu" });
  const predict = await compile(g, argumentsFor(0, []), { device: "cpu" });
  const runCanvas = async (order: readonly number[], sees: (p: number, k: number) => boolean) => {
    const pool: [patch: number, caches: Tensor][] = [];
    const logits = new Map<number, { causal: Tensor; partial: Tensor }>();
    for (const p of order) {
      const seen = pool.filter(([k]) => sees(p, k));
      const partial = await predict(...argumentsFor(p, seen, example.partialIds));
      const step = await run(...argumentsFor(p, seen));
      pool.push([p, step.caches]);
      logits.set(p, { causal: step.logits, partial });
    }
    return Array.from({ length: order.length }, (_, p) => logits.get(p));
  };
  const dispose = async () => void await Promise.all([run.dispose(), predict.dispose()]);
  return Object.assign(runCanvas, { dispose, grid });
}

/** Row p of every sample: `[B, P]` to `[B]`, `[B, P, M]` to `[B, M]`. */
export function pickPatch(tensor: Tensor, p: number, width = 1): Tensor<Int32Array> {
  const P = tensor.shape[1] ?? 1;
  const data = Array.from({ length: BATCH * width }, (_, i) => {
    return tensor.data[(Math.floor(i / width) * P + p) * width + i % width] ?? 0;
  });
  return createTensor(tensor.shape.length === 2 ? [BATCH] : [BATCH, width], Int32Array.from(data));
}

/** Copies caches `[B, L, 2, heads, M, headDim]` into slots of layers; unused slots hold rubbish and are hidden. */
function gatherContext(
  { config, grid }: CanvasExample,
  slots: number,
  p: number,
  pool: readonly (readonly [number, Tensor])[],
) {
  const shape = contextShape(config, BATCH, slots);
  const [, heads = 1, , M = 1, headDim = 1] = shape;
  const block = M * headDim, { numLayers } = config;
  const fill = (layer: number, part: number) => {
    const caches = createRandom(shape, 7);
    for (const [slot, [, cache]] of pool.entries()) {
      for (let row = 0; row < BATCH * heads; row++) {
        const sample = Math.floor(row / heads), head = row % heads;
        const source = (((sample * numLayers + layer) * 2 + part) * heads + head) * block;
        caches.data.set(cache.data.slice(source, source + block), (row * slots + slot) * block);
      }
    }
    return caches;
  };
  const offsets = pool.map(([k]) =>
    offsetIndex(config.extent, relativeOffset(patchAt(grid, p), patchAt(grid, k)))
  );
  const repeat = (value: (slot: number) => number) =>
    Array.from({ length: BATCH * slots }, (_, i) => value(i % slots));
  return {
    layers: Array.from({ length: numLayers }, (_, layer) => ({ key: fill(layer, 0), value: fill(layer, 1) })),
    offsets: createTensor([BATCH, slots], Int32Array.from(repeat((slot) => offsets[slot] ?? 0))),
    bias: createTensor(
      [BATCH, slots],
      Float32Array.from(repeat((slot) => slot < pool.length ? 0 : HIDDEN)),
    ),
  };
}

/** A named order as indices of patches, and whether one patch is within reach of another. */
export function readOrder({ grid, config: { extent } }: CanvasExample, name: string) {
  const order = generationOrder({ grid, order: name }).map((position) => patchIndex(grid, position));
  const sees = (p: number, k: number) => {
    const { row, column, frames } = relativeOffset(patchAt(grid, p), patchAt(grid, k));
    return Math.abs(row) <= extent.height && Math.abs(column) <= extent.width && frames <= 0 &&
      -frames <= extent.frames;
  };
  return { order, sees };
}
