import { assertEquals, assertRejects } from "@std/assert";
import { connectKernel, KernelLostError, RemoteError, startKernel } from "../../lib/jupyter/mod.ts";
import { fileURLToPath } from "node:url";
import { startFakeServer, TOKEN } from "./_fake_server.ts";

const CONFIG = fileURLToPath(new URL("../offline/deno.json", import.meta.url));

Deno.test("RemoteKernel.call() brings home what the code returns, tells and shows", async () => {
  await using server = await startFakeServer();
  await using kernel = await startKernel({ url: server.url, token: TOKEN });
  const messages: unknown[] = [], outputs: unknown[] = [];
  const value = await kernel.call(
    `tell({ step: 1 }); Deno.jupyter.broadcast("display_data", { data: { "text/plain": "seen" }, metadata: {} });
    return { sum: 1 + 2 };`,
    { onMessage: (message) => messages.push(message), onOutput: (bundle) => outputs.push(bundle) },
  );
  assertEquals(value, { sum: 3 });
  assertEquals(messages, [{ step: 1 }]);
  assertEquals(outputs, [{ "text/plain": "seen" }]);
  assertEquals(await kernel.call("return 'x'.repeat(1_200_000).length + 'y'.repeat(3);"), "1200000yyy");
  const long = await kernel.call("return 'z'.repeat(1_200_000);"); // in three pieces
  assertEquals([typeof long, String(long).length], ["string", 1_200_000]);
});

Deno.test("RemoteKernel.call() repeats errors from there, and the kernel goes on", async () => {
  await using server = await startFakeServer();
  await using kernel = await startKernel({ url: server.url, token: TOKEN });
  const error = await assertRejects(
    () => kernel.call("throw new RangeError('extent must be 2');"),
    RemoteError,
    `Cannot run code on kernel at ${server.url}: RangeError: extent must be 2`,
  );
  assertEquals(error.remoteName, "RangeError");
  assertEquals(await kernel.call("return 7;"), 7);
});

Deno.test("RemoteKernel.call() survives a dropped socket: the outcome is fetched when the connection is back", async () => {
  await using server = await startFakeServer((cell) => cell === 1 ? "drop" : undefined);
  await using kernel = await startKernel({ url: server.url, token: TOKEN });
  let numRuns = 0;
  Object.assign(globalThis, { countRun: () => ++numRuns });
  assertEquals(await kernel.call("await new Promise((go) => setTimeout(go, 50)); return countRun();"), 1);
  assertEquals(numRuns, 1); // and not done twice
  assertEquals(await kernel.call("return 'again';"), "again");
});

Deno.test("RemoteKernel.call() asks again for an outcome that got lost on the way", async () => {
  await using server = await startFakeServer((cell) => cell === 1 ? "mute" : undefined);
  await using kernel = await startKernel({ url: server.url, token: TOKEN });
  assertEquals(await kernel.call("return 5;"), 5);
  assertEquals(server.cells.length, 2);
});

Deno.test("RemoteKernel.call() says that the kernel died, or that the server is gone", async () => {
  await using dying = await startFakeServer((cell) => cell === 2 ? "die" : undefined);
  await using kernel = await startKernel({ url: dying.url, token: TOKEN });
  assertEquals(await kernel.call("return 1;"), 1);
  const message = `Cannot go on with kernel at ${dying.url}: kernel must live, got its death`;
  await assertRejects(() => kernel.call("return 2;"), KernelLostError, message);
  assertEquals(kernel.isAlive, false);
  await assertRejects(() => kernel.call("return 3;"), KernelLostError, message); // at once
  const going = await startFakeServer(() => "vanish");
  await using other = await startKernel({ url: going.url, token: TOKEN }, { patience: 0.5 });
  await assertRejects(
    () => other.call("return 1;"),
    KernelLostError,
    "connection must come back within 0.5 s, got none",
  );
});

Deno.test("startKernel() explains a wrong token, a missing server and an address that gives the token away", async () => {
  await using server = await startFakeServer();
  const wrong = await assertRejects(
    () => startKernel({ url: server.url, token: "guess" }),
    KernelLostError,
    `Cannot go on with kernel at ${server.url}: token must be the server's, got another`,
  );
  assertEquals(Deno.inspect(wrong).includes("guess"), false);
  await assertRejects(
    () => startKernel({ url: "http://127.0.0.1:1/", token: TOKEN }),
    KernelLostError,
    "server must answer, got no connection",
  );
  await assertRejects(
    () => startKernel({ url: "http://192.0.2.1:8888/", token: TOKEN }),
    RangeError,
    "url must be https, or http to this machine (a tunnel), got http://192.0.2.1:8888",
  );
  await assertRejects(() => connectKernel({ url: server.url, token: TOKEN }, "nobody"), KernelLostError);
});

Deno.test("startKernel() says that a server has no Deno kernel, and how to get it there", async () => {
  await using server = await startFakeServer(undefined, "python3");
  await assertRejects(
    () => startKernel({ url: server.url, token: TOKEN }),
    KernelLostError,
    "server must have the kernel deno (deno jupyter --install) besides python3, got status 500",
  );
});

Deno.test("the client prints nothing: neither token nor lines of its own", async () => {
  await using server = await startFakeServer((cell, code) =>
    code.includes("return 2;") ? "die" : cell === 2 ? "drop" : undefined
  );
  const code = `import { connectKernel, startKernel } from "${new URL(
    "../../lib/jupyter/mod.ts",
    import.meta.url,
  )}";
    const address = ${JSON.stringify({ url: server.url, token: TOKEN })};
    const kernel = await startKernel(address);
    for (let i = 0; i < 3; i++) await kernel.call("return 1;");
    const errors = await Promise.allSettled([
      kernel.call("return 2;"),
      startKernel(address, { name: "fortran" }),
      startKernel({ ...address, token: "guess" }),
      connectKernel(address, "nobody"),
    ]);
    await kernel.shutdown();
    console.warn("mine");
    console.log(errors.map(({ reason }) => Deno.inspect(reason)).join());
    Deno.exit();`;
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(path, code);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--config", CONFIG, "--allow-all", path],
      env: { NO_COLOR: "1" },
    }).output();
    const [errors, lines] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assertEquals(lines, "mine\n");
    assertEquals(errors?.match(/KernelLostError: Cannot go on/g)?.length, 4);
    for (const secret of [TOKEN, "guess"]) assertEquals(errors?.includes(secret), false);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("RemoteKernel interrupts when the signal is aborted, and is shut down in the end", async () => {
  await using server = await startFakeServer();
  {
    await using kernel = await startKernel({ url: server.url, token: TOKEN });
    const stop = new AbortController();
    const value = kernel.call("await new Promise((go) => setTimeout(go, 200)); return 1;", {
      signal: stop.signal,
    });
    stop.abort();
    await value;
    const same = await connectKernel({ url: server.url, token: TOKEN }, kernel.id);
    assertEquals(await same.call("return 2;"), 2);
    await same.reconnect();
    assertEquals(await same.call("return 3;"), 3);
    await same.shutdown();
  }
  assertEquals([server.numInterrupts, server.numShutDown], [1, 2]);
});
