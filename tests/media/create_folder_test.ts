import { assertEquals, assertRejects } from "@std/assert";
import { createFolder, FileError } from "nuwa-infinity";
import { listFolder, withFolder } from "./_fixtures.ts";

Deno.test("createFolder() creates one folder, or finds it there", async () => {
  await withFolder(async (folder) => {
    await createFolder(`${folder}/a`);
    await createFolder(`${folder}/a`);
    assertEquals(listFolder(folder), ["a"]);
    await Deno.writeTextFile(`${folder}/b`, "");
    const error = await assertRejects(() => createFolder(`${folder}/b`), FileError);
    assertEquals(
      error.message,
      `Cannot create folder at ${folder}/b: path must name a folder, got a file`,
    );
    await assertRejects(() => createFolder(`${folder}/c/d`), FileError, "file and folder must exist");
  });
});
