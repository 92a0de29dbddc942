import { assertEquals, assertRejects } from "@std/assert";
import { fileURLToPath } from "node:url";
import { flattenTensors, saveWeights } from "../../lib/media/mod.ts";
import { loadModel } from "../../lib/steps/mod.ts";
import { remote } from "../../lib/tasks/mod.ts";
import { KernelLostError, type RemoteKernel, startKernel, startServer } from "../../lib/jupyter/mod.ts";
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

async function isRunning(pid: number): Promise<boolean> {
  return (await new Deno.Command("kill", { args: ["-0", `${pid}`], stderr: "null" }).output()).success;
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
          "server must have the kernel fortran besides deno",
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
      const there = remote(kernel, { weights });
      await t.step("generates there the picture that comes out here", async () => {
        const machine = await there.describe();
        assertEquals([machine.deno, machine.devices[0]?.isUsable], [Deno.version.deno, true]);
        const steps = there.generate(OPTIONS);
        let next = await steps.next();
        while (!next.done) next = await steps.next();
        assertEquals(next.value, await generateAtOnce(model, OPTIONS));
      });
      await t.step("holds runs: stopped, looked at, interrupted, they go on", async () => {
        await using run = await there.startRun({ ...OPTIONS, width: 1024, height: 256 });
        for await (const { numDone } of run.advance({ until: 5 })) assertEquals(numDone <= 5, true);
        assertEquals((await run.preview()).shape, [256, 1024, 3]);
        const rest = Array.fromAsync(run.advance()); // 1,019 patches
        await new Promise((go) => setTimeout(go, 200));
        await kernel.interrupt();
        await rest;
        const { numDone } = run.state;
        assertEquals(numDone >= 5 && numDone < run.numPatches, true);
        for await (const _ of run.advance({ until: numDone + 4 }));
        assertEquals(run.state.numDone, numDone + 4);
        await kernel.interrupt(); // between two requests
        assertEquals(await kernel.call("return kept;"), 7);
      });
      await kernel.shutdown();
      const deaths = {
        "Deno.exit": "Deno.exit(1);",
        "out of memory": `(await import("node:v8")).setFlagsFromString("--max-old-space-size=60");
          const all = []; for (;;) all.push(new Array(1e5).fill(all.length));`,
        "Stop, in code that does not listen": "Deno.kill(Deno.pid, 'SIGINT'); await new Promise(() => {});",
      };
      for (const [name, code] of Object.entries(deaths)) {
        await t.step(`says that a kernel died: ${name}`, async () => {
          await using dying = await startKernel(server, { folder: "std-assert" });
          assertEquals(await dying.call("return Deno.cwd();"), `${FOLDER}/std-assert`);
          const message = "kernel must live, got its death";
          await assertRejects(() => dying.call(code), KernelLostError, message);
        });
      }
      await t.step("says that the server was killed, and leaves no kernel behind", async () => {
        const last = await startKernel(server, { patience: 2 });
        const pids = await last.call("return [Deno.pid, Deno.ppid];");
        const [kernelPid = 0, serverPid = 0] = pids as number[]; // as the code says
        const lost = assertRejects(
          () => last.call("await new Promise((go) => setTimeout(go, 30_000));"),
          KernelLostError,
          "connection must come back within 2 s, got none",
        );
        Deno.kill(serverPid, "SIGKILL");
        await lost;
        await last.shutdown();
        await server.ended;
        assertEquals(await isRunning(kernelPid), false);
      });
    } finally {
      await server.close();
      await Deno.remove(weights, { recursive: true });
    }
  },
});
