import { assertEquals, assertGreater, assertLessOrEqual, assertStringIncludes } from "@std/assert";
import {
  createUniform,
  flattenTensors,
  loadModel,
  loadWeights,
  saveWeights,
  writePicture,
} from "nuwa-infinity";
import { readLosses } from "../../lib/training/mod.ts";
import { listFolder, withFolder } from "../media/_fixtures.ts";
import {
  createBlocks,
  TOKENIZER,
  TOKENIZER_JSON,
  TRANSFORMER_JSON,
  withoutSeconds,
} from "../training/_fixtures.ts";
import { assertBadInput, runTask, startTask } from "./_run_task.ts";

/** With a constant rate, so that a run of any length begins like a longer one, and a checkpoint after every step. */
const FAST = { decayShare: 0, checkpointSeconds: 0 };
const RECIPES = {
  tokenizer: { ...TOKENIZER_JSON, ...FAST },
  transformer: { ...TRANSFORMER_JSON, ...FAST, canvasPatches: 2 },
};
const FOREVER = 1e9;

/** The paths of one test. */
interface Place {
  readonly folder: string;
  /** Arguments of a run that goes on from its checkpoint, if it has one. */
  argsFor(run: string): string[];
  /** Sets fields of the recipe, for the next start. */
  setRecipe(change: Readonly<Record<string, unknown>>): Promise<void>;
}

/** A folder with two pictures with captions, the recipe, a tokenizer, and empty folders for two runs. */
async function withPlace(
  part: keyof typeof RECIPES,
  use: (place: Place) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const { config, parameters } = TOKENIZER;
    const weights = { config, tensors: flattenTensors(parameters), dtype: "F16" } as const;
    await saveWeights(`${folder}/tokenizer`, weights);
    await Deno.mkdir(`${folder}/pictures`);
    for (const seed of [1, 2]) {
      await writePicture(`${folder}/pictures/${seed}.png`, createBlocks(32, createUniform(seed)));
      await Deno.writeTextFile(`${folder}/pictures/${seed}.txt`, `block ${seed}`);
    }
    for (const run of ["a", "b"]) await Deno.mkdir(`${folder}/${run}`);
    await use({
      folder,
      argsFor: (run) => [
        ...[part, "--config", `${folder}/recipe.json`, "--data", `${folder}/pictures`],
        ...["--out", `${folder}/${run}`, "--resume", "--device", "cpu"],
      ],
      setRecipe: (change) =>
        Deno.writeTextFile(`${folder}/recipe.json`, JSON.stringify({ ...RECIPES[part], ...change })),
    });
  });
}

/** Runs to the end, or as far as `args` say; gives what was printed. */
async function train(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runTask("train", args);
  assertEquals(code, 0, stderr);
  return stdout;
}

