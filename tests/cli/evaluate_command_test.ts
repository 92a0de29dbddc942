import { assertEquals } from "@std/assert";
import { createEvaluateCommand } from "../../lib/cli/evaluate_command.ts";
import type { EvaluateRequest } from "../../lib/cli/runners.ts";
import { capturePrinted } from "./_fake_runner.ts";
import { assertBadInput } from "./_run_task.ts";

Deno.test("evaluate prints one figure a line, or one JSON object", async () => {
  const requests: EvaluateRequest[] = [];
  const evaluate = (request: EvaluateRequest) => {
    requests.push(request);
    return Promise.resolve({ psnr: 25.5, bitsPerToken: 4 });
  };
  const run = (args: readonly string[]) =>
    capturePrinted(() => createEvaluateCommand(evaluate).parseAsync(args, { from: "user" }));
  assertEquals(await run(["--weights", "W", "--device", "cpu"]), "psnr: 25.5\nbits per token: 4\n");
  assertEquals(await run(["--precision", "int8", "--json"]), '{"psnr":25.5,"bits_per_token":4}\n');
  assertEquals(requests, [
    { weights: "W", device: "cpu", precision: "float32" },
    { weights: "weights/handscroll", device: "auto", precision: "int8" },
  ]);
});

Deno.test("evaluate refuses a precision that does not exist", async () => {
  await assertBadInput("evaluate", ["--precision", "int2"], "Allowed choices are float32, int8, int4");
});

Deno.test("evaluate refuses weights that are not there", async () => {
  await assertBadInput("evaluate", ["--weights", "/nowhere"], "Cannot load weights at /nowhere/config.json");
});
