import { assertEquals, assertLess, assertRejects, assertThrows } from "@std/assert";
import { createPicture, cropPicture, resizePicture } from "nuwa-infinity";
import { createNoise, createRamp } from "./_fixtures.ts";

Deno.test("cropPicture() copies the window", () => {
  const picture = createNoise(5, 6);
  const before = picture.data.slice();
  const part = cropPicture(picture, { x: 2, y: 1, width: 3, height: 4 });
  assertEquals(part.shape, [4, 3, 3]);
  assertEquals(part.get(3, 2, 1), picture.get(4, 4, 1));
  part.data.fill(0);
  const whole = cropPicture(picture, { x: 0, y: 0, width: 6, height: 5 });
  whole.data.fill(0);
  assertEquals(picture.data, before);
});

Deno.test("cropPicture() crops a view of a view", () => {
  const picture = createNoise(6, 6);
  const part = cropPicture(picture.transpose(1, 0, 2), { x: 1, y: 2, width: 2, height: 3 });
  assertEquals(part.get(2, 1, 0), picture.get(2, 4, 0));
});

Deno.test("cropPicture() refuses a window that sticks out", () => {
  const error = assertThrows(
    () => cropPicture(createPicture(4, 4), { x: 2, y: 0, width: 3, height: 4 }),
    RangeError,
  );
  assertEquals(error.message, "Cannot crop picture: window must lie inside 4x4, got 3x4+2+0");
});

Deno.test("resizePicture() keeps a ramp a ramp", async () => {
  const small = await resizePicture(createRamp(64, 64), { width: 16, height: 32 });
  assertEquals(small.shape, [32, 16, 3]);
  for (const x of [2, 8, 13]) assertLess(Math.abs(small.get(16, x, 0) - 255 * (x + 0.5) / 16), 4);
  await assertRejects(
    () => resizePicture(createRamp(2, 2), { width: 0, height: 1 }),
    RangeError,
    "Cannot resize picture: sides must be positive integers, got 0x1",
  );
});
