import { assertEquals, assertRejects } from "@std/assert";
import { fileURLToPath } from "node:url";
import { flattenTensors, saveWeights } from "../../lib/media/mod.ts";
import { loadModel } from "../../lib/steps/mod.ts";
import { decodeRunPicture } from "../../lib/tasks/mod.ts";
import {
  KernelLostError,
  remote,
  type RemoteKernel,
  startKernel,
  startServer,
} from "../../lib/jupyter/mod.ts";
import { findJupyter } from "../../lib/jupyter/_find_jupyter.ts";
import { createModel, generateAtOnce, OPTIONS } from "../tasks/_fixtures.ts";

/** Has a deno.json that knows the toolkit, without a network. */
const FOLDER = fileURLToPath(new URL("../offline", import.meta.url));

/** Cells sent at once, as "Run all" does; what each shows comes back under its own number. */
async function runAll(kernel: RemoteKernel, numCells: number): Promise<string[][]> {
  return await Promise.all(Array.from({ length: numCells }, async (_, cell) => {
    const shown: string[] = [];
    const body = `const { display, createView } = await import("nuwa-infinity");
      for (let i = 0; i < 3; i++) await display(createView("${cell}." + i, ""));`;
    await kernel.call(body, { onOutput: (bundle) => shown.push(String(bundle["text/plain"])) });
    return shown;
  }));
}

Deno.test({
  name: "a real Jupyter server with the Deno kernel",
  ignore: await findJupyter() === undefined, // CI installs one
  async fn(t) {
    const weights = await Deno.makeTempDir();
    const { config, parameters } = createModel();
    await saveWeights(weights, { config, tensors: flattenTensors(parameters), dtype: "F32" });
    const { model } = await loadModel(weights);
    const server = await startServer({ folder: FOLDER });
    try {
      await t.step("refuses a wrong token", async () => {
        await assertRejects(
          () => startKernel({ url: server.url, token: "guess" }),
          KernelLostError,
          "token must be the server's, got another",
        );
      });
      await t.step("refuses a kernel that it does not have", async () => {
        await assertRejects(
          () => startKernel(server, { name: "fortran" }),
          KernelLostError,
          "got status 500",
        );
      });
      const kernel = await startKernel(server);
      await t.step("runs code, and tells and shows what it says", async () => {
        const outputs: unknown[] = [];
        const value = await kernel.call(
          "console.log('hello'); globalThis.kept = 7; return { three: 1 + 2 };",
          {
            onOutput: ({ "text/plain": text }) => outputs.push(text),
          },
        );
        assertEquals([value, outputs], [{ three: 3 }, ["hello\n"]]);
      });
      await t.step("shows each output under its own cell when all run at once", async () => {
        const expected = Array.from({ length: 6 }, (_, cell) => [0, 1, 2].map((i) => `${cell}.${i}`));
        assertEquals(await runAll(kernel, 6), expected);
      });
      const { device: _, ...options } = OPTIONS;
      const request = { weights, options: { ...options, order: "auto", device: "cpu" } };
      await t.step("generates there the picture that comes out here", async () => {
        const here = await generateAtOnce(model, OPTIONS);
        const steps = remote(kernel).generate(request);
        const counts: number[] = [];
        let next = await steps.next();
        for (; !next.done; next = await steps.next()) counts.push(next.value.numDone);
        const { picture, png, numPatches } = next.value;
        assertEquals(picture.data, here.picture.data);
        assertEquals(decodeRunPicture(png, "there").tokens.data, here.tokens.data);
        assertEquals([counts.at(-1), numPatches], [12, 12]);
      });
      await t.step("stops after the patches in work, and keeps kernel and variables", async () => {
        const stop = new AbortController();
        const large = { ...request, options: { ...request.options, width: 1024, height: 256 } };
        const steps = remote(kernel).generate(large, { signal: stop.signal });
        let next = await steps.next();
        for (; !next.done; next = await steps.next()) if (next.value.numDone > 3) stop.abort();
        const { numDone, numPatches, picture } = next.value;
        assertEquals(numDone > 3 && numDone < numPatches, true);
        assertEquals(picture.shape, [256, 1024, 3]);
        assertEquals(await kernel.call("return kept;"), 7);
      });
      await t.step("says when a kernel dies", async () => {
        await assertRejects(
          () => kernel.call("Deno.exit(1);"),
          KernelLostError,
          "kernel must live, got its death",
        );
        await kernel.shutdown();
      });
      const last = await startKernel(server, { patience: 5 });
      const lost = assertRejects(
        () => last.call("await new Promise((go) => setTimeout(go, 30_000));"),
        KernelLostError,
        "connection must come back within 5 s, got none",
      );
      await server.close();
      await lost;
      await last.shutdown();
    } finally {
      await server.close();
      await Deno.remove(weights, { recursive: true });
    }
  },
});
