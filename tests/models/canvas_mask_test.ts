import { assertEquals } from "@std/assert";
import type { Grid } from "../../lib/core/mod.ts";
import { generationOrder, numOffsets, offsetIndex, relativeOffset } from "../../lib/direction/mod.ts";
import {
  canvasMask,
  canvasOffsets,
  HIDDEN,
  numPatchTokens,
  ownOffset,
  type PatchTransformerConfig,
  TRANSFORMER_PRESETS,
} from "../../lib/models/mod.ts";

const GRID: Grid = { rows: 3, columns: 4, frames: 2 };
const NOWHERE = { frame: -1, row: -1, column: -1 };

/** Configs of several extents, with patches of 1 x 2 tokens. */
const CONFIGS: PatchTransformerConfig[] = [[2, 2, 0], [1, 1, 0], [0, 1, 1], [3, 0, 1]].map((
  [width = 0, height = 0, frames = 0],
) => ({
  ...TRANSFORMER_PRESETS.tiny,
  patchTokens: { height: 1, width: 2 },
  extent: { width, height, frames },
}));

Deno.test("canvasMask() lets a token see its own past, and the tokens of earlier neighbours", () => {
  for (const config of CONFIGS) {
    for (const order of ["down-right", "down-left", "right-down", "right-up"]) {
      const positions = generationOrder({ grid: GRID, order });
      const { extent } = config, T = numPatchTokens(config) + 1, side = positions.length * T;
      const mask = canvasMask(config, positions);
      assertEquals(mask.shape, [side, side]);
      const expected = Float32Array.from({ length: side * side }, (_, index) => {
        const query = Math.floor(index / side), key = index % side;
        const p = Math.floor(query / T), k = Math.floor(key / T);
        if (p === k) return key <= query ? 0 : HIDDEN;
        const a = positions[p] ?? NOWHERE, b = positions[k] ?? NOWHERE;
        const isNear = Math.abs(a.row - b.row) <= extent.height &&
          Math.abs(a.column - b.column) <= extent.width &&
          b.frame <= a.frame && b.frame >= a.frame - extent.frames;
        const isBegin = key % T === 0;
        return isNear && !isBegin && k < p ? 0 : HIDDEN;
      });
      assertEquals(mask.data, expected);
    }
  }
});

Deno.test("canvasOffsets() numbers offsets as offsetIndex() does", () => {
  for (const config of CONFIGS) {
    const positions = generationOrder({ grid: GRID, order: "down-left" });
    const P = positions.length, offsets = numOffsets(config.extent);
    const { shape, data } = canvasOffsets(config, positions);
    assertEquals(shape, [P, offsets, P]);
    const expected = new Float32Array(data.length);
    for (const [p, target] of positions.entries()) {
      for (const [k, context] of positions.entries()) {
        const offset = relativeOffset(target, context);
        const isInside = offset.frames <= 0 && -offset.frames <= config.extent.frames &&
          Math.abs(offset.row) <= config.extent.height && Math.abs(offset.column) <= config.extent.width;
        if (isInside) expected[(p * offsets + offsetIndex(config.extent, offset)) * P + k] = 1;
      }
    }
    assertEquals(data, expected);
  }
});

Deno.test("ownOffset() is the index of no offset", () => {
  for (const config of CONFIGS) {
    assertEquals(ownOffset(config), offsetIndex(config.extent, { frames: 0, row: 0, column: 0 }));
  }
});
