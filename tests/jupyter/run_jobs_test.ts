import { assertEquals } from "@std/assert";
import { KernelLostError, type RemoteKernel, runJobs, type ServerAddress } from "../../lib/jupyter/mod.ts";
import { startFakeServer, TOKEN } from "./_fake_server.ts";

/** A kernel that only knows where it is. */
function createKernel({ url }: ServerAddress): RemoteKernel {
  const nothing = () => Promise.resolve();
  return {
    id: url,
    url,
    isAlive: true,
    call: nothing,
    interrupt: nothing,
    reconnect: nothing,
    shutdown: nothing,
    [Symbol.asyncDispose]: nothing,
  };
}

const start = (server: ServerAddress) => Promise.resolve(createKernel(server));
const pause = () => new Promise((resolve) => setTimeout(resolve, 1));

Deno.test("runJobs() gives results in the order of the jobs, at most one at a time on each kernel", async () => {
  const busy = new Map<string, number>();
  let most = 0;
  const outcomes = await runJobs([{ url: "a" }, { url: "b" }], [5, 1, 4, 2, 3], async ({ url }, job) => {
    busy.set(url, (busy.get(url) ?? 0) + 1);
    most = Math.max(most, busy.get(url) ?? 0);
    for (let i = 0; i < job; i++) await pause();
    busy.set(url, (busy.get(url) ?? 0) - 1);
    return job * 10;
  }, { start });
  assertEquals(outcomes.map((outcome) => outcome.status === "done" && outcome.value), [50, 10, 40, 20, 30]);
  assertEquals(most, 1);
});

Deno.test("runJobs() moves a job when a kernel dies, and a failing job fails alone", async () => {
  const events: string[] = [];
  let numDeaths = 0;
  const outcomes = await runJobs([{ url: "a" }, { url: "b" }], ["x", "y", "z"], async ({ url }, job) => {
    await pause();
    if (job === "x" && numDeaths++ === 0) throw new KernelLostError("kernel must live, got its death", url);
    if (job === "y") throw new RangeError("bad extent");
    return job;
  }, { start, onEvent: ({ job, what }) => events.push(`${job} ${what}`) });
  assertEquals(outcomes.map(({ status }) => status), ["done", "failed", "done"]);
  assertEquals(events.filter((event) => event.startsWith("0")), [
    "0 started",
    "0 moved",
    "0 started",
    "0 done",
  ]);
});

Deno.test("runJobs() gives up a job that kills every kernel, and all jobs when no server is left", async () => {
  let numStarts = 0;
  const [killer, fine] = await runJobs([{ url: "a" }], ["killer", "fine"], ({ url }, job) => {
    return job === "fine" ? Promise.resolve(job) : Promise.reject(new KernelLostError("memory", url));
  }, { start: (server) => (numStarts++, start(server)) });
  assertEquals([killer?.status, fine?.status, numStarts], ["failed", "done", 4]);
  const left = await runJobs([{ url: "a" }, { url: "b" }], [1, 2], () => Promise.resolve(1), {
    start: ({ url }) => Promise.reject(new KernelLostError("server must answer, got no connection", url)),
  });
  assertEquals(left.map((outcome) => outcome.status === "failed" && String(outcome.error)), [
    "KernelLostError: Cannot go on with kernel at a, b: servers must be left, got none",
    "KernelLostError: Cannot go on with kernel at a, b: servers must be left, got none",
  ]);
});

Deno.test("runJobs() moves jobs from a server that vanishes to one that stays", async () => {
  await using staying = startFakeServer();
  await using leaving = startFakeServer((cell) => cell === 1 ? "die" : undefined);
  const servers = [leaving, staying].map(({ url }) => ({ url, token: TOKEN }));
  const outcomes = await runJobs(servers, [1, 2, 3, 4], (kernel, job) => kernel.call(`return ${job} ** 2;`));
  assertEquals(outcomes.map((outcome) => outcome.status === "done" && outcome.value), [1, 4, 9, 16]);
  assertEquals(leaving.numShutDown + staying.numShutDown >= 2, true);
});

Deno.test("runJobs() ends when it is stopped: what is done stays, no kernel is left", async () => {
  const stop = new AbortController();
  let numShutDown = 0;
  const outcomes = await runJobs([{ url: "a" }, { url: "b" }], [1, 2, 3, 4, 5], async (_, job) => {
    if (job < 3) return job;
    if (job === 4) stop.abort(new DOMException("Stopped by the user", "AbortError"));
    return await new Promise<never>(() => {}); // for ever
  }, {
    start: (server) =>
      Promise.resolve({ ...createKernel(server), shutdown: () => Promise.resolve(void numShutDown++) }),
    signal: stop.signal,
  });
  const shown = outcomes.map((outcome) => outcome.status === "done" ? outcome.value : String(outcome.error));
  assertEquals(shown, [1, 2, ...new Array(3).fill("AbortError: Stopped by the user")]);
  assertEquals(numShutDown, 2);
});

Deno.test("runJobs() starts no kernel when it is stopped before it begins", async () => {
  let numStarts = 0;
  const [outcome] = await runJobs([{ url: "a" }], [1], (_, job) => Promise.resolve(job), {
    start: (server) => (numStarts++, start(server)),
    signal: AbortSignal.abort(new DOMException("Stopped by the user", "AbortError")),
  });
  assertEquals([outcome?.status, numStarts], ["failed", 0]);
});
