import { assertEquals, assertRejects } from "@std/assert";
import { createPicture, ndarray, picturesToPixels } from "../../lib/core/mod.ts";
import { initVqgan, receptiveHalo } from "../../lib/models/mod.ts";
import { createTokenizer, tokenize } from "../../lib/steps/mod.ts";
import { CONFIG, createNoise, withTokenizer } from "./_fixtures.ts";

Deno.test("tokenize() in tiles gives the tokens of the whole, for every size", async () => {
  await withTokenizer(async (tokenizer) => {
    const maxTile = 3 * receptiveHalo(CONFIG) + 2;
    for (const [H, W] of [[4 * 11, 4 * 40], [4 * 31, 4 * 24], [4 * 24, 4]] as const) {
      const picture = createNoise(H, W);
      const whole = await tokenizer.run("tokenize", picturesToPixels([picture]));
      const steps: string[] = [];
      const onProgress = (done: number, total: number) => steps.push(`${done}/${total}`);
      const tiled = await tokenize(tokenizer, picture, { maxTile, onProgress });
      assertEquals(tiled.shape, [H / 4, W / 4]);
      assertEquals(tiled.data, whole.data);
      assertEquals(steps.at(-1), `${steps.length}/${steps.length}`);
    }
  });
});

Deno.test("tokenize() repeats the last row and column where a side is not a multiple of f", async () => {
  await withTokenizer(async (tokenizer) => {
    for (const [H, W] of [[1, 1], [3, 17], [21, 4]] as const) {
      const picture = createNoise(H, W);
      const padded = createPicture(Math.ceil(H / 4) * 4, Math.ceil(W / 4) * 4);
      const [height = 0, width = 0] = padded.shape;
      for (let i = 0; i < padded.size; i++) {
        const y = Math.floor(i / (3 * width)), x = Math.floor(i / 3) % width;
        padded.data[i] = picture.get(Math.min(y, H - 1), Math.min(x, W - 1), i % 3);
      }
      const tokens = await tokenize(tokenizer, picture);
      assertEquals(tokens.shape, [height / 4, width / 4]);
      assertEquals(tokens.data, (await tokenize(tokenizer, padded)).data);
    }
  });
});

Deno.test("tokenize() reads views, and leaves the picture as it was", async () => {
  await withTokenizer(async (tokenizer) => {
    const picture = createNoise(12, 20), before = picture.data.slice();
    const mirrored = createNoise(12, 20);
    for (let i = 0; i < picture.size; i++) {
      const y = Math.floor(i / 60), x = Math.floor(i / 3) % 20;
      mirrored.data[i] = picture.get(y, 19 - x, i % 3);
    }
    const fromView = await tokenize(tokenizer, picture.step(1, -1, 1));
    assertEquals(fromView.data, (await tokenize(tokenizer, mirrored)).data);
    assertEquals(picture.data, before);
  });
});

Deno.test("tokenize() refuses what is not a picture, and absurd sizes", async () => {
  await withTokenizer(async (tokenizer) => {
    await assertRejects(
      () => tokenize(tokenizer, ndarray(new Uint8Array(16), [4, 4])),
      TypeError,
      "Cannot tokenize picture: picture must have shape [H, W, 3], got uint8[4, 4]",
    );
    await assertRejects(
      () => tokenize(tokenizer, createPicture(32768, 8193, new Uint8Array(3))),
      RangeError,
      "Cannot tokenize picture: picture must have at most 268435456 pixels, got 8193x32768",
    );
  });
});

Deno.test("Tokenizer.device is the one in use once something has run", async () => {
  const tokenizer = createTokenizer({ config: CONFIG, parameters: initVqgan(CONFIG, 5) });
  assertEquals(tokenizer.device, "auto");
  await tokenize(tokenizer, createNoise(8, 8));
  assertEquals(["cpu", "cuda"].includes(tokenizer.device), true);
  await tokenizer.dispose();
});
