import { assertEquals, assertStrictEquals } from "@std/assert";
import { createPicture, createTokenGrid } from "../../lib/core/mod.ts";

Deno.test("createPicture() is row-major, three channels a pixel, black unless given data", () => {
  const picture = createPicture(2, 3);
  picture.set(1, 2, 0, 255);
  assertEquals([picture.shape, picture.data.length, picture.data[15]], [[2, 3, 3], 18, 255]);
  const data = new Uint8Array(18).fill(7);
  assertStrictEquals(createPicture(2, 3, data).data, data);
});

Deno.test("createTokenGrid() is row-major, and unknown unless given data", () => {
  const tokens = createTokenGrid(2, 2);
  assertEquals(tokens.data, new Int32Array([-1, -1, -1, -1]));
  tokens.set(1, 0, 9);
  assertEquals([tokens.shape, tokens.data[2]], [[2, 2], 9]);
});
