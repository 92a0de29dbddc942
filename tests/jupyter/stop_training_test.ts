import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { startKernel, startServer } from "../../lib/jupyter/mod.ts";
import { findJupyter } from "../../lib/jupyter/_find_jupyter.ts";

/** Has a deno.json that knows the toolkit, without a network. */
const FOLDER = fileURLToPath(new URL("../offline", import.meta.url));

/** A training of 100,000 steps of a tiny model on noise. */
const START = `
  const nuwa = await import("nuwa-infinity");
  nuwa.setUpNotebook();
  const tokenizer = nuwa.initModel({ tokenizer: nuwa.VQGAN_PRESETS.tiny }, 5);
  const { codebookSize: _, textDim: __, ...model } = nuwa.TRANSFORMER_PRESETS.tiny;
  const recipe = nuwa.parseTransformerRecipe({
    seed: 1, tokenizer: "none", batchSize: 1, canvasPatches: 2, numSteps: 100_000, learningRate: 1e-3, model,
  }, "test");
  const config = nuwa.transformerModelConfig(recipe, tokenizer, []);
  const uniform = nuwa.createUniform(1);
  const grid = nuwa.createTokenGrid(8, 8, Int32Array.from({ length: 64 }, () => Math.floor(uniform() * 64)));
  const source = nuwa.createTokenSampler(recipe, { config, grids: [grid] });
  globalThis.training = await nuwa.startTraining(recipe, { tokenizer, source, device: "cpu" });`;

Deno.test({
  name: "the Stop button ends a training after its step; the kernel lives, and watching it again goes on",
  ignore: await findJupyter() === undefined, // CI installs one
  async fn() {
    const server = await startServer({ folder: FOLDER });
    try {
      const kernel = await startKernel(server);
      await kernel.call(START);
      const shown: string[] = [];
      const watch = async (options: string) => {
        const body = `const { watchTraining } = await import("nuwa-infinity");
          await watchTraining(training, ${options});
          return training.checkpoint.step;`;
        return Number(
          await kernel.call(body, { onOutput: (bundle) => shown.push(String(bundle["text/plain"])) }),
        );
      };
      const stopped = watch("{ interval: 20 }");
      while (shown.length < 3) await new Promise((go) => setTimeout(go, 20));
      await kernel.interrupt();
      const step = await stopped;
      assert(step > 0 && step < 100_000, `${step}`);
      assertStringIncludes(shown.at(-1) ?? "", `step ${step} of 100000`);
      assertStringIncludes(shown.at(-1) ?? "", "stopped: watch it again to go on");
      assertEquals(await watch(`{ until: ${step + 3} }`), step + 3);
      const steps = await kernel.call("return training.records.map(({ step }) => step);");
      assertEquals(steps, Array.from({ length: step + 3 }, (_, i) => i + 1));
      await kernel.shutdown();
    } finally {
      await server.close();
    }
  },
});
