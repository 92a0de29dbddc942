import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { createTensor } from "../../lib/core/mod.ts";
import { FileError } from "../../lib/media/mod.ts";
import {
  type Checkpoint,
  initOptimizer,
  loadCheckpoint,
  parseDecoderRecipe,
  prepareDecoderTraining,
  prepareTokenizerTraining,
  prepareTransformerTraining,
  readLosses,
  type Recipe,
  startDecoder,
  startTokenizer,
  startTransformer,
  trainLoop,
  type TrainOptions,
} from "../../lib/training/mod.ts";
import { listFolder, withFolder } from "../media/_fixtures.ts";
import {
  BLOCKS,
  contentOf,
  TOKENIZER,
  TOKENIZER_RECIPE,
  TRANSFORMER_CONFIG,
  TRANSFORMER_RECIPE,
  withoutSeconds,
} from "./_fixtures.ts";

/** What is trained, where from, and what a kill looks like from inside. */
interface Tiny {
  readonly name: string;
  readonly start: () => Checkpoint;
  readonly prepare: () => Promise<Recipe>;
}

const DECODER_RECIPE = parseDecoderRecipe({
  ...{ from: "weights", batchSize: 1, cropSize: 16, numSteps: 14, learningRate: 0.003 },
  discriminator: { channels: [4] },
}, "recipe");

const TINY: readonly Tiny[] = [
  {
    name: "tokenizer",
    start: () => startTokenizer(TOKENIZER_RECIPE),
    prepare: () =>
      prepareTokenizerTraining({ ...TOKENIZER_RECIPE, numSteps: 14 }, { source: BLOCKS, device: "cpu" }),
  },
  {
    name: "decoder",
    start: () => startDecoder(DECODER_RECIPE, TOKENIZER),
    prepare: () =>
      prepareDecoderTraining(DECODER_RECIPE, { model: TOKENIZER, source: BLOCKS, device: "cpu" }),
  },
  {
    name: "transformer",
    start: () => startTransformer(TRANSFORMER_CONFIG, TRANSFORMER_RECIPE.seed),
    prepare: () =>
      prepareTransformerTraining({ ...TRANSFORMER_RECIPE, numSteps: 14 }, {
        config: TRANSFORMER_CONFIG,
        tokenizer: TOKENIZER,
        source: BLOCKS,
        device: "cpu",
      }),
  },
];

/** Trains in a folder, from its checkpoint if it has one. */
async function train(recipe: Recipe, start: Checkpoint, options: Omit<TrainOptions, "fingerprint">) {
  const found = await loadCheckpoint(options.folder, "a");
  return await trainLoop(recipe, found ?? start, { ...options, fingerprint: "a" });
}

/** A recipe that dies as it begins a step, like a process that is killed there: nothing more is written. */
function killedAt(recipe: Recipe, step: number): Recipe {
  return {
    ...recipe,
    sampleBatch: (number) =>
      number === step ? Promise.reject(new RangeError("killed")) : recipe.sampleBatch(number),
  };
}

for (const { name, start, prepare } of TINY) {
  Deno.test(`trainLoop() of a ${name}: stopped, killed or out of time, it goes on as if it had not been`, async () => {
    const recipe = await prepare();
    const runs: { readonly losses: unknown; readonly end: unknown }[] = [];
    const finish = async (folder: string) => {
      const end = await train(recipe, start(), { folder });
      assertEquals(await loadCheckpoint(folder, "a"), end);
      runs.push({ losses: withoutSeconds(await readLosses(folder)), end: contentOf(end) });
    };
    await withFolder(finish);
    await withFolder(async (folder) => { // by a signal, in the middle of step 4
      const controller = new AbortController();
      const stop = {
        onProgress: ({ record }: { record: { step: number } }) => record.step === 4 && controller.abort(),
      };
      const stopped = await train(recipe, start(), { folder, signal: controller.signal, ...stop });
      assertEquals(stopped.step, 4);
      await finish(folder);
    });
    await withFolder(async (folder) => { // by the clock, after every step up to the 3rd
      for (const step of [1, 2, 3]) {
        assertEquals((await train(recipe, start(), { folder, maxMinutes: 0 })).step, step);
      }
      await finish(folder);
    });
    await withFolder(async (folder) => { // killed in step 3 before any checkpoint, in step 7 with one of step 6
      await assertRejects(() => train(killedAt(recipe, 3), start(), { folder }), RangeError, "killed");
      assertEquals(await loadCheckpoint(folder, "a"), undefined);
      await assertRejects(
        () => train(killedAt(recipe, 7), start(), { folder, checkpointSeconds: 0 }),
        RangeError,
        "killed",
      );
      assertEquals((await loadCheckpoint(folder, "a"))?.step, 6);
      // The kill may also fall between the curve and the checkpoint, or into a line of the curve.
      await Deno.writeTextFile(`${folder}/losses.jsonl`, '{"step":7,"loss":9}\n{"step":8,"lo', {
        append: true,
      });
      await finish(folder);
    });
    await recipe.step.dispose();
    for (const run of runs.slice(1)) assertEquals(run, runs[0]);
    assertEquals(runs.length, 4);
  });
}

