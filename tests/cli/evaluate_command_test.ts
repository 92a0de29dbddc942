import { assertEquals } from "@std/assert";
import { createPicture } from "../../lib/core/mod.ts";
import { createEvaluateCommand } from "../../lib/cli/evaluate_command.ts";
import type { EvaluateRequest } from "../../lib/cli/runners.ts";
import { readPicture } from "../../lib/media/mod.ts";
import { capturePrinted } from "./_fake_runner.ts";
import { assertBadInput } from "./_run_task.ts";

Deno.test("evaluate prints one figure a line, or one JSON object", async () => {
  const requests: EvaluateRequest[] = [];
  const evaluate = (request: EvaluateRequest) => {
    requests.push(request);
    return Promise.resolve({ figures: { psnr: 25.5, bitsPerToken: 4, confusion: [[1, 0], [2, 3]] } });
  };
  const run = (args: readonly string[]) =>
    capturePrinted(() => createEvaluateCommand(evaluate).parseAsync(args, { from: "user" }));
  assertEquals(
    await run(["--weights", "W", "--device", "cpu"]),
    "psnr: 25.5\nbits per token: 4\nconfusion: [[1,0],[2,3]]\n",
  );
  assertEquals(
    await run(["--precision", "int8", "--captions", "200", "--guidance", "3", "--local", "nar", "--json"]),
    '{"psnr":25.5,"bits_per_token":4,"confusion":[[1,0],[2,3]]}\n',
  );
  const defaults = {
    captions: 0,
    wide: false,
    temperature: 1,
    topK: 0,
    topP: 1,
    guidance: 2,
    choiceTemperature: 100,
    local: "ar",
  } as const;
  assertEquals(requests, [
    { ...defaults, weights: "W", device: "cpu", precision: "float32" },
    {
      ...defaults,
      weights: "weights/handscroll",
      device: "auto",
      precision: "int8",
      captions: 200,
      local: "nar",
      guidance: 3,
      choiceTemperature: 100,
    },
  ]);
});

Deno.test("evaluate --wide writes the picture that it measured", async () => {
  const folder = await Deno.makeTempDir();
  const out = `${folder}/strip.png`;
  const picture = createPicture(2, 3, Uint8Array.from({ length: 18 }, (_, i) => 10 * i));
  const requests: EvaluateRequest[] = [];
  const command = createEvaluateCommand((request) => {
    requests.push(request);
    return Promise.resolve({ figures: { wideText: "hills" }, picture });
  });
  const printed = await capturePrinted(() => command.parseAsync(["--wide", out, "--json"], { from: "user" }));
  assertEquals(printed, '{"wide_text":"hills"}\n');
  assertEquals(requests.map(({ wide }) => wide), [true]);
  assertEquals((await readPicture(out)).data, picture.data);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("evaluate refuses a wide picture that cannot be written, before any work", async () => {
  await assertBadInput("evaluate", ["--wide", "/nowhere/a.png"], "/nowhere");
  await assertBadInput("evaluate", ["--wide", "a.bmp"], "extension must be .png, .jpg, .jpeg or .webp");
});

Deno.test("evaluate refuses a precision that does not exist", async () => {
  await assertBadInput("evaluate", ["--precision", "int2"], "Allowed choices are float32, int8, int4");
});

Deno.test("evaluate refuses weights that are not there", async () => {
  await assertBadInput("evaluate", ["--weights", "/nowhere"], "Cannot load weights at /nowhere/config.json");
});
