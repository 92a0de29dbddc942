import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { assertBadInput, runTask } from "./_run_task.ts";

Deno.test("runCommandLine() refuses what it does not know, and says what is near", async () => {
  await assertBadInput("render", ["--sed", "3"], "unknown option '--sed' (Did you mean --seed?)");
  await assertBadInput("render", ["extra"], "too many arguments for 'render'");
  await assertBadInput("render", ["--seed"], "option '--seed <integer>' argument missing");
});

Deno.test("runCommandLine() cuts an absurd argument in its error", async () => {
  await assertBadInput("render", ["--size", "9".repeat(100_000)], "option '--size <WxH>' argument '9999");
});

Deno.test("runCommandLine() shows a stack only if asked for one", async () => {
  const args = ["--out", "/nowhere/a.png"];
  assertMatch((await runTask("render", args)).stderr, /^error: [^\n]*\n$/);
  const { code, stderr } = await runTask("render", args, { NUWA_DEBUG: "1" });
  assertEquals(code, 2);
  assertStringIncludes(stderr, "    at ");
});

Deno.test("every task of the command line has help with examples", async () => {
  for (
    const task of [
      "demo",
      "generate",
      "reconstruct",
      "extend",
      "train",
      "evaluate",
      "render",
      "devices",
      "lab",
    ]
  ) {
    const { code, stdout } = await runTask(task, ["--help"]);
    assertEquals(code, 0);
    assertStringIncludes(stdout, `Usage: deno task ${task} [options]`);
    assertStringIncludes(stdout, `Examples:\n  deno task ${task}`);
  }
});
