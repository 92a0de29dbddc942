import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { createTokenGrid, ndarray, pixelsToPictures } from "../../lib/core/mod.ts";
import { receptiveHalo } from "../../lib/models/mod.ts";
import { decode, type Tokenizer } from "../../lib/steps/mod.ts";
import { CONFIG, createRandomTokens, createRefinedParts, withTokenizer } from "./_fixtures.ts";

/** That the picture of a grid does not depend on the tiles that it is decoded in. */
async function assertSameInTiles(tokenizer: Tokenizer) {
  const maxTile = 3 * receptiveHalo(tokenizer.config) + 2;
  for (const [h, w] of [[11, 40], [31, 24], [24, 1]] as const) {
    const tokens = createRandomTokens(h, w, 7);
    const ids = { shape: [1, h, w], data: tokens.data };
    const [whole] = pixelsToPictures(await tokenizer.run("decode", ids));
    const tiled = await decode(tokenizer, tokens, { maxTile });
    assertEquals(tiled.shape, [h * 4, w * 4, 3]);
    const worst = tiled.data.reduce((most, x, i) => Math.max(most, Math.abs(x - (whole?.data[i] ?? 0))), 0);
    assert(worst <= 1, `a pixel differs by ${worst}`);
  }
}

Deno.test("decode() in tiles is the picture of the whole within one step", async () => {
  await withTokenizer(assertSameInTiles);
});

Deno.test("decode() in tiles is the picture of the whole with a last stage at full resolution, too", async () => {
  const refined = createRefinedParts(), { refinement: _, ...config } = refined.config;
  assertEquals([receptiveHalo(config), receptiveHalo(refined.config)], [6, 7]);
  await withTokenizer(assertSameInTiles, refined);
});

Deno.test("decode() bounds its memory by tiles: a grid of 512 x 64 tokens runs", async () => {
  await withTokenizer(async (tokenizer) => {
    let numTiles = 0;
    const picture = await decode(tokenizer, createRandomTokens(64, 512), { onProgress: () => numTiles++ });
    assertEquals(picture.shape, [256, 2048, 3]);
    assert(numTiles > 1);
  });
});

Deno.test("decode() shows unknown tokens as a neutral latent that no code is", async () => {
  await withTokenizer(async (tokenizer) => {
    const unknown = await decode(tokenizer, createTokenGrid(2, 2));
    for (let id = 0; id < CONFIG.codebookSize; id++) {
      const known = await decode(tokenizer, createTokenGrid(2, 2, new Int32Array(4).fill(id)));
      assertNotEquals(known.data, unknown.data);
    }
  });
});

Deno.test("decode() refuses what is not tokens of its codebook, and absurd sizes", async () => {
  await withTokenizer(async (tokenizer) => {
    await assertRejects(
      () => decode(tokenizer, ndarray(new Int32Array(4), [4])),
      TypeError,
      "Cannot decode tokens: tokenGrid must have shape [h, w], got int32[4]",
    );
    await assertRejects(
      () => decode(tokenizer, createTokenGrid(1, 2, Int32Array.of(3, 32))),
      RangeError,
      "Cannot decode tokens at row 0, column 1: token must be -1 to 31, got 32",
    );
    await assertRejects(
      () => decode(tokenizer, createTokenGrid(8192, 8192, new Int32Array(1))),
      RangeError,
      "Cannot decode tokens: picture must have at most 268435456 pixels, got 32768x32768",
    );
  });
});

Deno.test("Tokenizer.run() serves many shapes at once, and after dispose()", async () => {
  await withTokenizer(async (tokenizer) => {
    const grids = Array.from({ length: 9 }, (_, i) => createRandomTokens(1 + i % 3, 1 + Math.floor(i / 3)));
    const together = await Promise.all(grids.map((grid) => decode(tokenizer, grid)));
    await tokenizer.dispose();
    for (const [i, grid] of grids.entries()) {
      assertEquals((await decode(tokenizer, grid)).data, together[i]?.data);
    }
  });
});
