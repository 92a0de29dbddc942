import { assertEquals, assertRejects } from "@std/assert";
import { createTokenGrid, FileError, readPicture, scheduleOrder } from "nuwa-infinity";
import { createGenerateCommand } from "../../lib/cli/generate_command.ts";
import { listFolder, withFolder } from "../media/_fixtures.ts";
import { capturePrinted, createFakeGenerate } from "./_fake_runner.ts";

/** Runs the command with a fake model; gives the requests and what was printed. */
async function run(args: readonly string[]) {
  const { generate, requests } = createFakeGenerate();
  const printed = await capturePrinted(() =>
    createGenerateCommand(generate).parseAsync(args, { from: "user" })
  );
  return { requests, printed };
}

Deno.test("generate asks for what the contract's defaults say", async () => {
  await withFolder(async (folder) => {
    const { requests, printed } = await run(["--out", `${folder}/a.png`]);
    assertEquals(requests, [{
      text: "snowy peaks above a river, night",
      size: { width: 1024, height: 512 },
      seed: 7,
      numSamples: 1,
      weights: "weights/handscroll",
      order: "auto",
      temperature: 1,
      topK: 0,
      topP: 1,
      guidance: 2,
      choiceTemperature: 100,
      device: "auto",
      precision: "float32",
      local: "ar",
      waves: true,
    }]);
    assertEquals(printed, `${folder}/a.png: 1024x512, 2.0 s, 50 tokens/s on cpu\n`);
    assertEquals((await readPicture(`${folder}/a.png`)).shape, [512, 1024, 3]);
  });
});

Deno.test("generate passes every option on", async () => {
  await withFolder(async (folder) => {
    const words =
      "--text pines --size 30x20 --seed 9 --weights W --order omega* --extent 2,3,0 --temperature .5 " +
      "--top-k 5 --top-p 0.9 --guidance 3 --device cpu --precision int4 --local p-nar --steps 4 --choice-temperature 4.5 --no-waves";
    const { requests } = await run([...words.split(" "), "--out", `${folder}/a.webp`]);
    assertEquals(requests, [{
      text: "pines",
      size: { width: 30, height: 20 },
      seed: 9,
      numSamples: 1,
      weights: "W",
      order: "down-left",
      extent: { width: 2, height: 3, frames: 0 },
      temperature: 0.5,
      topK: 5,
      topP: 0.9,
      guidance: 3,
      choiceTemperature: 4.5,
      device: "cpu",
      precision: "int4",
      local: "p-nar",
      steps: 4,
      waves: false,
    }]);
  });
});

Deno.test("generate --num-samples numbers the files and counts the seeds on", async () => {
  await withFolder(async (folder) => {
    const args = [
      "--num-samples",
      "3",
      "--size",
      "4x4",
      "--seed",
      "5",
      "--out",
      `${folder}/v1.2/a.png`,
      "--json",
    ];
    await Deno.mkdir(`${folder}/v1.2`);
    const { requests, printed } = await run(args);
    assertEquals(requests.map(({ seed, numSamples }) => [seed, numSamples]), [[5, 3]]); // all in one
    assertEquals(listFolder(`${folder}/v1.2`), ["a-1.png", "a-2.png", "a-3.png"]);
    assertEquals((await readPicture(`${folder}/v1.2/a-2.png`)).get(0, 0, 0), 6);
    const { samples, ...together } = JSON.parse(printed);
    assertEquals(samples.map(({ seed }: { seed: number }) => seed), [5, 6, 7]);
    assertEquals(together, { seconds: 6, tokens: 300, tokens_per_second: 50 });
  });
});

Deno.test("generate --json prints one object, with the SHA-256 of the pixels", async () => {
  await withFolder(async (folder) => {
    const { printed } = await run(["--size", "2x1", "--seed", "0", "--out", `${folder}/a.png`, "--json"]);
    const { text: _, ...figures } = JSON.parse(printed);
    assertEquals(figures, {
      out: `${folder}/a.png`,
      seed: 0,
      width: 2,
      height: 1,
      seconds: 2,
      tokens: 100,
      tokens_per_second: 50,
      device: "cpu",
      // printf '\0\0\0\0\0\0' | sha256sum
      sha256: "b0f66adc83641586656866813fd9dd0b8ebb63796075661ba45d1aa8089e1d44",
    });
  });
});

Deno.test("generate checks every path before it generates", async () => {
  await withFolder(async (folder) => {
    const { generate, requests } = createFakeGenerate();
    await Deno.mkdir(`${folder}/a-2.png`);
    const args = ["--num-samples", "2", "--size", "4x4", "--out", `${folder}/a.png`];
    await assertRejects(
      () => createGenerateCommand(generate).parseAsync(args, { from: "user" }),
      FileError,
      "path must name a file, got a folder",
    );
    assertEquals(requests, []);
    assertEquals(listFolder(folder), ["a-2.png"]);
  });
});

Deno.test("generate --player asks for the inside of pictures, and writes a page for each", async () => {
  await withFolder(async (folder) => {
    const { generate, requests } = createFakeGenerate();
    const plan = scheduleOrder({
      grid: { rows: 1, columns: 1, frames: 1 },
      order: "down-right",
      extent: { width: 1, height: 1, frames: 0 },
    });
    const run = { plan, tokens: createTokenGrid(1, 1), patchTokens: { width: 1, height: 1 }, patchPixels: 4 };
    const generateRuns: typeof generate = async function* (...asked) {
      for await (const made of generate(...asked)) yield { ...made, run };
    };
    const args = ["--num-samples", "2", "--size", "4x4", "--text", "pines", "--out", `${folder}/a.webp`];
    await capturePrinted(() =>
      createGenerateCommand(generateRuns).parseAsync([...args, "--player", `${folder}/p.html`], {
        from: "user",
      })
    );
    assertEquals(requests.map(({ inspects }) => inspects), [true]);
    assertEquals(listFolder(folder), ["a-1.webp", "a-2.webp", "p-1.html", "p-2.html"]);
    assertEquals((await Deno.readTextFile(`${folder}/p-2.html`)).includes("<h1>pines</h1>"), true);
    await assertRejects(
      () =>
        createGenerateCommand(generateRuns).parseAsync([...args, "--player", `${folder}/none/p.html`], {
          from: "user",
        }),
      FileError,
      "file and folder must exist",
    );
    assertEquals(requests.length, 1);
  });
});
