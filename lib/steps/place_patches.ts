import type { TokenGrid } from "../core/mod.ts";
import type { PatchTransformerConfig } from "../models/mod.ts";
import type { FilledPatch } from "./fill_patch.ts";

/**
 * Writes the tokens of filled patches where they belong on the canvas.
 *
 * @param tokens The canvas, `[rows * height, columns * width]` in tokens; changed.
 * @param filled Patches of the canvas's first frame.
 * @param patchTokens Tokens along the sides of a patch.
 */
export function placePatches(
  tokens: TokenGrid,
  filled: readonly FilledPatch[],
  { height, width }: PatchTransformerConfig["patchTokens"],
): void {
  for (const { position: { row, column }, tokens: ids } of filled) {
    ids.forEach((id, index) => {
      tokens.set(row * height + Math.floor(index / width), column * width + index % width, id);
    });
  }
}
