import { createTensor, type PatchPosition, type Tensor, type Uniform } from "../core/mod.ts";
import { generationOrder } from "../direction/mod.ts";
import {
  canvasEdges,
  canvasMask,
  canvasOffsets,
  canvasPositions,
  numPatchTokens,
  type PatchTransformerConfig,
} from "../models/mod.ts";
import type { BatchRecipe, CanvasBatch } from "./canvas_batches.ts";

/** What a batch is put together from, besides its layout. */
interface BatchParts {
  /** Tokens of each canvas, row by row. */
  readonly canvases: readonly Int32Array[];
  /** How far down the whole picture the middle of a row of patches lies, from 0 to 1, for each canvas. */
  readonly bands: readonly ((row: number) => number)[];
  /** int32 `[B, S]` */
  readonly words: Tensor;
  /** Says which tokens are hidden. */
  readonly uniform: Uniform;
}

/** Puts canvases of tokens together to batches, in the orders of a recipe. */
export function createAssembler(recipe: BatchRecipe, transformer: PatchTransformerConfig) {
  const { canvasPatches: side, orders, local = [], contextDropout = 0 } = recipe;
  const alone = { ...transformer, extent: { width: 0, height: 0, frames: 0 } };
  const layouts = orders.map((order) => {
    const positions = generationOrder({ grid: { rows: side, columns: side, frames: 1 }, order });
    const common = {
      positions,
      offsets: canvasOffsets(transformer, positions),
      places: canvasPositions(positions),
    };
    return {
      together: { ...common, reach: transformer, mask: canvasMask(transformer, positions) },
      apart: { ...common, reach: alone, mask: canvasMask(alone, positions) },
    };
  });
  const drawLayout = (uniform: Uniform) => {
    const layout = layouts[Math.floor(uniform() * layouts.length)];
    if (layout === undefined) throw new RangeError("Cannot sample batch: orders must name one, got none");
    return contextDropout > 0 && uniform() < contextDropout ? layout.apart : layout.together;
  };
  const batch = (
    { positions, places, reach, mask, offsets }: ReturnType<typeof drawLayout>,
    { canvases, bands, words, uniform }: BatchParts,
  ): CanvasBatch<Tensor> => {
    const B = canvases.length, P = positions.length, M = numPatchTokens(transformer);
    const patches = canvases.map((tokens) =>
      cutPatches(tokens, side * transformer.patchTokens.width, positions, transformer)
    );
    const edges = patches.map((canvas) => canvasEdges(reach, positions, canvas));
    const stack = (length: number, rows: readonly Int32Array[]) =>
      createTensor([B, P, length], Int32Array.from(rows.flatMap((row) => [...row])));
    const hide = createHiding(local, uniform);
    return {
      tokenIds: stack(M, patches.flat()),
      ...(hide === undefined ? {} : { partialIds: stack(M, patches.flat().map(hide)) }),
      edges: {
        above: stack(transformer.patchTokens.width, edges.map(({ above }) => above)),
        left: stack(transformer.patchTokens.height, edges.map(({ left }) => left)),
      },
      bands: createTensor(
        [B, P],
        Int32Array.from(
          bands.flatMap((placeOf) => positions.map(({ row }) => bandOf(placeOf(row), transformer.rowBands))),
        ),
      ),
      words,
      mask,
      offsets,
      positions: places,
    };
  };
  return { drawLayout, batch };
}

/** The row band of a place in the whole picture. */
function bandOf(place: number, numBands: number): number {
  return Math.min(Math.floor(place * numBands), Math.max(numBands - 1, 0));
}

/** The tokens `[M]` of each patch, out of a row-major grid that is `stride` tokens wide. */
function cutPatches(
  tokens: Int32Array,
  stride: number,
  positions: readonly PatchPosition[],
  { patchTokens: { height, width } }: PatchTransformerConfig,
): Int32Array[] {
  return positions.map(({ row, column }) =>
    Int32Array.from({ length: height * width }, (_, index) => {
      const y = row * height + Math.floor(index / width), x = column * width + index % width;
      return tokens[y * stride + x] ?? -1;
    })
  );
}

/** Share of patches that `nar` gets to learn from, all tokens unknown, where `p-nar` is learned too. */
const NAR_SHARE = 0.25;

/**
 * Hides tokens of a patch: as many as some step of mask-predict would, or all.
 *
 * Source: Chang et al. 2022, MaskGIT, arXiv:2202.04200, section 3.3: the share is `cos(u pi / 2)` for a uniform u.
 */
function createHiding(local: NonNullable<BatchRecipe["local"]>, uniform: Uniform) {
  const isPartial = local.includes("p-nar"), isWhole = local.includes("nar");
  if (!isPartial && !isWhole) return undefined;
  const narShare = isPartial ? isWhole ? NAR_SHARE : 0 : 1;
  return (tokens: Int32Array): Int32Array => {
    const isAll = uniform() < narShare, share = Math.cos(uniform() * Math.PI / 2);
    const numHidden = isAll ? tokens.length : Math.max(1, Math.round(share * tokens.length));
    const ranks = Array.from(tokens, (_, token) => ({ token, rank: uniform() }));
    const hidden = ranks.sort((a, b) => a.rank - b.rank).slice(0, numHidden);
    const partial = Int32Array.from(tokens);
    for (const { token } of hidden) partial[token] = -1;
    return partial;
  };
}
