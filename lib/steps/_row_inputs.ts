import { createTensor, type PatchPosition, sizeOf, type Tensor } from "../core/mod.ts";
import { type ContextPool, type PatchCache, selectContext } from "../context_pool/mod.ts";
import { offsetIndex, type Plan, type PlanStep, relativeOffset } from "../direction/mod.ts";
import {
  contextShape,
  cutEdges,
  HIDDEN,
  numPatchTokens,
  type PatchEdges,
  type PatchTransformerConfig,
} from "../models/mod.ts";
import type { Intervention } from "./intervene.ts";
import type { PatchModel, RowInputs } from "./patch_model.ts";
import type { Prompt } from "./prompt.ts";

/** What rows are laid out for. */
type RowShape = Pick<PatchModel, "config" | "maxContext" | "cacheShape" | "numStreams" | "batchSize">;

/** One patch of one picture, and what it sees: a row of every stream of a run. */
export interface PatchRow {
  /** The patches that it sees, in the order of their slots; shape `[N]`. */
  readonly context: readonly PatchCache[];
  /** Index of each one's offset, see `offsetIndex`; shape `[N]`. */
  readonly offsets: readonly number[];
  /** The row band of the patch. */
  readonly band: number;
  /** What is known along its edges, `[width]` and `[height]`. */
  readonly edges: PatchEdges<Int32Array>;
  /** The text of its picture. */
  readonly prompt: Prompt;
  /** int32 `[M]`: tokens that are given instead of drawn; -1 elsewhere. */
  readonly forced: Int32Array;
}

/** Where to find what a patch sees. */
export interface PatchRowSource {
  readonly plan: Plan;
  readonly stepIndex: number;
  readonly pool: ContextPool;
  readonly prompt: Prompt;
  readonly intervene?: Intervention;
}

/**
 * Looks up what a patch sees.
 *
 * @throws {RangeError} If the step is not in the plan, its context not in the pool, or more than there are slots; or if
 * a token or a code that is forced does not exist.
 * @throws {TypeError} If pool or prompt were made with a model of another shape.
 */
export async function describeRow(
  { config, maxContext, cacheShape, numStreams }: RowShape,
  { plan, stepIndex, pool, intervene = (view) => view, ...source }: PatchRowSource,
): Promise<PatchRow> {
  const { position } = stepAt(plan, stepIndex);
  const { context, prompt, forced } = await intervene({
    position,
    context: selectContext(pool, plan, stepIndex),
    prompt: source.prompt,
    forced: new Map(),
  });
  if (context.length > maxContext) {
    throw new RangeError(
      `Cannot fill patch: context must be at most ${maxContext} patches, as compiled, got ${context.length}`,
    );
  }
  for (const { caches } of context) assertShape("caches", caches.shape, cacheShape);
  assertShape("streams of the prompt", prompt.encoded.states.shape.slice(0, 1), [numStreams]);
  return {
    context,
    // The plan's extent may be smaller than the one whose offsets the model has learned.
    offsets: context.map((seen) => offsetIndex(config.extent, relativeOffset(position, seen.position))),
    band: bandOf(position, plan.grid.rows, config.rowBands),
    edges: cutEdges(config, findNeighbours(position, context)),
    prompt,
    forced: layOutForced(config, forced),
  };
}

/** The code of each token that is given, `[M]`, -1 elsewhere. */
function layOutForced(
  config: PatchTransformerConfig,
  forced: ReadonlyMap<number, number>,
): Int32Array {
  const codes = new Int32Array(numPatchTokens(config)).fill(-1);
  for (const [token, code] of forced) {
    for (
      const [name, index, count] of [["token", token, codes.length], [
        "code",
        code,
        config.codebookSize,
      ]] as const
    ) {
      if (Number.isInteger(index) && index >= 0 && index < count) continue;
      throw new RangeError(`Cannot force tokens: ${name} must be an index of ${count}, got ${index}`);
    }
    codes[token] = code;
  }
  return codes;
}

function assertShape(name: string, shape: readonly number[], wanted: readonly number[]): void {
  if (shape.join() === wanted.join()) return;
  throw new TypeError(
    `Cannot fill patch: ${name} must have shape [${wanted.join(", ")}], got [${shape.join(", ")}]`,
  );
}

/** The row band of a patch on its canvas: bands have equal heights. */
function bandOf(position: PatchPosition, numRows: number, numBands: number): number {
  return Math.min(Math.floor((position.row + 0.5) / numRows * numBands), Math.max(numBands - 1, 0));
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

/** Tokens of the patches above and to the left, if they are among the context. */
function findNeighbours(target: PatchPosition, context: readonly PatchCache[]) {
  const tokensAt = (rows: number, columns: number) =>
    context.find(({ position }) => {
      const { frames, row, column } = relativeOffset(target, position);
      return frames === 0 && row === rows && column === columns;
    })?.tokens;
  return { above: tokensAt(-1, 0), left: tokensAt(0, -1) };
}

/**
 * Lays out what the rows of one run see, stream by stream. Rows without a patch, and slots without context, are hidden.
 *
 * @param patches At most `batchSize`.
 */
export function layOutRows(
  { config, batchSize, numStreams, maxContext: slots }: RowShape,
  patches: readonly PatchRow[],
): RowInputs {
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
  const listRows = (place: number) => Array.from({ length: numStreams }, (_, s) => s * batchSize + place);
  patches.forEach((patch, place) => {
    for (const [stream, row] of listRows(place).entries()) {
      above.set(patch.edges.above, row * width);
      left.set(patch.edges.left, row * height);
      bands[row] = patch.band;
      offsets.set(patch.offsets, row * slots);
      bias.fill(0, row * slots, row * slots + patch.context.length);
      patch.context.forEach(({ caches }, slot) => copyCache(caches, { layers, shape, row, slot, stream }));
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
    text: {
      states: layOutText(patches.map(({ prompt }) => prompt.encoded.states), { numRows, listRows }),
      bias: layOutText(patches.map(({ prompt }) => prompt.encoded.bias), { numRows, listRows }),
    },
  };
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

/** Each row reads its stream of its picture's text, `[streams, ...]`; rows without a patch read zeros. */
function layOutText(
  texts: readonly Tensor[],
  { numRows, listRows }: { readonly numRows: number; readonly listRows: (place: number) => number[] },
): Tensor {
  const rest = texts[0]?.shape.slice(1) ?? [];
  const size = sizeOf(rest);
  const data = new Float32Array(numRows * size);
  texts.forEach((text, place) => {
    for (const [stream, row] of listRows(place).entries()) {
      data.set(text.data.subarray(stream * size, (stream + 1) * size), row * size);
    }
  });
  return createTensor([numRows, ...rest], data);
}
