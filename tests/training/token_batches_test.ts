import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { createTokenGrid } from "../../lib/core/mod.ts";
import { generationOrder } from "../../lib/direction/mod.ts";
import { createTokenSampler } from "../../lib/training/mod.ts";
import { TRANSFORMER_CONFIG, TRANSFORMER_RECIPE } from "./_fixtures.ts";

/** Sides of the canvas in patches and of a patch in tokens. */
const SIDE = 3, PATCH = 2;

/** A grid whose codes tell their place: `8 * (y % 8) + x % 8`. */
function createGrid(height: number, width: number) {
  const data = Int32Array.from(
    { length: height * width },
    (_, i) => 8 * (Math.floor(i / width) % 8) + i % width % 8,
  );
  return createTokenGrid(height, width, data);
}

const GRIDS = [createGrid(16, 24), createGrid(8, 40)];

Deno.test("createTokenSampler() cuts windows out of grids, patch by patch, in generation order", async () => {
  for (const order of ["down-right", "down-left", "right-down", "right-up"] as const) {
    const recipe = { ...TRANSFORMER_RECIPE, orders: [order] };
    const { tokenIds, bands, words } = await createTokenSampler(recipe, {
      config: TRANSFORMER_CONFIG,
      grids: GRIDS.slice(0, 1),
    })(3);
    assertEquals([tokenIds.shape, words.shape], [[2, 9, 4], [2, 1]]);
    const patches = generationOrder({ grid: { rows: SIDE, columns: SIDE, frames: 1 }, order });
    for (let canvas = 0; canvas < 2; canvas++) {
      const first = patches.findIndex(({ row, column }) => row === 0 && column === 0);
      const corner = tokenIds.data[(canvas * 9 + first) * 4] ?? NaN; // where the window starts, modulo 8
      const top = Math.floor(corner / 8), left = corner % 8;
      const expected = patches.flatMap(({ row, column }) =>
        [[0, 0], [0, 1], [1, 0], [1, 1]].map(([y = 0, x = 0]) =>
          8 * ((top + row * PATCH + y) % 8) + (left + column * PATCH + x) % 8
        )
      );
      assertEquals([...tokenIds.data.subarray(canvas * 36, canvas * 36 + 36)], expected, order);
      // 4 bands of 16 rows of tokens; the window may start in either half.
      const band = (y: number) => patches.map(({ row }) => Math.floor((y + row * PATCH + 1) / 4));
      const got = [...bands.data.subarray(canvas * 9, canvas * 9 + 9)].join();
      assertEquals([band(top).join(), band(top + 8).join()].includes(got), true);
    }
  }
});

Deno.test("createTokenSampler() is a pure function of seed and step, and uses all grids", async () => {
  const make = (seed: number) =>
    createTokenSampler({ ...TRANSFORMER_RECIPE, seed }, { config: TRANSFORMER_CONFIG, grids: GRIDS });
  const a = make(1), b = make(1);
  const first = await a(1), second = await a(2);
  assertEquals([await b(2), await b(1)], [second, first]);
  assertNotEquals((await make(2)(1)).tokenIds, first.tokenIds);
  const flat = GRIDS.map(({ shape: [h = 0, w = 0] }, code) =>
    createTokenGrid(h, w, new Int32Array(h * w).fill(code))
  );
  const sample = createTokenSampler(TRANSFORMER_RECIPE, { config: TRANSFORMER_CONFIG, grids: flat });
  const seen = new Set<number>();
  for (let step = 1; step <= 8; step++) for (const id of (await sample(step)).tokenIds.data) seen.add(id);
  assertEquals([...seen].sort(), [0, 1]);
});

Deno.test("createTokenSampler() refuses grids that do not fit", () => {
  const make = (...grids: ReturnType<typeof createGrid>[]) => () =>
    createTokenSampler(TRANSFORMER_RECIPE, { config: TRANSFORMER_CONFIG, grids });
  const cases = [
    [make(), "grids must be at least 1, got 0"],
    [make(createGrid(5, 24)), "a grid must be at least 6 x 6 tokens, got 5 x 24"],
    [make(createTokenGrid(6, 6, new Int32Array(36).fill(64))), "tokens must be from 0 to 63, got 64"],
    [make(createTokenGrid(6, 6)), "tokens must be from 0 to 63, got -1"],
  ] as const;
  for (const [work, what] of cases) assertThrows(work, RangeError, `Cannot sample tokens: ${what}`);
});
