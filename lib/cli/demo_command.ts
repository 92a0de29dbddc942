import { Command } from "commander";
import { generateFiles } from "./generate_command.ts";
import { addGenerateOptions, type GenerateOptions } from "./model_options.ts";
import type { Runners } from "./runners.ts";

/** Creates the command that shows in one go that all works. */
export function createDemoCommand(generate: Runners["generate"]): Command {
  const command = new Command("demo").description("Generate out/demo.png from the shipped weights.");
  const text = "a summer day handscroll: green mountains in mist above a river";
  return addGenerateOptions(command, { text, size: "1024x512", topK: 200 })
    .addHelpText(
      "after",
      "\nExamples:\n  deno task demo\n  deno task demo --text 'autumn, a village by the river' --seed 3",
    )
    .action(async (options: GenerateOptions) => {
      await Deno.mkdir("out", { recursive: true });
      await generateFiles(generate, options, ["out/demo.png"]);
    });
}
