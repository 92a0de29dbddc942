import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { createTensor, FileError, loadWeights, saveWeights, type WeightsToSave } from "nuwa-infinity";
import { listFolder, withFolder } from "./_fixtures.ts";

const WEIGHTS: WeightsToSave = {
  config: { model: "tiny", layers: 2 },
  tensors: {
    "blocks.0.w": createTensor([2, 2], Float32Array.of(0.1, 1, -2, 65504)),
    bias: createTensor([], Float32Array.of(0.5)),
  },
  dtype: "F16",
  card: "# Tiny\n",
};

Deno.test("saveWeights() then loadWeights() gives config, card and tensors, rounded to float16", async () => {
  await withFolder(async (folder) => {
    const saved = await saveWeights(`${folder}/w`, WEIGHTS);
    const { config, tensors, sha256 } = await loadWeights(`${folder}/w`);
    assertEquals(config, { model: "tiny", layers: 2 });
    assertEquals(tensors["blocks.0.w"]?.shape, [2, 2]);
    assertEquals(tensors["blocks.0.w"]?.data, Float32Array.of(0.0999755859375, 1, -2, 65504));
    assertEquals(sha256, saved);
    assertMatch(sha256, /^[0-9a-f]{64}$/);
    assertEquals(listFolder(`${folder}/w`), ["README.md", "config.json", "model.safetensors"]);
    const { weights } = JSON.parse(await Deno.readTextFile(`${folder}/w/config.json`));
    assertEquals([weights.tensors, weights.parameters, weights.dtype], [2, 5, "F16"]);
  });
});

Deno.test("saveWeights() replaces its own files and keeps others", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/notes.txt`, "mine");
    await saveWeights(folder, WEIGHTS);
    await saveWeights(folder, { ...WEIGHTS, dtype: "F32" });
    assertEquals((await loadWeights(folder)).tensors["blocks.0.w"]?.data[0], Math.fround(0.1));
    assertEquals(listFolder(folder), ["README.md", "config.json", "model.safetensors", "notes.txt"]);
  });
});

Deno.test("saveWeights() writes nothing when a weight is too large or the parent is missing", async () => {
  await withFolder(async (folder) => {
    const tensors = { w: createTensor([1], Float32Array.of(1e6)) };
    await assertRejects(() => saveWeights(`${folder}/w`, { ...WEIGHTS, tensors }), RangeError, "at w: ");
    await assertRejects(() => saveWeights(`${folder}/no/w`, WEIGHTS), FileError, "Cannot create folder at ");
    assertEquals(listFolder(folder), []);
  });
});

/** Saves weights, lets `harm` at them, and gives the message of the error of loading them. */
async function messageAfter(harm: (folder: string) => Promise<void>): Promise<string> {
  let message = "";
  await withFolder(async (folder) => {
    await saveWeights(folder, WEIGHTS);
    await harm(folder);
    const error = await assertRejects(() => loadWeights(folder), Error);
    message = error.message.replaceAll(folder, "W");
  });
  return message;
}

async function editConfig(folder: string, from: string | RegExp, to: string): Promise<void> {
  const path = `${folder}/config.json`;
  await Deno.writeTextFile(path, (await Deno.readTextFile(path)).replace(from, to));
}

Deno.test("loadWeights() refuses a changed, cut or missing file", async () => {
  const flipped = await messageAfter(async (folder) => {
    const file = await Deno.readFile(`${folder}/model.safetensors`);
    file[file.length - 1] = (file.at(-1) ?? 0) ^ 1;
    await Deno.writeFile(`${folder}/model.safetensors`, file);
  });
  assertMatch(
    flipped,
    /^Cannot load weights at W: model.safetensors must have SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}$/,
  );
  const cut = await messageAfter((folder) => Deno.truncate(`${folder}/model.safetensors`, 100));
  assertMatch(cut, /^Cannot load weights at W: model.safetensors must have \d+ bytes, got 100$/);
  const missing = await messageAfter((folder) => Deno.remove(`${folder}/model.safetensors`));
  assertStringIncludes(missing, "Cannot load weights at W/model.safetensors: file and folder must exist");
});

Deno.test("loadWeights() refuses a config that is broken or tells of other weights", async () => {
  assertEquals(
    await messageAfter((folder) => editConfig(folder, "{", "[")),
    "Cannot load weights at W: config.json must be JSON, got text that is not",
  );
  assertStringIncludes(
    await messageAfter((folder) => editConfig(folder, '"weights"', '"w"')),
    "Cannot load weights at W: config.json must tell its weights, got weights: ",
  );
  assertStringIncludes(
    await messageAfter((folder) => editConfig(folder, '"F16"', '"F32"')),
    " must be F32, got F16",
  );
  assertStringIncludes(
    await messageAfter((folder) => editConfig(folder, '"parameters": 5', '"parameters": 6')),
    "model.safetensors must have 2 tensors of 6 parameters, got 2 of 5",
  );
});
