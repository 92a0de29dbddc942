import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { createPicture, createUniform } from "../../lib/core/mod.ts";
import {
  createFolderSource,
  openPictureFolder,
  type PictureFolderOptions,
  sampleCrop,
} from "../../lib/data/picture_folder.ts";
import { FileError, writePicture } from "../../lib/media/mod.ts";

/** Files of a folder: text, or the sides of a picture whose red is its row and green its column. */
type Files = Readonly<Record<string, string | readonly [height: number, width: number]>>;

/** Runs `use` with a new folder of these files. */
async function withFiles(files: Files, use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, content] of Object.entries(files)) {
      const path = `${folder}/${name}`;
      await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
      if (typeof content === "string") await Deno.writeTextFile(path, content);
      else await writePicture(path, createCoordinates(...content));
    }
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function createCoordinates(height: number, width: number) {
  const picture = createPicture(height, width);
  for (let i = 0; i < height * width; i++) {
    picture.data.set([Math.floor(i / width), i % width, 7], i * 3);
  }
  return picture;
}

/** Checks that opening these files throws just this, with FOLDER for the folder. */
async function assertRefused(files: Files, kind: new () => Error, message: string): Promise<void> {
  await withFiles(files, async (folder) => {
    const error = await assertRejects(() => openPictureFolder(folder), kind);
    assertEquals(error.message.replaceAll(folder, "FOLDER"), message);
  });
}

Deno.test("openPictureFolder() finds pictures in folders too, with captions beside them", async () => {
  const files: Files = {
    "b.PNG.png": [2, 2],
    "a.png": [2, 2],
    "a.txt": "\ufeffa mountain \r\n",
    "deep/er/c.webp": [2, 2],
    "deep/er/c.txt": "a lake",
    ".hidden.png": "",
    "notes.md": "",
    "b.txt": "of nobody",
  };
  await withFiles(files, async (folder) => {
    const { entries } = await openPictureFolder(folder);
    assertEquals(entries.map(({ path, caption }) => [path.slice(folder.length + 1), caption]), [
      ["a.png", "a mountain"],
      ["b.PNG.png", undefined],
      ["deep/er/c.webp", "a lake"],
    ]);
  });
});

Deno.test("openPictureFolder() reads metadata.jsonl as Hugging Face's imagefolder has it", async () => {
  const metadata = '\ufeff{"file_name": "./a.png", "text": "山水", "more": 1}\r\n\n{"file_name":"sub/b.png"}';
  const files: Files = {
    "a.png": [2, 2],
    "sub/b.png": [2, 2],
    "a.txt": "not this",
    "metadata.jsonl": metadata,
  };
  await withFiles(files, async (folder) => {
    const { entries } = await openPictureFolder(folder);
    assertEquals(entries.map(({ caption }) => caption), ["山水", undefined]);
  });
});

Deno.test("openPictureFolder() names what is wrong with a folder", async () => {
  await assertRefused(
    { "readme.txt": "" },
    RangeError,
    "Cannot open picture folder at FOLDER: it must have a PNG, JPEG, WebP, GIF, TIFF or AVIF file, got none",
  );
  await assertRejects(
    () => openPictureFolder("/nowhere/at/all"),
    FileError,
    "Cannot open picture folder at /nowhere/at/all: file and folder must exist, got no such file or folder",
  );
  await withFiles({ "a.png": [1, 1] }, async (folder) => {
    await assertRejects(() => openPictureFolder(`${folder}/a.png`), FileError, "folder must be a folder");
  });
});

