import { assertEquals, assertStringIncludes } from "@std/assert";
import { loadWeights, readPicture } from "nuwa-infinity";
import { listFolder, withFolder } from "../media/_fixtures.ts";
import { assertBadInput, runTask } from "./_run_task.ts";

const STEPS = { batchSize: 1, numSteps: 3, learningRate: 0.001, warmupSteps: 1, numScrolls: 1 };
const TOKENIZER = {
  ...STEPS,
  cropSize: 32,
  model: {
    stem: 4,
    channels: [16, 24],
    numBlocks: { encoder: 1, decoder: 1 },
    codebookSize: 64,
    codeDim: 8,
  },
};
const TRANSFORMER = {
  ...STEPS,
  canvasPatches: 2,
  tokenizer: "tokenizer",
  text: { maxLength: 8, embedDim: 16, numLayers: 1, numHeads: 2 },
  model: {
    numLayers: 1,
    embedDim: 16,
    numHeads: 2,
    patchTokens: { height: 2, width: 2 },
    extent: { width: 1, height: 1, frames: 0 },
    offsetEmbedding: "vector",
    tokenEmbedding: "learned",
    neighbourEmbedding: true,
    maskEmbedding: true,
    rowBands: 4,
    layerScale: 0.1,
  },
};

/** Runs a task that must succeed, on the CPU; gives what it printed. */
async function run(task: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runTask(task, [...args, "--device", "cpu"]);
  if (code !== 0) throw new Error(`${task} ${args.join(" ")}: ${stderr}`);
  return stdout;
}

