import { createTensor, createUniform, type TokenGrid } from "../core/mod.ts";
import type { PatchTransformerConfig } from "../models/mod.ts";
import { createAssembler } from "./_assemble_batch.ts";
import type { BatchRecipe, BatchSampler } from "./canvas_batches.ts";

/** What {@link createTokenSampler} takes windows from. */
export interface TokenSamplerOptions {
  /** The model that the batches are for: its patches, extent and row bands. */
  readonly config: { readonly transformer: PatchTransformerConfig };
  /** Pictures as codes, `[h, w]` each; windows are taken anywhere in them. */
  readonly grids: readonly TokenGrid[];
}

/**
 * Batches of pictures that are codes already: tokenized once, or made by hand. Training then costs the transformer's work
 * alone. They have no text.
 *
 * @returns The batch of a step, as a pure function of the recipe's seed and the step.
 * @throws {RangeError} If there is no grid, one is smaller than a canvas, or one has unknown tokens or codes that the
 * model has not.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createTokenGrid, createTokenSampler, TRANSFORMER_PRESETS } from "nuwa-infinity";
 * const transformer = TRANSFORMER_PRESETS.tiny; // patches of 2 x 2 tokens
 * const checkers = createTokenGrid(8, 8, Int32Array.from({ length: 64 }, (_, i) => (i + (i >> 3)) % 2));
 * const recipe = { seed: 1, batchSize: 3, canvasPatches: 2, orders: ["down-right" as const] };
 * const sample = createTokenSampler(recipe, { config: { transformer }, grids: [checkers] });
 * const { tokenIds } = await sample(0);
 * assertEquals(tokenIds.shape, [3, 4, 4]); // canvases, patches, tokens
 * ```
 */
export function createTokenSampler(
  recipe: Omit<BatchRecipe, "textDropout">,
  { config: { transformer }, grids }: TokenSamplerOptions,
): BatchSampler {
  const { batchSize, canvasPatches, seed } = recipe;
  const height = canvasPatches * transformer.patchTokens.height;
  const width = canvasPatches * transformer.patchTokens.width;
  assertGrids(grids, height, width, transformer.codebookSize);
  const { drawLayout, batch } = createAssembler({ ...recipe, textDropout: 0 }, transformer);
  return (step) => {
    const uniform = createUniform(seed + 2, step), layout = drawLayout(uniform);
    const windows = Array.from({ length: batchSize }, () => {
      const grid = grids[Math.floor(uniform() * grids.length)];
      const [h = 0, w = 0] = grid?.shape ?? [];
      const top = Math.floor(uniform() * (h - height + 1)), left = Math.floor(uniform() * (w - width + 1));
      const tokens = Int32Array.from(
        { length: height * width },
        (_, i) => grid?.get(top + Math.floor(i / width), left + i % width) ?? -1,
      );
      return { tokens, top, h };
    });
    return Promise.resolve(batch(layout, {
      canvases: windows.map(({ tokens }) => tokens),
      bands: windows.map(({ top, h }) => (row) => (top + (row + 0.5) * transformer.patchTokens.height) / h),
      words: createTensor([batchSize, 1], new Int32Array(batchSize)),
      uniform,
    }));
  };
}

function assertGrids(grids: readonly TokenGrid[], height: number, width: number, codebookSize: number): void {
  const refuse = (name: string, need: string, got: unknown) =>
    new RangeError(`Cannot sample tokens: ${name} must be ${need}, got ${got}`);
  if (grids.length === 0) throw refuse("grids", "at least 1", 0);
  for (const { shape: [h = 0, w = 0], data } of grids) {
    if (h < height || w < width) {
      throw refuse("a grid", `at least ${height} x ${width} tokens`, `${h} x ${w}`);
    }
    const strange = data.find((id) => id < 0 || id >= codebookSize);
    if (strange !== undefined) throw refuse("tokens", `from 0 to ${codebookSize - 1}`, strange);
  }
}
