import { assertEquals, assertRejects } from "@std/assert";
import { FileError } from "nuwa-infinity";
import { removeFilesAside } from "../../lib/media/mod.ts";
import { listFolder, withFolder } from "./_fixtures.ts";

Deno.test("removeFilesAside() removes what a kill left half-written, and nothing else", async () => {
  await withFolder(async (folder) => {
    const own = [".a.png.0123abcd.tmp", ".checkpoint.safetensors.ffffffff.tmp"];
    const others = [".hidden", "a.png", "a.png.0123abcd.tmp", ".a.tmp", ".b.0123abcg.tmp"];
    for (const name of [...own, ...others]) await Deno.writeTextFile(`${folder}/${name}`, "torn");
    await removeFilesAside(folder);
    assertEquals(listFolder(folder), others.sort());
    await assertRejects(
      () => removeFilesAside(`${folder}/none`),
      FileError,
      `Cannot clear folder at ${folder}/none: file and folder must exist`,
    );
  });
});
