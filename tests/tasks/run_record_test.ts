import { assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { createPicture, createTokenGrid } from "../../lib/core/mod.ts";
import { addPngText, encodePicture, readPicture, readPngText } from "../../lib/media/mod.ts";
import {
  decodeRunPicture,
  encodeRunPicture,
  hashRecord,
  loadRun,
  type RunRecord,
  saveRun,
} from "../../lib/tasks/mod.ts";
import { SAMPLING } from "../../lib/steps/mod.ts";

const RECORD: RunRecord = {
  settings: {
    width: 32,
    height: 16,
    text: "雪 river",
    seed: 5,
    order: "down-right",
    extent: { width: 2, height: 2, frames: 0 },
    sampling: SAMPLING,
    waves: true,
    lineage: [{ numDone: 1, seed: 4, sampling: SAMPLING }],
  },
  numDone: 1,
  tokens: createTokenGrid(2, 4, Int32Array.of(5, 6, -1, -1, 7, 1000, -1, -1)),
  weightsSha256: "abc",
};
const PICTURE = createPicture(16, 32, new Uint8Array(16 * 32 * 3).fill(9));

Deno.test("loadRun() gives back what saveRun() put into a PNG, whose pixels are untouched", async () => {
  const path = await Deno.makeTempFile({ suffix: ".png" });
  try {
    await saveRun(path, PICTURE, RECORD);
    const { sha256, tokens, ...loaded } = await loadRun(path);
    const { tokens: saved, ...record } = RECORD;
    assertEquals(loaded, record);
    assertEquals([tokens.shape, tokens.data], [saved.shape, saved.data]);
    assertEquals(sha256, hashRecord(RECORD));
    assertEquals((await readPicture(path)).data, PICTURE.data);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("hashRecord() is another for another seed, token or weights, the same for another order of fields", () => {
  const { settings } = RECORD;
  const { frames, height, width } = settings.extent;
  const same = { ...RECORD, settings: { ...settings, extent: { frames, height, width } } };
  assertEquals(hashRecord(same), hashRecord(RECORD));
  const tokens = createTokenGrid(2, 4, RECORD.tokens.data.map((id, i) => i === 1 ? 8 : id));
  for (const other of [{ settings: { ...settings, seed: 6 } }, { tokens }, { weightsSha256: "abd" }]) {
    assertNotEquals(hashRecord({ ...RECORD, ...other }), hashRecord(RECORD));
  }
});

Deno.test("decodeRunPicture() refuses a PNG without a run, of another version, changed or torn", async () => {
  const png = await encodeRunPicture(PICTURE, RECORD);
  const json = JSON.parse(readPngText(png, "nuwa-infinity run")!);
  const refuse = (bytes: Uint8Array, message: string) =>
    assertThrows(() => decodeRunPicture(bytes, "a.png"), SyntaxError, message);
  const withJson = (changes: object) =>
    addPngText(png, "nuwa-infinity run", JSON.stringify({ ...json, ...changes }));
  refuse(
    await encodePicture(PICTURE, "png"),
    "Cannot load run at a.png: file must be a PNG saved with its run, got a PNG without",
  );
  refuse(withJson({ version: 9 }), "Cannot load run at a.png: version must be 2, got 9");
  refuse(withJson({ numDone: 2 }), "Cannot load run at a.png: hash must be that of its content, got");
  refuse(withJson({ tokens: "AAAA" }), "tokens must fill 2 x 4, got torn bytes");
  refuse(withJson({ numDone: "x" }), "numDone must be as it was written");
  refuse(png.subarray(0, 60), "content must be a whole PNG");
  refuse(
    new TextEncoder().encode("GIF89a"),
    "Cannot load run at a.png: Cannot read text of PNG: content must be PNG",
  );
  await assertRejects(
    () => loadRun("/nowhere/a.png"),
    Error,
    "Cannot load run at /nowhere/a.png: file and folder",
  );
});
