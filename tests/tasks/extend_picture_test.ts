import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import {
  createPicture,
  createTokenGrid,
  createUniform,
  patchIndex,
  type Picture,
  type TokenGrid,
} from "../../lib/core/mod.ts";
import { createTokenizer, decode, tokenize } from "../../lib/steps/mod.ts";
import { extendPicture, type ExtendPictureOptions, generate, plan } from "../../lib/tasks/mod.ts";
import { createModel, generateAtOnce, OPTIONS } from "./_fixtures.ts";

const model = createModel(); // patches of 2 x 2 tokens of 8 pixels, extent 2, 2, 0
const SIDE = 16;

async function extend(options: ExtendPictureOptions) {
  const steps = extendPicture(model, { device: "cpu", seed: 5, text: "snow river", ...options });
  for (;;) {
    const next = await steps.next();
    if (next.done) return next.value;
  }
}

/** A picture of noise. */
function createNoise(height: number, width: number): Picture {
  const uniform = createUniform(9);
  const data = Uint8Array.from({ length: height * width * 3 }, () => 256 * uniform());
  return createPicture(height, width, data);
}

/** Only the patches of some columns and rows, -1 elsewhere. */
function cutTokens(tokens: TokenGrid, isKept: (row: number, column: number) => boolean): TokenGrid {
  const [h = 0, w = 0] = tokens.shape;
  const cut = createTokenGrid(h, w);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) if (isKept(y >> 1, x >> 1)) cut.set(y, x, tokens.get(y, x));
  }
  return cut;
}

/** What the tokenizer makes of a picture. */
async function reconstruct(picture: Picture) {
  const { config, parameters } = model;
  const tokenizer = createTokenizer({
    config: config.tokenizer,
    parameters: parameters.tokenizer,
    device: "cpu",
  });
  const tokens = await tokenize(tokenizer, picture);
  const decoded = await decode(tokenizer, tokens);
  await tokenizer.dispose();
  return { tokens, picture: decoded };
}

Deno.test("generate() goes on from the first patches of its picture as if it had never stopped", async () => {
  for (
    const [order, waves, isKept] of [
      ["down-right", true, (_: number, column: number) => column < 2],
      ["down-right", false, (_: number, column: number) => column < 2],
      ["down-left", true, (_: number, column: number) => column > 2],
      ["right-down", true, (row: number) => row < 1],
      ["right-up", true, (row: number) => row > 0],
    ] as const
  ) {
    const options = { ...OPTIONS, order, waves };
    const whole = await generateAtOnce(model, options);
    const known = cutTokens(whole.tokens, isKept);
    const extended = await generateAtOnce(model, { ...options, known });
    assertEquals(extended.tokens.data, whole.tokens.data, order);
    assertEquals(extended.picture.data, whole.picture.data, order);
    assertEquals(extended.plan, { ...whole.plan, warnings: [] });
    assertEquals(extended.poolPeakPatches, whole.poolPeakPatches);
    if (!waves) continue;
    const reseeded = await generateAtOnce(model, { ...options, seed: 6, known });
    assertNotEquals(reseeded.tokens.data, whole.tokens.data);
  }
});

Deno.test("generate() leaves known patches as they are, and they decide what comes after", async () => {
  const isKept = (row: number, column: number) => row === 1 && column > 0 && column < 3;
  const isNew = (row: number, column: number) => !isKept(row, column);
  for (const order of ["outward", "random"]) {
    const drawn = [];
    for (const code of [7, 8]) {
      const known = cutTokens(createTokenGrid(6, 8, new Int32Array(48).fill(code)), isKept);
      const { tokens } = await generateAtOnce(model, { ...OPTIONS, order, known });
      assertEquals(cutTokens(tokens, isKept).data, known.data);
      assert(tokens.data.every((id) => id >= 0));
      drawn.push(cutTokens(tokens, isNew).data);
    }
    assertNotEquals(drawn[0], drawn[1], order);
  }
});

Deno.test("plan() counts a patch as known if all its tokens are", () => {
  const known = createTokenGrid(6, 8, new Int32Array(48).fill(7));
  known.set(0, 1, -1);
  const { numKnown, numTokens, numRuns, plan: { steps } } = plan(model, { ...OPTIONS, known });
  assertEquals({ numKnown, numTokens, numRuns }, { numKnown: 11, numTokens: 4, numRuns: 1 });
  assertEquals(steps.at(-1)?.position, { frame: 0, row: 0, column: 0 });
});

Deno.test("generate() takes known patches first, and does not pool those that nothing to come can see", async () => {
  // 1 x 12 patches: the last to be drawn sees 2 to its right, and nothing those see lies further right.
  const size = { ...OPTIONS, width: 12 * SIDE, height: SIDE };
  const known = cutTokens(
    createTokenGrid(2, 24, new Int32Array(48).fill(3)),
    (_, column) => column > 0,
  );
  const last = { frame: 0, row: 0, column: 0 };
  const rightwards = { ...size, order: [last], known }; // known ones in the sequence of down-right
  const pools: number[] = [];
  for await (const { pool, filled } of generate(model, { ...rightwards, waves: false })) {
    pools.push(pool.patches.size);
    assertEquals(filled.length, 1);
  }
  assertEquals(pools, [1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0]);
  const leftwards = plan(model, { ...size, order: "down-left", known });
  const columns = leftwards.plan.steps.map(({ position }) => position.column);
  assertEquals(columns.join(), "11,10,9,8,7,6,5,4,3,2,1,0");
  assert(plan(model, rightwards).flops < leftwards.flops / 2, "2 of 11 known patches are pooled");
});