Deno.test("train, resume, reconstruct and generate work one after the other", async (t) => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a.json`, JSON.stringify(TOKENIZER));
    await Deno.writeTextFile(`${folder}/b.json`, JSON.stringify(TRANSFORMER));
    const tokenizer = `${folder}/tokenizer`, model = `${folder}/model`;
    await t.step("train tokenizer leaves weights, a checkpoint and the curve", async () => {
      await run("train", ["tokenizer", "--config", `${folder}/a.json`, "--out", tokenizer]);
      const files = [
        "README.md",
        "checkpoint.safetensors",
        "config.json",
        "losses.jsonl",
        "model.safetensors",
      ];
      assertEquals(listFolder(tokenizer), files);
      assertEquals((await Deno.readTextFile(`${tokenizer}/losses.jsonl`)).trim().split("\n").length, 3);
    });
    await t.step("train transformer stops in time and goes on", async () => {
      const args = ["transformer", "--config", `${folder}/b.json`, "--out", model];
      assertStringIncludes(await run("train", [...args, "--minutes", "0"]), "steps: 1\n");
      assertStringIncludes(await run("train", [...args, "--resume"]), "steps: 3\n");
      assertEquals(Object.keys((await loadWeights(model)).config), [
        "tokenizer",
        "text",
        "vocabulary",
        "transformer",
      ]);
    });
    await t.step("generate makes a picture of the size asked for, from unknown words too", async () => {
      const out = `${folder}/g.png`;
      const printed = await run("generate", [
        ...["--weights", model, "--text", "a river of zeppelins", "--size", "50x40", "--out", out, "--json"],
      ]);
      const figures = JSON.parse(printed);
      assertEquals((await readPicture(out)).shape, [40, 50, 3]);
      // Patches of 2 x 2 tokens of 8 pixels: 4 x 3 of them cover 50 x 40 pixels.
      assertEquals([figures.patches, figures.patch_pixels, figures.tokens], [12, 16, 48]);
      assertEquals(figures.warnings, ["words that the model does not know: zeppelins"]);
      const again = JSON.parse(
        await run("generate", [
          ...[
            "--weights",
            model,
            "--text",
            "a river of zeppelins",
            "--size",
            "50x40",
            "--out",
            out,
            "--json",
          ],
          "--no-waves",
        ]),
      );
      assertEquals(again.sha256, figures.sha256, "one by one in another process");
    });
    await t.step("reconstruct gives back a picture of the same size", async () => {
      const out = `${folder}/r.png`;
      const printed = await run("reconstruct", [`${folder}/g.png`, "--weights", tokenizer, "--out", out]);
      assertStringIncludes(printed, "r.png: 50x40, PSNR ");
      assertEquals((await readPicture(out)).shape, [40, 50, 3]);
    });
    await t.step("bad weights are refused, and nothing is written", async () => {
      const before = listFolder(folder);
      const generate = (
        weights: string,
      ) => ["--weights", weights, "--out", `${folder}/no.png`, "--size", "32x32"];
      await assertBadInput("generate", generate(`${folder}/none`), "config.json: file and folder must exist");
      await assertBadInput("generate", generate(tokenizer), "model must have a transformer");
      await assertBadInput(
        "generate",
        [...generate(model), "--extent", "9,9,0"],
        "as the weights have learned",
      );
      const file = `${model}/model.safetensors`;
      const bytes = await Deno.readFile(file);
      await Deno.writeFile(file, bytes.with(bytes.length - 1, (bytes.at(-1) ?? 0) ^ 1));
      await assertBadInput("generate", generate(model), "must have SHA-256");
      await Deno.truncate(file, 1000);
      await assertBadInput("reconstruct", [`${folder}/g.png`, "--weights", model], "bytes, got 1000");
      await Deno.writeTextFile(`${model}/config.json`, "{}");
      await assertBadInput("generate", generate(model), "config.json must tell its weights");
      assertEquals(listFolder(folder), before);
    });
  });
});

Deno.test("tasks refuse bad input before they load a model", async () => {
  await withFolder(async (folder) => {
    const out = ["--out", `${folder}/a.png`];
    await Deno.writeFile(`${folder}/b.png`, new Uint8Array(9));
    await Deno.writeTextFile(`${folder}/c.json`, '{"batchSize": 0}');
    const cases: readonly (readonly [task: string, args: readonly string[], message: string])[] = [
      ["generate", ["--order", "sideways", ...out], "order must be one of down-right, "],
      ["generate", ["--device", "tpu", ...out], "Allowed choices are auto, cpu, cuda, webgpu."],
      ["generate", ["--size", "0x0", ...out], "Size must be WIDTHxHEIGHT"],
      ["generate", ["--size", "99999x99999", ...out], "at most 2^28 pixels"],
      ["generate", ["--seed", "-1", ...out], "Value must be an integer"],
      ["generate", ["--top-p", "1.5", ...out], "Value must be a number between 0 and 1."],
      ["generate", ["--extent", "2,2", ...out], "Extent must be WIDTH,HEIGHT,FRAMES"],
      ["generate", ["--num-samples", "0", ...out], "Value must be an integer between 1 and 10000."],
      [
        "generate",
        ["--text", "a".repeat(100_000), ...out],
        "text must have at most 1000 characters, got 100000",
      ],
      ["generate", ["--text", "a\u001b[2J", ...out], "text must be UTF-8 without control characters"],
      ["generate", ["--out", `${folder}/none/a.png`], "file and folder must exist"],
      ["generate", ["--weight", "x", ...out], "unknown option '--weight' (Did you mean --weights?)"],
      ["demo", ["--size", "1"], "Size must be WIDTHxHEIGHT"],
      ["reconstruct", out, "missing required argument 'picture'"],
      ["reconstruct", [`${folder}/b.png`, ...out], "content must be a picture"],
      ["train", ["tokenizer"], "required option '--config <file>' not specified"],
      ["train", ["vae", "--config", "x", "--out", "y"], "Allowed choices are tokenizer, transformer."],
      [
        "train",
        ["tokenizer", "--config", `${folder}/c.json`, "--out", `${folder}/run`],
        "Cannot read recipe at ",
      ],
    ];
    for (const [task, args, message] of cases) await assertBadInput(task, args, message);
    assertEquals(listFolder(folder), ["b.png", "c.json"]);
  });
});
