import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import sharp from "sharp";
import { createPicture } from "../../lib/core/mod.ts";
import { encodeClip, writeClip } from "../../lib/media/mod.ts";

const RED = [255, 0, 0], BLUE = [0, 0, 255];

function plain(colour: readonly number[], height = 8, width = 12) {
  return createPicture(
    height,
    width,
    Uint8Array.from({ length: height * width * 3 }, (_, i) => colour[i % 3] ?? 0),
  );
}

for (const format of ["webp", "gif"] as const) {
  Deno.test(`encodeClip() makes ${format} of as many pages as frames, in order and in time`, async () => {
    const bytes = await encodeClip([plain(RED), plain(BLUE), plain(RED)], { framesPerSecond: 5, format });
    const { pages, pageHeight, width, delay, loop } = await sharp(bytes, { animated: true }).metadata();
    assertEquals({ pages, pageHeight, width, delay, loop }, {
      pages: 3,
      pageHeight: 8,
      width: 12,
      delay: [200, 200, 200],
      loop: 0,
    });
    const second = await sharp(bytes, { page: 1 }).removeAlpha().raw().toBuffer();
    BLUE.forEach((value, channel) => assertAlmostEquals(second[channel] ?? NaN, value, 8)); // lossy
  });
}

Deno.test("encodeClip() refuses what is no clip", async () => {
  await assertRejects(
    () => encodeClip([]),
    RangeError,
    "Cannot encode clip: frames must number at least 1, got 0",
  );
  await assertRejects(
    () => encodeClip([plain(RED), plain(RED, 4)]),
    TypeError,
    "Cannot encode clip: frame 1 must be of the first one's shape [8,12,3], got [4,12,3]",
  );
  for (const framesPerSecond of [0, 51, NaN]) {
    await assertRejects(
      () => encodeClip([plain(RED)], { framesPerSecond }),
      RangeError,
      `Cannot encode clip: framesPerSecond must be from 1 to 50, got ${framesPerSecond}`,
    );
  }
});

Deno.test("writeClip() goes by the extension", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await writeClip(`${folder}/a.GIF`, [plain(RED), plain(BLUE)]);
    assertEquals((await sharp(`${folder}/a.GIF`, { animated: true }).metadata()).format, "gif");
    await assertRejects(
      () => writeClip(`${folder}/a.mp4`, [plain(RED)]),
      RangeError,
      `Cannot write clip at ${folder}/a.mp4: extension must be .webp or .gif`,
    );
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["a.GIF"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
