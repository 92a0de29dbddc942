import { assertEquals, assertThrows } from "@std/assert";
import sharp from "sharp";
import { createPicture } from "../../lib/core/mod.ts";
import { addPngText, encodePicture, readPngText } from "../../lib/media/mod.ts";

const png = await encodePicture(createPicture(3, 5, new Uint8Array(45).fill(200)), "png");

Deno.test("addPngText() writes what libvips reads as a comment, and leaves the pixels", async () => {
  const text = "seed 7, 雪, \n a line";
  const marked = addPngText(png, "Comment", text);
  assertEquals(readPngText(marked, "Comment"), text);
  assertEquals((await sharp(marked).metadata()).comments, [{ keyword: "Comment", text }]);
  assertEquals(await sharp(marked).raw().toBuffer(), await sharp(png).raw().toBuffer());
});

Deno.test("addPngText() replaces a text of the same keyword and keeps the others", () => {
  const both = addPngText(addPngText(addPngText(png, "a", "1"), "b", "2"), "a", "3");
  assertEquals([readPngText(both, "a"), readPngText(both, "b"), readPngText(both, "c")], [
    "3",
    "2",
    undefined,
  ]);
  assertEquals(both.length, png.length + 2 * (12 + 7));
});

Deno.test("addPngText() refuses keywords that the format does not have, and files that are no PNG", () => {
  for (const keyword of ["", " a", "é", "x".repeat(80)]) {
    assertThrows(
      () => addPngText(png, keyword, ""),
      RangeError,
      "keyword must be 1 to 79 characters of ASCII",
    );
  }
  assertThrows(
    () => addPngText(new Uint8Array(20), "a", ""),
    SyntaxError,
    "Cannot add text to PNG: content must be PNG, got something else",
  );
});

Deno.test("readPngText() refuses a torn PNG and one with a flipped bit", () => {
  assertThrows(() => readPngText(png.subarray(0, -3), "a"), SyntaxError, "content must be a whole PNG");
  const flipped = png.map((byte, index) => index === 20 ? byte ^ 1 : byte);
  assertThrows(() => readPngText(flipped, "a"), SyntaxError, "another checksum at byte 8");
});
