import { assertEquals, assertRejects } from "@std/assert";
import { createTensor } from "../../lib/core/mod.ts";
import { FileError } from "../../lib/media/mod.ts";
import {
  appendLosses,
  type Checkpoint,
  loadCheckpoint,
  type LossRecord,
  readLosses,
  saveCheckpoint,
  trimLosses,
} from "../../lib/training/mod.ts";
import { listFolder, withFolder } from "../media/_fixtures.ts";
import { createRandom } from "../_run_once.ts";

/** A dozen parameters, so that order by number and order by name differ. */
function createCheckpoint(step: number): Checkpoint {
  const list = (seed: number) =>
    Array.from({ length: 12 }, (_, i) => createRandom(i === 0 ? [] : [i, 2], seed + i));
  return {
    step,
    seconds: 12.625,
    memory: { lastUsed: createTensor([3], Int32Array.of(-100, 0, 7)), drift: createRandom([2], 9) },
    state: { parameters: list(1), firstMoment: list(20), secondMoment: list(40), average: list(60) },
  };
}

function createRecord(step: number): LossRecord {
  return { step, seconds: step / 2, loss: 1 / step, learningRate: 0.1, gradientNorm: 2, psnr: 20.5 };
}

Deno.test("loadCheckpoint() gives back exactly what saveCheckpoint() saved, memory included", async () => {
  await withFolder(async (folder) => {
    await saveCheckpoint(folder, createCheckpoint(41), "a");
    await saveCheckpoint(folder, createCheckpoint(42), "a");
    assertEquals(await loadCheckpoint(folder, "a"), createCheckpoint(42));
    assertEquals(listFolder(folder), ["checkpoint.safetensors"]);
  });
});

Deno.test("loadCheckpoint() finds nothing in a new folder", async () => {
  await withFolder(async (folder) => assertEquals(await loadCheckpoint(folder, "a"), undefined));
});

Deno.test("loadCheckpoint() refuses a checkpoint of another config", async () => {
  await withFolder(async (folder) => {
    await saveCheckpoint(folder, createCheckpoint(1), "a");
    const error = await assertRejects(() => loadCheckpoint(folder, "b"), SyntaxError);
    assertEquals(
      error.message,
      `Cannot resume training at ${folder}: config and data must be those that the checkpoint was made with; use another --out for a new run`,
    );
  });
});

Deno.test("loadCheckpoint() refuses a torn or foreign file, and names it", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/checkpoint.safetensors`;
    await saveCheckpoint(folder, createCheckpoint(1), "a");
    const whole = await Deno.readFile(path);
    for (const length of [0, 7, 100, whole.length - 1]) {
      await Deno.writeFile(path, whole.subarray(0, length));
      await assertRejects(
        () => loadCheckpoint(folder, "a"),
        SyntaxError,
        `Cannot decode safetensors at ${path}: `,
      );
    }
    await Deno.writeTextFile(path, "not a checkpoint, but long enough to have a header");
    await assertRejects(
      () => loadCheckpoint(folder, "a"),
      SyntaxError,
      `at ${path}: header must have at most`,
    );
    await Deno.remove(path);
    await Deno.mkdir(path);
    await assertRejects(() => loadCheckpoint(folder, "a"), FileError, "path must name a file, got a folder");
  });
});

Deno.test("saveCheckpoint() that fails leaves the old checkpoint whole, and nothing else", async () => {
  await withFolder(async (folder) => {
    await saveCheckpoint(folder, createCheckpoint(1), "a");
    await assertRejects(
      () => saveCheckpoint(`${folder}/none`, createCheckpoint(2), "a"),
      FileError,
      `Cannot write file at ${folder}/none/checkpoint.safetensors: file and folder must exist`,
    );
    const broken = { ...createCheckpoint(3), memory: { mask: createTensor([1], new Uint8Array(1)) } };
    await assertRejects(() => saveCheckpoint(folder, broken, "a"), TypeError, "I32");
    assertEquals(await loadCheckpoint(folder, "a"), createCheckpoint(1));
    assertEquals(listFolder(folder), ["checkpoint.safetensors"]);
  });
});

Deno.test("readLosses() gives back what appendLosses() wrote, and leaves out a torn last line", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/losses.jsonl`;
    assertEquals(await readLosses(folder), []);
    await appendLosses(folder, [createRecord(1), createRecord(2)]);
    await appendLosses(folder, []);
    await appendLosses(folder, [createRecord(3)]);
    const text = await Deno.readTextFile(path);
    assertEquals(text.split("\n").length, 4);
    assertEquals(await readLosses(folder), [1, 2, 3].map(createRecord));
    await Deno.writeTextFile(path, text.slice(0, -4));
    assertEquals(await readLosses(folder), [1, 2].map(createRecord));
  });
});

Deno.test("trimLosses() drops later steps and a torn line, so that the curve can be appended to", async () => {
  await withFolder(async (folder) => {
    await appendLosses(folder, [1, 2, 3, 4].map(createRecord));
    await Deno.writeTextFile(`${folder}/losses.jsonl`, '{"step":5,"sec', { append: true });
    await trimLosses(folder, 2);
    await appendLosses(folder, [createRecord(3)]);
    assertEquals(await readLosses(folder), [1, 2, 3].map(createRecord));
    await trimLosses(folder, 0);
    assertEquals(await Deno.readTextFile(`${folder}/losses.jsonl`), "");
  });
});

Deno.test("appendLosses() says where it cannot write", async () => {
  await withFolder(async (folder) => {
    await assertRejects(
      () => appendLosses(`${folder}/none`, [createRecord(1)]),
      FileError,
      `Cannot write losses at ${folder}/none/losses.jsonl: file and folder must exist`,
    );
  });
});
