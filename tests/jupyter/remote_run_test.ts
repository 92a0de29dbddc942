import { assertEquals, assertRejects } from "@std/assert";
import { KernelLostError, startKernel } from "../../lib/jupyter/mod.ts";
import { flattenTensors, saveWeights } from "../../lib/media/mod.ts";
import { remote, resumeRun } from "../../lib/tasks/mod.ts";
import { createModel, generateAtOnce, OPTIONS } from "../tasks/_fixtures.ts";
import { startFakeServer, TOKEN } from "./_fake_server.ts";

const { config, parameters } = createModel();
const model = { config, parameters };
const TOOLKIT = new URL("../../mod.ts", import.meta.url).href;

Deno.test("RemoteRun survives a dropped socket, and what came home survives its kernel", async () => {
  const weights = await Deno.makeTempDir();
  let isDoomed = false;
  await using server = startFakeServer((cell) =>
    isDoomed ? "die" : cell === 2 || cell === 3 ? "drop" : undefined
  );
  await using kernel = await startKernel({ url: server.url, token: TOKEN });
  try {
    await saveWeights(weights, { config, tensors: flattenTensors(parameters), dtype: "F32" });
    const run = await remote(kernel, { weights, toolkit: TOOLKIT }).startRun(OPTIONS);
    for await (const _ of run.advance({ until: 5 })); // dropped, and dropped again when the outcome is fetched
    assertEquals(run.state.numDone, 5);
    isDoomed = true;
    await assertRejects(
      () => Array.fromAsync(run.advance()),
      KernelLostError,
      "kernel must live, got its death",
    );
    await run.dispose(); // nothing to be reached, nothing to complain of
    await using here = await resumeRun(model, { settings: run.settings, ...run.state }, { device: "cpu" });
    for await (const _ of here.advance());
    assertEquals(here.state.tokens.data, (await generateAtOnce(model, OPTIONS)).tokens.data);
  } finally {
    await Deno.remove(weights, { recursive: true });
  }
});
