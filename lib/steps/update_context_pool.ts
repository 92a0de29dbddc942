import { createTensor, sizeOf, type Tensor } from "../core/mod.ts";
import {
  addToPool,
  type ContextPool,
  type PatchCache,
  removeUnused,
  removeUnusedAfterWave,
} from "../context_pool/mod.ts";
import type { Plan } from "../direction/mod.ts";
import { numPatchTokens } from "../models/mod.ts";
import { describeRow, layOutRows, type PatchRow } from "./_row_inputs.ts";
import { shareRuns } from "./_share_runs.ts";
import type { FilledPatch } from "./fill_patch.ts";
import type { Intervention } from "./intervene.ts";
import type { PatchModel } from "./patch_model.ts";
import type { Prompt } from "./prompt.ts";

/** What {@link updateContextPool} needs besides the model, the pool and the patches. */
export interface UpdateContextPoolOptions {
  /** The plan that the patches were filled by. */
  readonly plan: Plan;
  /** The prompt that they were filled under. */
  readonly prompt: Prompt;
  /** Index of the wave that is finished with these patches; leave it out when going step by step. */
  readonly wave?: number;
  /** Gives another view in place of what each patch sees. @default the view as it is */
  readonly intervene?: Intervention;
}

/**
 * The Nearby Context Pool's Add and Remove: runs finished patches once to get their caches, adds those, and drops what
 * no patch still to come can select. Calls that are made at the same time share runs, as those of `fillPatch` do.
 *
 * The pool depends on tokens, order, text and weights alone, never on how the tokens were sampled.
 *
 * Source: NUWA-Infinity, arXiv:2207.09814, section 3.3.
 *
 * @param pool Not changed.
 * @returns The new pool.
 */
export async function updateContextPool(
  patchModel: PatchModel,
  pool: ContextPool,
  filled: readonly FilledPatch[],
  options: UpdateContextPoolOptions,
): Promise<ContextPool> {
  const { wave, ...source } = options, { plan } = source;
  const requests = await Promise.all(filled.map(async ({ stepIndex, position, tokens }) => {
    return { row: await describeRow(patchModel, { ...source, stepIndex, pool }), position, tokens };
  }));
  const added = await Promise.all(requests.map(async ({ row, position, tokens }): Promise<PatchCache> => {
    return { position, tokens, caches: await encodePatch(patchModel, { row, tokens }) };
  }));
  const grown = addToPool(pool, added);
  if (wave !== undefined) return removeUnusedAfterWave(grown, plan, wave);
  const last = Math.max(...filled.map(({ stepIndex }) => stepIndex));
  return removeUnused(grown, plan, last);
}

/** One finished patch to be run. */
interface EncodeRequest {
  readonly row: PatchRow;
  readonly tokens: Int32Array;
}

/** The caches of a finished patch. */
const encodePatch = shareRuns(encodePatches);

async function encodePatches(
  patchModel: PatchModel,
  requests: readonly EncodeRequest[],
): Promise<readonly Tensor[]> {
  const { batchSize, numStreams, config, cacheShape } = patchModel;
  const M = numPatchTokens(config), numRows = numStreams * batchSize;
  const tokenIds = new Int32Array(numRows * M);
  for (let stream = 0; stream < numStreams; stream++) {
    requests.forEach(({ tokens }, place) => tokenIds.set(tokens, (stream * batchSize + place) * M));
  }
  const rows = layOutRows(patchModel, requests.map(({ row }) => row));
  const caches = await patchModel.encode(createTensor([numRows, M], tokenIds), rows);
  return requests.map((_, place) =>
    createTensor(cacheShape, joinStreams(caches, place, { batchSize, numStreams }))
  );
}

/** The caches of one patch, stream after stream. */
function joinStreams(
  caches: Tensor,
  place: number,
  { batchSize, numStreams }: { readonly batchSize: number; readonly numStreams: number },
): Float32Array {
  const size = sizeOf(caches.shape.slice(1));
  const joined = new Float32Array(numStreams * size);
  for (let stream = 0; stream < numStreams; stream++) {
    const row = stream * batchSize + place;
    joined.set(caches.data.subarray(row * size, (row + 1) * size), stream * size);
  }
  return joined;
}