Deno.test("openPictureFolder() names the line of metadata.jsonl that is wrong", async () => {
  const where = "Cannot read captions at FOLDER/metadata.jsonl";
  const good = '{"file_name": "a.png", "text": "x"}\n';
  const cases: Readonly<Record<string, string>> = {
    [good + "{nope"]: `, line 2: line must be JSON, got "{nope"`,
    ['{"text": "x"}']: `, line 1: line must have file_name and text, both strings, got {"text": "x"}`,
    ['{"file_name":"a.png","text":3}']:
      `, line 1: line must have file_name and text, both strings, got {"file_name":"a.png","text":3}`,
    [good + '\n{"file_name": "c.png"}']: `, line 3: file_name must be a picture of the folder, got "c.png"`,
    [good + good]: `, line 2: file_name must be a new one, got "a.png"`,
    [good]: `: every picture must have a line, got none for b.png`,
  };
  for (const [metadata, message] of Object.entries(cases)) {
    const files: Files = { "a.png": [1, 1], "b.png": [1, 1], "metadata.jsonl": metadata };
    await assertRefused(files, SyntaxError, where + message);
  }
  for (const name of ["../a.png", "/etc/a.png", "x/../../a.png", "C:\\\\a.png", "..\\\\a.png"]) {
    await assertRefused(
      { "a.png": [1, 1], "metadata.jsonl": `{"file_name": "${name}", "text": ""}` },
      SyntaxError,
      `${where}, line 1: file_name must stay inside the folder, with slashes, got "${name}"`,
    );
  }
  await assertRefused(
    { "a.png": [1, 1], "a.txt": "x".repeat(10_001) },
    RangeError,
    "Cannot read captions at FOLDER/a.txt: text must have at most 10000 characters, got 10001",
  );
});

Deno.test("openPictureFolder() holds a fifth out by name, whatever else is in the folder", async () => {
  const names = Array.from({ length: 200 }, (_, i) => `picture ${i}.png`);
  const empty = (some: readonly string[]) => Object.fromEntries(some.map((name) => [name, ""]));
  const splitsOf = async (files: Files) => {
    const splits = new Map<string, string>();
    await withFiles(files, async (folder) => {
      for (const { path, split } of (await openPictureFolder(folder)).entries) {
        splits.set(path.slice(folder.length + 1), split);
      }
    });
    return splits;
  };
  const all = await splitsOf(empty(names)), some = await splitsOf(empty(names.slice(50, 90)));
  for (const [name, split] of some) assertEquals(all.get(name), split);
  const numHeldOut = [...all.values()].filter((split) => split === "validation").length;
  assert(numHeldOut > 23 && numHeldOut < 57, `${numHeldOut} of 200 held out`); // 40 +- 3 sigma
});

/** Crops of one picture of 60 x 90 pixels, whose caption is "wide". */
async function withOnePicture(
  options: PictureFolderOptions,
  use: (folder: Awaited<ReturnType<typeof openPictureFolder>>) => Promise<void>,
): Promise<void> {
  await withFiles({ "a.png": [60, 90], "a.txt": "wide" }, async (path) => {
    await use(await openPictureFolder(path, options));
  });
}

Deno.test("sampleCrop() cuts squares where it says, mirrored half of the time", async () => {
  await withOnePicture({}, async (folder) => {
    const uniform = createUniform(1);
    let numMirrored = 0;
    for (let i = 0; i < 60; i++) {
      // Half of 60 is below the size, so that crops are taken as they are.
      const crop = await sampleCrop(folder, uniform, { size: 40, scale: [0.5, 0.5] });
      assertEquals([crop.picture.shape, crop.caption, crop.fullHeight], [[40, 40, 3], "wide", 60]);
      assertEquals(crop.picture.get(0, 0, 0), crop.top);
      const step = crop.picture.get(0, 1, 1) - crop.picture.get(0, 0, 1);
      assertEquals(Math.abs(step), 1);
      if (step === -1) numMirrored++;
    }
    assert(numMirrored > 18 && numMirrored < 42, `${numMirrored} of 60 mirrored`); // 30 +- 3 sigma
  });
});

