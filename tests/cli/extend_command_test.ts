import { assertEquals, assertRejects } from "@std/assert";
import { FileError, readPicture, writePicture } from "nuwa-infinity";
import { createExtendCommand } from "../../lib/cli/extend_command.ts";
import type { ExtendRequest } from "../../lib/cli/runners.ts";
import { createRamp, listFolder, withFolder } from "../media/_fixtures.ts";
import { capturePrinted } from "./_fake_runner.ts";

/** Runs the command with a fake model; gives the requests and what was printed. */
async function run(args: readonly string[]) {
  const requests: ExtendRequest[] = [];
  const command = createExtendCommand((request) => {
    requests.push(request);
    const [H = 0, W = 0] = request.picture.shape;
    const picture = createRamp(H + request.top + request.bottom, W + request.left + request.right);
    return Promise.resolve({
      picture,
      figures: { seconds: 2, tokens_per_second: 50, device: "cpu", warnings: [] },
    });
  });
  const printed = await capturePrinted(() => command.parseAsync(args, { from: "user" }));
  return { requests, printed };
}

Deno.test("extend reads the picture, asks for the sides and writes the result", async () => {
  await withFolder(async (folder) => {
    await writePicture(`${folder}/a.png`, createRamp(32, 48));
    const args = [`${folder}/a.png`, "--right", "40", "--top", "8", "--out", `${folder}/b.png`];
    const { requests, printed } = await run(args);
    assertEquals(printed, `${folder}/b.png: 88x40, 2.0 s, 50 tokens/s on cpu\n`);
    assertEquals((await readPicture(`${folder}/b.png`)).shape, [40, 88, 3]);
    const [{ picture, ...request } = { picture: undefined }] = requests;
    assertEquals(picture?.shape, [32, 48, 3]);
    assertEquals(request, {
      left: 0,
      top: 8,
      right: 40,
      bottom: 0,
      text: "",
      seed: 7,
      temperature: 1,
      topK: 0,
      topP: 1,
      guidance: 2,
      choiceTemperature: 100,
      local: "ar",
      weights: "weights/handscroll",
      device: "auto",
      precision: "float32",
      waves: true,
    });
    const json = JSON.parse((await run([...args, "--json", "--text", "snow"])).printed);
    assertEquals([json.width, json.height, json.text, json.device], [88, 40, "snow", "cpu"]);
  });
});

Deno.test("extend refuses to add nothing, and pictures that are not there or cannot be written", async () => {
  await withFolder(async (folder) => {
    await writePicture(`${folder}/a.png`, createRamp(8, 8));
    await assertRejects(() => run([`${folder}/a.png`]), RangeError, "must be above 0, got none");
    await assertRejects(() => run([`${folder}/no.png`, "--left", "9"]), FileError, "Cannot read picture at ");
    const out = `${folder}/no/b.png`;
    await assertRejects(
      () => run([`${folder}/a.png`, "--left", "9", "--out", out]),
      FileError,
      "must exist",
    );
    assertEquals(listFolder(folder), ["a.png"]);
  });
});