/** Starts a run without end and sends a signal once it has done a few steps more. */
async function interrupt(place: Place, run: string, signal: "SIGINT" | "SIGKILL") {
  await place.setRecipe({ numSteps: FOREVER });
  const out = `${place.folder}/${run}`, numBefore = (await readLosses(out)).length;
  const child = await startTask("train", place.argsFor(run));
  const output = child.output();
  let hasEnded = false;
  output.finally(() => hasEnded = true);
  while (!hasEnded && (await readLosses(out)).length < numBefore + 3) {
    await new Promise((r) => setTimeout(r, 5));
  }
  if (!hasEnded) child.kill(signal);
  const { code, stdout, stderr } = await output;
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

for (const part of ["tokenizer", "transformer"] as const) {
  Deno.test(`train ${part}: killed, interrupted and out of time, a run has the losses of one that never stopped`, async () => {
    await withPlace(part, async (place) => {
      const a = `${place.folder}/a`, b = `${place.folder}/b`;
      assertEquals((await interrupt(place, "a", "SIGKILL")).code, 128 + 9);
      const afterKill = (await readLosses(a)).length;
      assertGreater(afterKill, 2);
      // What a kill leaves that falls into the writing of a file.
      await Deno.writeTextFile(`${a}/.checkpoint.safetensors.0123abcd.tmp`, "torn");
      const { code, stdout, stderr } = await interrupt(place, "a", "SIGINT");
      assertEquals(listFolder(a), listFolder(a).filter((name) => !name.startsWith(".")));
      const afterInterrupt = (await readLosses(a)).length;
      assertEquals(code, 0, stderr);
      assertStringIncludes(stderr, "stopping after this step, with a checkpoint");
      assertStringIncludes(stdout, `steps: ${afterInterrupt}\n`);
      const onTime = await train([...place.argsFor("a"), "--minutes", "0"]);
      assertStringIncludes(onTime, `steps: ${afterInterrupt + 1}\n`);
      const numSteps = afterInterrupt + 3;
      await place.setRecipe({ numSteps });
      for (const run of ["a", "b"]) {
        assertStringIncludes(await train(place.argsFor(run)), `steps: ${numSteps}\n`);
      }
      assertEquals(withoutSeconds(await readLosses(a)), withoutSeconds(await readLosses(b)));
      assertEquals((await loadWeights(a)).sha256, (await loadWeights(b)).sha256);
    });
  });
}

Deno.test("train --resume: the schedule may change, nothing else may", async () => {
  await withPlace("tokenizer", async (place) => {
    const out = `${place.folder}/a`, args = place.argsFor("a");
    await place.setRecipe({ numSteps: 2 });
    await train(args);
    const refuse = async (message: string) => {
      const before = await Deno.readFile(`${out}/checkpoint.safetensors`);
      await assertBadInput("train", args, message);
      assertEquals(await Deno.readFile(`${out}/checkpoint.safetensors`), before);
    };
    await place.setRecipe({ numSteps: 4, batchSize: 1 });
    await refuse(`Cannot resume training at ${out}: config and data must be those`);
    await place.setRecipe({
      numSteps: 4,
      learningRate: 0.001,
      warmupSteps: 0,
      decayShare: 1,
      checkpointSeconds: 9,
    });
    await Deno.writeTextFile(`${place.folder}/pictures/1.txt`, "another caption");
    await refuse(`Cannot resume training at ${out}: config and data must be those`);
    await Deno.writeTextFile(`${place.folder}/pictures/1.txt`, "block 1");
    assertStringIncludes(await train(args), "steps: 4\n");
    const rates = (await readLosses(out)).map(({ learningRate }) => learningRate);
    // The warm-up of the first two steps; then 2/4 and 1/4 of the new rate.
    assertEquals(rates, [0.0015, 0.003, 0.0005, 0.00025]);
    await Deno.truncate(`${out}/checkpoint.safetensors`, 1000);
    await refuse(`Cannot decode safetensors at ${out}/checkpoint.safetensors: `);
    assertLessOrEqual((await readLosses(out)).length, 4);
  });
});

Deno.test("train: a finished tokenizer's decoder gets a last stage, and finished weights go on with it", async () => {
  await withPlace("transformer", async ({ folder, argsFor, setRecipe }) => {
    await setRecipe({ numSteps: 1 });
    await train(argsFor("a"));
    const refinement = { channels: 4, numLayers: 1 };
    const { seed, batchSize, learningRate } = TOKENIZER_JSON;
    const recipe = { seed, batchSize, learningRate, cropSize: 16, numSteps: 2, from: "tokenizer" };
    const path = `${folder}/refine.json`;
    await Deno.writeTextFile(path, JSON.stringify({ ...recipe, refinement, learns: "refinement", blend: 1 }));
    const data = ["--data", `${folder}/pictures`, "--device", "cpu"];
    await train(["tokenizer", "--config", path, "--out", `${folder}/refined`, ...data]);
    const [before, refined] = [await loadModel(`${folder}/tokenizer`), await loadModel(`${folder}/refined`)];
    assertEquals(refined.model.config.tokenizer, { ...before.model.config.tokenizer, refinement });
    const { decoder: { refinement: stage, ...decoder }, ...codes } = refined.model.parameters.tokenizer;
    assertEquals({ ...codes, decoder }, before.model.parameters.tokenizer);
    assertGreater(Math.max(...stage?.output.weight.data ?? []), 0);
    await setRecipe({ numSteps: 1, tokenizer: "refined", from: "a" });
    await train(argsFor("b"));
    const { config, parameters } = (await loadModel(`${folder}/b`)).model;
    assertEquals(config.tokenizer.refinement, refinement);
    assertEquals(parameters.tokenizer, refined.model.parameters.tokenizer);
  });
});
