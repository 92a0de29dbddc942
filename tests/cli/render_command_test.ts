import { assertEquals, assertStringIncludes } from "@std/assert";
import { readPicture } from "nuwa-infinity";
import { describeWindow, HOURS, renderWindow, SEASONS } from "../../lib/data/mod.ts";
import { createRenderCommand } from "../../lib/cli/render_command.ts";
import { listFolder, withFolder } from "../media/_fixtures.ts";
import { assertBadInput, runTask } from "./_run_task.ts";

Deno.test("render writes exactly the window of the world, in windows that join", async () => {
  await withFolder(async (folder) => {
    const args = ["--seed", "3", "--x", "-100.4", "--size", "700x64", "--season", "winter", "--time", "2"];
    const { code, stdout, stderr } = await runTask("render", [
      ...args,
      "--out",
      `${folder}/a.png`,
      "--captions",
    ]);
    assertEquals([code, stderr], [0, ""]);
    assertStringIncludes(stdout, `${folder}/a.png: 700x64`);
    const world = { seed: 3, season: "winter" } as const;
    const window = { x: -100.4, width: 5600, scale: 1 / 8, time: 2 };
    const picture = await readPicture(`${folder}/a.png`);
    assertEquals(picture.shape, [64, 700, 3]);
    assertEquals(picture.data, renderWindow(world, window).data);
    assertEquals(await Deno.readTextFile(`${folder}/a.txt`), `${describeWindow(world, window).caption}\n`);
    assertEquals(listFolder(folder), ["a.png", "a.txt"]);
  });
});

Deno.test("render --json prints one object and nothing else", async () => {
  await withFolder(async (folder) => {
    const out = `${folder}/a.webp`;
    const { stdout } = await runTask("render", ["--size", "64x64", "--out", out, "--json"]);
    assertEquals(stdout.trimEnd().split("\n").length, 1);
    const figures = JSON.parse(stdout);
    assertEquals(Object.keys(figures), ["out", "width", "height", "seconds", "caption"]);
    assertEquals([figures.out, figures.width, figures.height], [out, 64, 64]);
  });
});

Deno.test("render refuses bad input before it works, and writes nothing", async () => {
  const invalid = " is invalid. ";
  const cases: readonly (readonly [args: readonly string[], message: string])[] = [
    [["--size", "0x512"], invalid],
    [["--size", "-5x512"], invalid],
    [["--size", "1000000x1000000"], invalid],
    [["--seed", "one"], invalid],
    [["--x", "1e300"], invalid],
    [["--season", "monsoon"], "Allowed choices are spring, summer, autumn, winter."],
    [["--hour", "noon"], "Allowed choices are day, dusk, night."],
    [["--size", "512x8"], "Cannot render window: scale must be between 1/16 and 16"],
  ];
  await withFolder(async (folder) => {
    for (const [args, message] of cases) {
      await assertBadInput("render", [...args, "--out", `${folder}/a.png`], message);
    }
    await assertBadInput("render", ["--out", `${folder}/no/a.png`], "file and folder must exist");
    await assertBadInput(
      "render",
      ["--out", `${folder}/a.bmp`],
      "extension must be .png, .jpg, .jpeg or .webp",
    );
    await assertBadInput("render", ["--out", folder], "extension must be");
    await assertBadInput(
      "render",
      ["--size", "20000x32", "--out", `${folder}/a.webp`],
      "at most 16383 for webp",
    );
    assertEquals(listFolder(folder), []);
  });
});

Deno.test("render offers the seasons and hours that the world has", () => {
  const choices = (flag: string) =>
    createRenderCommand().options.find(({ long }) => long === flag)?.argChoices;
  assertEquals(choices("--season"), [...SEASONS]);
  assertEquals(choices("--hour"), [...HOURS]);
});
