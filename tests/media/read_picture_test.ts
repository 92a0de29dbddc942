import { assert, assertEquals, assertLess, assertRejects, assertStringIncludes } from "@std/assert";
import { createUniform, encodePicture, FileError, readPicture } from "nuwa-infinity";
import sharp from "sharp";
import { createNoise, createPngHeader, createRamp, withFolder } from "./_fixtures.ts";

/** Writes `bytes` to a file and gives the error of reading it; fails if it can be read. */
async function errorOf(bytes: Uint8Array, name = "a.png"): Promise<Error> {
  let error = new Error("none");
  await withFolder(async (folder) => {
    const path = `${folder}/${name}`;
    await Deno.writeFile(path, bytes);
    error = await assertRejects(() => readPicture(path), Error);
    assertStringIncludes(error.message, `Cannot read picture at ${path}: `);
    assert(!error.message.includes("\n"), `one line: ${error.message}`);
  });
  return error;
}

Deno.test("readPicture() lays transparency over white, as red at alpha 128 must give 255, 127, 127", async () => {
  await withFolder(async (folder) => {
    const background = { r: 255, g: 0, b: 0, alpha: 128 / 255 };
    const bytes = await sharp({ create: { width: 2, height: 1, channels: 4, background } }).png().toBuffer();
    await Deno.writeFile(`${folder}/a.png`, bytes);
    const picture = await readPicture(`${folder}/a.png`);
    assertEquals(picture.shape, [1, 2, 3]);
    assertEquals([...picture.data], [255, 127, 127, 255, 127, 127]);
  });
});

Deno.test("readPicture() turns a picture upright by its EXIF tag", async () => {
  await withFolder(async (folder) => {
    // Orientation 6: the first row is the right-hand side, so a wide picture becomes a tall one.
    const raw = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255);
    const bytes = await sharp(raw, { raw: { width: 3, height: 1, channels: 3 } })
      .withMetadata({ orientation: 6 }).png().toBuffer();
    await Deno.writeFile(`${folder}/a.png`, bytes);
    const picture = await readPicture(`${folder}/a.png`);
    assertEquals(picture.shape, [3, 1, 3]);
    assertEquals([...picture.data], [...raw]);
  });
});

Deno.test("readPicture() gives three channels for grey, palette, 16-bit and CMYK pictures", async () => {
  const grey = { width: 2, height: 2, channels: 3, background: { r: 90, g: 90, b: 90 } } as const;
  const files = {
    "grey.png": sharp({ create: grey }).toColourspace("b-w").png(),
    "palette.png": sharp({ create: grey }).png({ palette: true }),
    "deep.png": sharp({ create: grey }).toColourspace("rgb16").png(),
    "cmyk.jpg": sharp({ create: grey }).toColourspace("cmyk").jpeg({ quality: 100 }),
  };
  await withFolder(async (folder) => {
    for (const [name, image] of Object.entries(files)) {
      await Deno.writeFile(`${folder}/${name}`, await image.toBuffer());
      const picture = await readPicture(`${folder}/${name}`);
      assertEquals(picture.shape, [2, 2, 3], name);
      const far = Math.max(...[...picture.data].map((value) => Math.abs(value - 90)));
      assertLess(far, name === "cmyk.jpg" ? 24 : 3, `${name}: ${picture.data}`);
    }
  });
});

Deno.test("readPicture() refuses a 50,000 x 50,000 header in a 1 kB file before decoding it", async () => {
  const bytes = createPngHeader(50_000, 50_000);
  assertLess(bytes.length, 1024);
  const error = await errorOf(bytes);
  assert(error instanceof RangeError);
  assertStringIncludes(error.message, "size must be at most 67108864 pixels, got 50000x50000");
});

Deno.test("readPicture() refuses what is no picture", async () => {
  const empty = await errorOf(new Uint8Array());
  assert(empty instanceof SyntaxError);
  assertStringIncludes(empty.message, "content must be a picture, got an empty file");
  assert(await errorOf(new TextEncoder().encode("no picture")) instanceof SyntaxError);
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"></svg>';
  assertStringIncludes((await errorOf(new TextEncoder().encode(svg))).message, "got svg");
});

Deno.test("readPicture() refuses a picture cut anywhere", async () => {
  for (const format of ["png", "jpeg", "webp"] as const) {
    const bytes = await encodePicture(createNoise(24, 24), format);
    for (const part of [0.02, 0.1, 0.3, 0.5, 0.7, 0.95]) {
      const error = await errorOf(bytes.slice(0, Math.floor(bytes.length * part)), `a.${format}`);
      assert(error instanceof SyntaxError, `${format} cut at ${part}: ${error}`);
    }
  }
});

Deno.test("readPicture() survives flipped bytes: a picture, or one of its own errors", async () => {
  const uniform = createUniform(3);
  await withFolder(async (folder) => {
    for (const format of ["png", "jpeg", "webp"] as const) {
      const bytes = await encodePicture(createRamp(16, 16), format);
      for (let trial = 0; trial < 60; trial++) {
        const broken = bytes.slice();
        for (let i = 0; i < 3; i++) {
          broken[Math.floor(uniform() * broken.length)] = Math.floor(uniform() * 256);
        }
        const path = `${folder}/a.${format}`;
        await Deno.writeFile(path, broken);
        try {
          assertEquals((await readPicture(path)).shape[2], 3);
        } catch (error) {
          assert(error instanceof SyntaxError || error instanceof RangeError, String(error));
          assertStringIncludes(error.message, "Cannot read picture at ");
        }
      }
    }
  });
});

Deno.test("readPicture() says what is wrong with the path", async () => {
  await withFolder(async (folder) => {
    const missing = await assertRejects(() => readPicture(`${folder}/no.png`), FileError);
    assertEquals(
      missing.message,
      `Cannot read picture at ${folder}/no.png: file and folder must exist, got no such file or folder`,
    );
    assertEquals(missing.path, `${folder}/no.png`);
    await assertRejects(() => readPicture(folder), FileError, "path must name a file, got a folder");
    await assertRejects(() => readPicture(`${folder}/a\0b.png`), FileError, "Cannot read picture at ");
  });
});