Deno.test("generate() refuses known tokens of another canvas, and what is no code", () => {
  assertThrows(
    () => plan(model, { ...OPTIONS, known: createTokenGrid(6, 6) }),
    TypeError,
    "Cannot generate picture: known must have shape [6, 8], as the canvas, got [6, 6]",
  );
  assertThrows(
    () => plan(model, { ...OPTIONS, known: createTokenGrid(6, 8, new Int32Array(48).fill(9999)) }),
    RangeError,
    "known must hold codes below 64, or -1 where nothing is known, got 9999",
  );
});

Deno.test("extendPicture() puts the picture's codes on the canvas and generates on all four sides", async () => {
  const picture = createNoise(2 * SIDE, 3 * SIDE);
  const { tokens: codes } = await reconstruct(picture);
  const growth = { left: 20, top: 16, right: 3, bottom: 30 };
  const { tokens, kept, plan: { grid, steps, orderName }, ...extended } = await extend({
    picture,
    ...growth,
  });
  assertEquals(extended.picture.shape, [16 + 32 + 30, 20 + 48 + 3, 3]);
  assertEquals(kept, { x: 20, y: 16, width: 48, height: 32 });
  assertEquals(grid, { rows: 1 + 2 + 2, columns: 2 + 3 + 1, frames: 1 });
  assertEquals(orderName, "outward");
  assertEquals(extended.warnings, []);
  const place = tokens.lo(2, 4).hi(4, 6);
  assertEquals(Array.from({ length: 24 }, (_, i) => place.get(Math.floor(i / 6), i % 6)), [...codes.data]);
  assert([...tokens.data].every((id) => id >= 0));
  const first = new Set(steps.slice(0, 6).map(({ position }) => patchIndex(grid, position)));
  assertEquals([...first].toSorted((a, b) => a - b), [8, 9, 10, 14, 15, 16]);
});

Deno.test("extendPicture() grows each side by strips that begin at the picture", async () => {
  const picture = createNoise(2 * SIDE, 2 * SIDE);
  for (
    const [side, order] of [
      ["left", "down-left"],
      ["top", "right-up"],
      ["right", "down-right"],
      ["bottom", "right-down"],
    ] as const
  ) {
    const { plan, picture: result, kept } = await extend({ picture, [side]: 2 * SIDE });
    assertEquals(plan.orderName, order);
    const isWide = side === "left" || side === "right";
    assertEquals(result.shape, isWide ? [32, 64, 3] : [64, 32, 3]);
    assertEquals(kept, { x: side === "left" ? 32 : 0, y: side === "top" ? 32 : 0, width: 32, height: 32 });
    const { row, column } = plan.steps[4]?.position ?? {};
    assertEquals({ left: column === 1, top: row === 1, right: column === 2, bottom: row === 2 }[side], true);
  }
});

Deno.test("extendPicture() by nothing gives what the tokenizer keeps of the picture", async () => {
  const picture = createNoise(3 * SIDE, 2 * SIDE);
  const expected = await reconstruct(picture);
  const { tokens, picture: same, kept } = await extend({ picture });
  assertEquals(tokens.data, expected.tokens.data);
  assertEquals(same.data, expected.picture.data);
  assertEquals(kept, { x: 0, y: 0, width: 32, height: 48 });
});

Deno.test("extendPicture() cuts a picture to whole patches only where it grows, and says so", async () => {
  const { picture, kept, warnings, tokens } = await extend({ picture: createNoise(37, 45), right: 9 });
  assertEquals(picture.shape, [37, 54, 3]);
  assertEquals(kept, { x: 0, y: 0, width: 32, height: 37 });
  assertEquals(tokens.shape, [6, 8]);
  assertEquals(warnings, ["the last 13 pixels at the right fill no whole patch and are generated anew"]);
});

Deno.test("extendPicture() refuses pictures below a patch and sides that make no sense", async () => {
  await assertRejects(
    () => extend({ picture: createNoise(15, 40), right: 16 }),
    RangeError,
    "Cannot extend picture: picture must be at least 16x16, a patch, got 40x15",
  );
  for (const left of [-1, 1.5, NaN]) {
    await assertRejects(
      () => extend({ picture: createNoise(16, 16), left }),
      RangeError,
      `Cannot extend picture: left must be an integer >= 0, got ${left}`,
    );
  }
  await assertRejects(
    () => extend({ picture: createNoise(16, 16), right: 1e12 }),
    RangeError,
    "size must be at most",
  );
});
