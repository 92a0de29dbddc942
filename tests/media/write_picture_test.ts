import { assert, assertEquals, assertLess, assertRejects, assertThrows } from "@std/assert";
import {
  createPicture,
  FileError,
  pictureFormatOf,
  readPicture,
  writeFileAside,
  writePicture,
} from "nuwa-infinity";
import { createNoise, createRamp, listFolder, withFolder } from "./_fixtures.ts";

Deno.test("writePicture() then readPicture() is exact for PNG", async () => {
  await withFolder(async (folder) => {
    const picture = createNoise(7, 5);
    await writePicture(`${folder}/a.png`, picture);
    const back = await readPicture(`${folder}/a.png`);
    assertEquals(back.shape, [7, 5, 3]);
    assertEquals(back.data, picture.data);
  });
});

Deno.test("writePicture() then readPicture() stays near for JPEG and WebP", async () => {
  await withFolder(async (folder) => {
    const picture = createRamp(32, 48);
    for (const name of ["a.jpg", "a.JPEG", "a.webp"]) {
      await writePicture(`${folder}/${name}`, picture);
      const { data } = await readPicture(`${folder}/${name}`);
      const mean = picture.data.reduce((sum, value, i) => sum + Math.abs(value - (data[i] ?? 0)), 0) /
        data.length;
      assertLess(mean, 3, name);
    }
  });
});

Deno.test("writePicture() takes views with any strides and leaves them alone", async () => {
  await withFolder(async (folder) => {
    const picture = createNoise(4, 6);
    const before = picture.data.slice();
    await writePicture(`${folder}/a.png`, picture.step(-1, 2, 1));
    const back = await readPicture(`${folder}/a.png`);
    assertEquals(back.shape, [4, 3, 3]);
    assertEquals(back.get(0, 1, 2), picture.get(3, 2, 2));
    assertEquals(picture.data, before);
  });
});

Deno.test("writePicture() replaces a file and leaves nothing beside it", async () => {
  await withFolder(async (folder) => {
    await writePicture(`${folder}/a.png`, createNoise(2, 2));
    await writePicture(`${folder}/a.png`, createNoise(3, 3));
    assertEquals((await readPicture(`${folder}/a.png`)).shape, [3, 3, 3]);
    assertEquals(listFolder(folder), ["a.png"]);
  });
});

Deno.test("writePicture() refuses what it cannot write, and leaves nothing behind", async () => {
  await withFolder(async (folder) => {
    const picture = createNoise(2, 2);
    const missing = await assertRejects(() => writePicture(`${folder}/no/a.png`, picture), FileError);
    assertEquals(
      missing.message,
      `Cannot write file at ${folder}/no/a.png: file and folder must exist, got no such file or folder`,
    );
    await assertRejects(() => writePicture(`${folder}/a.bmp`, picture), RangeError, "got .bmp");
    await assertRejects(() => writePicture("/dev/null.png/a.png", picture), FileError);
    const flat = picture.pick(null, null, 0);
    await assertRejects(
      () => writePicture(`${folder}/a.png`, flat),
      TypeError,
      "Cannot encode picture: picture must have shape [H, W, 3], got uint8[2,2]",
    );
    const wide = createPicture(1, 20_000);
    await assertRejects(() => writePicture(`${folder}/a.webp`, wide), RangeError, "at most 16383 for webp");
    assertEquals(listFolder(folder), []);
  });
});

Deno.test("writeFileAside() never replaces a folder or a device", async () => {
  await withFolder(async (folder) => {
    await assertRejects(() => writeFileAside(folder, "text"), FileError, "got a folder");
  });
  await assertRejects(() => writeFileAside("/dev/null", "text"), FileError, "Cannot write file at /dev/null");
});

Deno.test("writeFileAside() keeps the old file and leaves nothing when there is no room", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a.bin`, "old");
    // A limit of one block on what a process may write stands in for a full disk.
    const code = `import { writeFileAside } from "${new URL("../../lib/media/mod.ts", import.meta.url)}";
      await writeFileAside("${folder}/a.bin", new Uint8Array(1 << 20)).catch((e) => console.log(e.message));`;
    await Deno.writeTextFile(`${folder}/run.ts`, code);
    const config = new URL("../offline/deno.json", import.meta.url).pathname;
    const run = `trap '' XFSZ; ulimit -f 64; exec "$0" run -q --no-check --config "$1" -RWE --allow-ffi "$2"`;
    const { stdout, stderr } = await new Deno.Command("bash", {
      args: ["-c", run, Deno.execPath(), config, `${folder}/run.ts`],
    }).output();
    const printed = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assert(printed.startsWith(`Cannot write file at ${folder}/a.bin: file must fit`), printed);
    assertEquals(listFolder(folder), ["a.bin", "run.ts"]);
    assertEquals(await Deno.readTextFile(`${folder}/a.bin`), "old");
  });
});

Deno.test("pictureFormatOf() goes by the last extension", () => {
  assertEquals(pictureFormatOf("a.png/b.v2.JPG"), "jpeg");
  const error = assertThrows(() => pictureFormatOf("a.png/b"), RangeError);
  assertEquals(
    error.message,
    "Cannot write picture at a.png/b: extension must be .png, .jpg, .jpeg or .webp, got none",
  );
});
