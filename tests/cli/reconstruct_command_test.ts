import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { FileError, readPicture, writePicture } from "nuwa-infinity";
import { createReconstructCommand } from "../../lib/cli/reconstruct_command.ts";
import type { ReconstructRequest } from "../../lib/cli/runners.ts";
import { createRamp, withFolder } from "../media/_fixtures.ts";
import { capturePrinted } from "./_fake_runner.ts";

/** A tokenizer that loses the lowest bit. */
function reconstruct({ picture }: ReconstructRequest) {
  const coarse = createRamp(picture.shape[0] ?? 0, picture.shape[1] ?? 0);
  coarse.data.set(picture.data.map((value) => value & 254));
  return Promise.resolve({ picture: coarse, figures: { codes_used: 3, codebook_size: 8 } });
}

function run(args: readonly string[]): Promise<string> {
  return capturePrinted(() => createReconstructCommand(reconstruct).parseAsync(args, { from: "user" }));
}

Deno.test("reconstruct prints PSNR, SSIM and codes used", async () => {
  await withFolder(async (folder) => {
    await writePicture(`${folder}/a.png`, createRamp(32, 48));
    const printed = await run([`${folder}/a.png`, "--out", `${folder}/b.png`]);
    assertMatch(printed, /b\.png: 48x32, PSNR 5\d\.\d\d dB, SSIM 0\.9\d{3}, 3 of 8 codes used\n$/);
    assertEquals((await readPicture(`${folder}/b.png`)).get(0, 10, 0) % 2, 0);
    const json = JSON.parse(await run([`${folder}/a.png`, "--out", `${folder}/b.png`, "--json"]));
    assertEquals(Object.keys(json), [
      "out",
      "width",
      "height",
      "psnr",
      "ssim",
      "codes_used",
      "codebook_size",
    ]);
  });
});

Deno.test("reconstruct refuses a picture that is not there or cannot be written", async () => {
  await withFolder(async (folder) => {
    await assertRejects(() => run([`${folder}/no.png`]), FileError, "Cannot read picture at ");
    await writePicture(`${folder}/a.png`, createRamp(8, 8));
    await assertRejects(
      () => run([`${folder}/a.png`, "--out", `${folder}/no/b.png`]),
      FileError,
      "must exist",
    );
  });
});