/** A recipe of one number that loses a tenth a step; `losses` overrides the loss of some steps. */
function createFake(numSteps: number, losses: Readonly<Record<number, number>> = {}): Recipe {
  const step: Recipe["step"] = Object.assign(
    (state: Checkpoint["state"], { step, learningRate }: { step: number; learningRate: number }) => {
      const loss = losses[step] ?? state.parameters[0]?.data[0] ?? NaN;
      const next = createTensor([1], Float32Array.of(loss * (1 - learningRate)));
      return Promise.resolve({
        state: { ...initOptimizer([next]), average: [next] },
        loss,
        gradientNorm: losses[-step] ?? 1,
        watched: {},
      });
    },
    { dispose: () => Promise.resolve() },
  );
  return {
    step,
    schedule: { numSteps, learningRate: 0.1, warmupSteps: 0, decayShare: 0 },
    averageDecay: 0,
    sampleBatch: () => Promise.resolve({}),
  };
}

const START: Checkpoint = {
  step: 0,
  seconds: 100,
  memory: {},
  state: initOptimizer([createTensor([1], Float32Array.of(1))]),
};

Deno.test("trainLoop() may be prolonged or shortened", async () => {
  await withFolder(async (folder) => {
    const run = async (numSteps: number) => (await train(createFake(numSteps), START, { folder })).step;
    assertEquals([await run(3), await run(5), await run(5), await run(2)], [3, 5, 5, 5]);
    assertEquals((await readLosses(folder)).map(({ step }) => step), [1, 2, 3, 4, 5]);
  });
});

Deno.test("trainLoop() counts seconds on, reports every step, and saves as often as it is told", async () => {
  await withFolder(async (folder) => {
    const saved: number[] = [], reported: number[] = [];
    const recipe: Recipe = {
      ...createFake(4),
      onCheckpoint: ({ step }) => Promise.resolve(void saved.push(step)),
    };
    const end = await train(recipe, START, {
      folder,
      checkpointSeconds: 0,
      onProgress: ({ record, numSteps, secondsLeft }) => {
        assertEquals(numSteps, 4);
        assert(secondsLeft >= 0);
        reported.push(record.step);
      },
    });
    assertEquals(reported, [1, 2, 3, 4]);
    assertEquals([...new Set(saved)], [1, 2, 3, 4]);
    assert(end.seconds >= 100 && end.seconds < 200);
    assertEquals((await readLosses(folder)).map(({ loss }) => Math.round(loss * 1000)), [
      1000,
      900,
      810,
      729,
    ]);
    saved.length = 0;
    await train({ ...recipe, schedule: { ...recipe.schedule, numSteps: 8 } }, START, { folder });
    assertEquals(saved, [8], "by default not before two minutes, but at the end");
  });
});

Deno.test("trainLoop() ends at a loss or gradient that is not finite, and a lower rate may go on", async () => {
  await withFolder(async (folder) => {
    const options = { folder, checkpointSeconds: 0 };
    const cases = [[{ 4: NaN }, "loss", NaN], [{ [-4]: Infinity }, "gradients", Infinity]] as const;
    for (const [losses, name, value] of cases) {
      const error = await assertRejects(() => train(createFake(9, losses), START, options), RangeError);
      assertEquals(
        error.message,
        `Cannot go on training: ${name} must be finite, got ${value} at step 4; lower learningRate and --resume`,
      );
      assertEquals((await loadCheckpoint(folder, "a"))?.step, 3);
    }
    const slower = createFake(9);
    const end = await train(
      { ...slower, schedule: { ...slower.schedule, learningRate: 0.01 } },
      START,
      options,
    );
    assertEquals(end.step, 9);
    assertNotEquals(end.state.parameters[0]?.data[0], 0);
  });
});

Deno.test("trainLoop() that cannot write says where, and leaves the old checkpoint whole", async () => {
  await withFolder(async (folder) => {
    const old = await train(createFake(2), START, { folder });
    const gone = `${folder}/gone`;
    await assertRejects(
      () => trainLoop(createFake(4), old, { folder: gone, fingerprint: "a" }),
      FileError,
      `Cannot write file at ${gone}/losses.jsonl: file and folder must exist`,
    );
    // A folder in the checkpoint's place stands for anything that refuses the file, in the middle of a run.
    await Deno.mkdir(gone);
    const recipe: Recipe = {
      ...createFake(9),
      async sampleBatch(step) {
        if (step === 2) await Deno.mkdir(`${gone}/checkpoint.safetensors`);
        return {};
      },
    };
    await assertRejects(
      () => trainLoop(recipe, START, { folder: gone, fingerprint: "a" }),
      FileError,
      `Cannot write file at ${gone}/checkpoint.safetensors: path must name a file, got a folder`,
    );
    assertEquals(listFolder(gone), ["checkpoint.safetensors", "losses.jsonl"]);
    assertEquals(await loadCheckpoint(folder, "a"), old);
  });
});
