import { assertEquals, assertRejects } from "@std/assert";
import { FileError } from "nuwa-infinity";
import type { TrainRequest } from "../../lib/cli/runners.ts";
import { createTrainCommand } from "../../lib/cli/train_command.ts";
import { listFolder, withFolder } from "../media/_fixtures.ts";
import { capturePrinted } from "./_fake_runner.ts";

/** Runs the command with a fake trainer; gives the requests and what was printed. */
async function run(args: readonly string[]) {
  const requests: TrainRequest[] = [];
  const train = (request: TrainRequest) => {
    requests.push(request);
    return Promise.resolve({ steps: 10, final_loss: 0.5 });
  };
  const printed = await capturePrinted(() => createTrainCommand(train).parseAsync(args, { from: "user" }));
  return { requests, printed };
}

/** A folder with a config file in it; `words` are split at spaces, `F` stands for the folder. */
async function withConfig(
  use: (run_: (words: string) => ReturnType<typeof run>, folder: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/c.json`, '{"steps": 10}');
    await use((words) => run(words.split(" ").map((word) => word.replace(/^F/, folder))), folder);
  });
}

Deno.test("train reads the config and prints the figures", async () => {
  await withConfig(async (run, folder) => {
    const { requests, printed } = await run(
      "tokenizer --config F/c.json --out F/run/ --minutes 0.5 --device cpu",
    );
    assertEquals(requests, [{
      part: "tokenizer",
      config: { steps: 10 },
      configPath: `${folder}/c.json`,
      out: `${folder}/run`,
      data: "handscroll",
      resume: false,
      minutes: 0.5,
      device: "cpu",
    }]);
    assertEquals(printed, "steps: 10\nfinal loss: 0.5\n");
    assertEquals(listFolder(folder), ["c.json"]);
  });
});

Deno.test("train takes a run that exists only with --resume, and --resume only a run that exists", async () => {
  await withConfig(async (run, folder) => {
    await Deno.mkdir(`${folder}/run`);
    await run("transformer --config F/c.json --out F/run");
    await Deno.writeTextFile(`${folder}/run/loss.csv`, "");
    const error = await assertRejects(() => run("transformer --config F/c.json --out F/run"), FileError);
    assertEquals(
      error.message,
      `Cannot train at ${folder}/run: folder must be empty unless --resume is given, got one with loss.csv`,
    );
    assertEquals((await run("transformer --config F/c.json --out F/run --resume")).requests[0]?.resume, true);
    await assertRejects(
      () => run("tokenizer --config F/c.json --out F/no --resume"),
      FileError,
      "must exist",
    );
  });
});

Deno.test("train refuses bad files and folders before it works", async () => {
  await withConfig(async (run, folder) => {
    await Deno.writeTextFile(`${folder}/bad.json`, "{steps}");
    const cases = [
      ["tokenizer --config F/no.json --out F/run", "Cannot read config at "],
      ["tokenizer --config F/bad.json --out F/run", "content must be JSON, got an error: "],
      ["tokenizer --config F/c.json --out F/no/run", "file and folder must exist"],
      ["tokenizer --config F/c.json --out F/c.json", "path must name a folder, got a file"],
      ["tokenizer --config F/c.json --out F/run --data F/no", "Cannot train on data at "],
      ["tokenizer --config F/c.json --out F/run --data F/c.json", "path must name a folder, got a file"],
    ] as const;
    for (const [words, message] of cases) await assertRejects(() => run(words), Error, message);
    assertEquals(listFolder(folder), ["bad.json", "c.json"]);
  });
});
