import type { TokenGrid } from "../core/mod.ts";
import type { PatchTransformerConfig } from "../models/mod.ts";
import type { FilledPatch } from "./fill_patch.ts";

/**
 * Writes the tokens of filled patches where they belong on the canvas.
 *
 * @param tokens The canvas, `[rows * height, columns * width]` in tokens; changed.
 * @param filled Patches of the canvas's first frame.
 * @param patchTokens Tokens along the sides of a patch.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createTokenGrid, placePatches } from "nuwa-infinity";
 * const canvas = createTokenGrid(2, 4);
 * const patch = { stepIndex: 0, position: { frame: 0, row: 0, column: 1 }, tokens: Int32Array.of(5, 6, 7, 8) };
 * placePatches(canvas, [patch], { height: 2, width: 2 });
 * assertEquals([...canvas.data], [-1, -1, 5, 6, -1, -1, 7, 8]);
 * ```
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