Deno.test("sampleCrop() draws every scale and place, and says where at the crop's scale", async () => {
  await withOnePicture({}, async (folder) => {
    const uniform = createUniform(2), seen: { height: number; top: number }[] = [];
    for (let i = 0; i < 80; i++) {
      const crop = await sampleCrop(folder, uniform, { size: 16, mirrored: 0 });
      const rowsPerPixel = 60 / crop.fullHeight;
      const middle = (crop.top + 8) * rowsPerPixel - 0.5;
      assert(Math.abs(crop.picture.get(8, 8, 0) - middle - rowsPerPixel / 2) <= 1);
      assert(crop.picture.get(8, 12, 1) > crop.picture.get(8, 4, 1));
      seen.push({ height: 16 * rowsPerPixel, top: crop.top * rowsPerPixel });
    }
    const heights = seen.map(({ height }) => height), tops = seen.map(({ top }) => top);
    assert(Math.min(...heights) < 27 && Math.min(...heights) >= 24 && Math.max(...heights) > 57);
    assert(Math.min(...tops) < 3 && Math.max(...tops) > 20);
  });
});

Deno.test("sampleCrop() gives the same crops for the same seed, with and without a cache", async () => {
  const files: Files = { "a.png": [30, 30], "b.png": [40, 20], "c.png": [20, 50], "d.png": [64, 64] };
  await withFiles(files, async (path) => {
    const draw = async (seed: number, cacheBytes: number) => {
      const source = createFolderSource(await openPictureFolder(path, { cacheBytes }));
      const uniform = createUniform(seed);
      const crops = await Promise.all(
        Array.from({ length: 12 }, () => source.sampleCrop(uniform, { size: 24 })),
      );
      return crops.map(({ picture }) => [...picture.data].join()).join();
    };
    const crops = await draw(3, 2 ** 20);
    for (const cacheBytes of [0, 3000]) assertEquals(await draw(3, cacheBytes), crops);
    assertNotEquals(await draw(4, 2 ** 20), crops);
  });
});

Deno.test("PictureFolder.read() keeps pictures up to its limit, and shrinks large ones", async () => {
  const files: Files = { "a.png": [30, 30], "b.png": [30, 30], "c.png": [30, 30], "d.png": [60, 30] };
  await withFiles(files, async (path) => {
    const folder = await openPictureFolder(path, { cacheBytes: 2 * 2700 });
    const [a, b, c] = folder.entries;
    assert(a && b && c);
    const first = await folder.read(a);
    await folder.read(b);
    assert(await folder.read(a) === first); // now b is the oldest
    await folder.read(c);
    assert(await folder.read(a) === first);
    const small = await openPictureFolder(path, { maxShortSide: 20 });
    const shapes = await Promise.all(small.entries.map(async (entry) => (await small.read(entry)).shape));
    assertEquals(shapes, [[20, 20, 3], [20, 20, 3], [20, 20, 3], [40, 20, 3]]);
  });
});

Deno.test("sampleCrop() takes all pictures where the split has none", async () => {
  await withOnePicture({}, async (folder) => {
    for (const split of ["train", "validation"] as const) {
      assertEquals((await sampleCrop(folder, createUniform(1), { size: 8, split })).caption, "wide");
    }
  });
});

Deno.test("sampleCrop() names an unreadable picture and refuses senseless options", async () => {
  await withFiles({ "broken.png": "no picture" }, async (path) => {
    const folder = await openPictureFolder(path);
    const sample = (options: Partial<Parameters<typeof sampleCrop>[2]>) => () =>
      sampleCrop(folder, createUniform(1), { size: 8, ...options });
    await assertRejects(sample({}), SyntaxError, `Cannot read picture at ${path}/broken.png`);
    await assertRejects(sample({ size: 0 }), RangeError, "size must be an integer from 1 to 8192, got 0");
    await assertRejects(
      sample({ scale: [0, 1] }),
      RangeError,
      "Cannot sample crop: scale must be two numbers with 0 < least <= most <= 1, got 0, 1",
    );
    await assertRejects(sample({ mirrored: NaN }), RangeError, "mirrored must be from 0 to 1, got NaN");
  });
});
