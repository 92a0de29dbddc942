import { assertEquals, assertThrows } from "@std/assert";
import { createPicture, createTensor, picturesToPixels, pixelsToPictures } from "../../lib/core/mod.ts";

Deno.test("picturesToPixels() puts channels first and maps 0..255 to -1..1", () => {
  const picture = createPicture(1, 2, Uint8Array.of(0, 51, 255, 255, 102, 0));
  const { shape, data } = picturesToPixels([picture]);
  assertEquals(shape, [1, 3, 1, 2]);
  assertEquals([...data], [-1, 1, 51 / 127.5 - 1, 102 / 127.5 - 1, 1, -1].map(Math.fround));
});

Deno.test("pixelsToPictures() is the inverse for every byte, and of views", () => {
  const pictures = [0, 1].map((b) =>
    createPicture(4, 64, Uint8Array.from({ length: 768 }, (_, i) => i * 5 + b))
  );
  assertEquals(
    pixelsToPictures(picturesToPixels(pictures)).map(({ data }) => data),
    pictures.map(({ data }) => data),
  );
  const [first] = pictures;
  const view = first?.lo(1, 2, 0).hi(2, 3, 3);
  assertEquals(pixelsToPictures(picturesToPixels(view ? [view] : []))[0]?.get(1, 2, 1), first?.get(2, 4, 1));
});

Deno.test("pixelsToPictures() rounds and clamps", () => {
  const pixels = createTensor([1, 3, 1, 1], Float32Array.of(-1.5, 7, 0.4 / 127.5));
  assertEquals([...pixelsToPictures(pixels)[0]?.data ?? []], [0, 255, 128]);
  assertEquals([...pixelsToPictures({ ...pixels, data: new Float32Array(3).fill(NaN) })[0]?.data ?? []], [
    0,
    0,
    0,
  ]);
});

Deno.test("picturesToPixels() and pixelsToPictures() refuse other shapes", () => {
  assertThrows(
    () => picturesToPixels([createPicture(2, 2), createPicture(2, 3)]),
    TypeError,
    "Cannot turn pictures into pixels: pictures must all have shape [2, 2, 3], got [2, 3, 3]",
  );
  assertThrows(
    () => picturesToPixels([]),
    TypeError,
    "Cannot turn pictures into pixels: pictures must have at least one pixel, got none",
  );
  assertThrows(
    () => pixelsToPictures(createTensor([3, 1, 1], new Float32Array(3))),
    TypeError,
    "Cannot turn pixels into pictures: pixels must have shape [B, 3, H, W], got [3, 1, 1]",
  );
});
