import { Command } from "commander";
import { generateFiles } from "./generate_command.ts";
import { addGenerateOptions, type GenerateOptions } from "./model_options.ts";
import { printLine } from "./print.ts";
import type { Runners } from "./runners.ts";

/** Creates the command that shows in one go that all works. */
export function createDemoCommand(generate: Runners["generate"]): Command {
  const command = new Command("demo").description(
    "Generate out/demo.png from the shipped weights, and out/demo.html, which replays it and shows its inside.",
  );
  const text = "a summer day handscroll: green mountains in mist above a river";
  return addGenerateOptions(command, { text, size: "1024x512", topK: 200 })
    .addHelpText(
      "after",
      "\nExamples:\n  deno task demo\n  deno task demo --text 'autumn, a village by the river' --seed 3",
    )
    .action(async (options: GenerateOptions) => {
      await Deno.mkdir("out", { recursive: true });
      await generateFiles(generate, options, [{ out: "out/demo.png", player: "out/demo.html" }]);
      if (!options.json) printLine("out/demo.html: how it was made, patch by patch; open it in a browser");
    });
}
