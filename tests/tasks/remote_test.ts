import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { createTokenGrid } from "../../lib/core/mod.ts";
import { flattenTensors, saveWeights } from "../../lib/media/mod.ts";
import {
  decodeRunPicture,
  encodeRunPicture,
  type Generated,
  type GenerateOptions,
  loadRun,
  remote,
  REMOTE_VERSION,
  type RemoteCaller,
  type RemoteRun,
  resumeRun,
  startRun,
} from "../../lib/tasks/mod.ts";
import { createModel, generateAtOnce, OPTIONS } from "./_fixtures.ts";

/** Another machine that is this one: what is sent and what comes home is text. */
const HERE: RemoteCaller = {
  url: "here",
  async call(body) {
    const answer = await new Function(`return (async () => {${body}\n})();`)();
    return JSON.parse(JSON.stringify(answer ?? null));
  },
};
const TOOLKIT = new URL("../../mod.ts", import.meta.url).href;

const { config, parameters } = createModel();
const model = { config, parameters };

/** Does something with the toolkit of the other machine, whose weights are those of `model`. */
async function withToolkit(
  work: (there: ReturnType<typeof remote>, folder: string) => Promise<void>,
): Promise<void> {
  const weights = await Deno.makeTempDir();
  try {
    await saveWeights(weights, { config, tensors: flattenTensors(parameters), dtype: "F32" });
    await work(remote(HERE, { weights, toolkit: TOOLKIT }), weights);
  } finally {
    await Deno.remove(weights, { recursive: true });
  }
}

async function finish(steps: ReturnType<ReturnType<typeof remote>["generate"]>): Promise<Generated> {
  for (;;) {
    const next = await steps.next();
    if (next.done) return next.value;
    assertEquals(next.value.filled.length > 0, true);
  }
}

async function advance(run: RemoteRun, until = run.numPatches): Promise<void> {
  for await (const { numDone } of run.advance({ until })) assertEquals(numDone <= until, true);
}

Deno.test("remote().generate() returns what generate() returns, whatever the options", async () => {
  const { tokens } = await generateAtOnce(model, OPTIONS);
  const known = createTokenGrid(6, 8); // the two columns on the left
  for (let row = 0; row < 6; row++) {
    for (let column = 0; column < 4; column++) known.set(row, column, tokens.get(row, column));
  }
  const requests: GenerateOptions[] = [
    OPTIONS,
    { ...OPTIONS, order: "serpentine", waves: false, sampling: { temperature: 0 }, precision: "int8" },
    { ...OPTIONS, known, extent: { width: 1, height: 1, frames: 0 }, local: "p-nar", numSteps: 2 },
  ];
  await withToolkit(async (there) => {
    for (const options of requests) {
      const here = await generateAtOnce(model, options);
      assertEquals(await finish(there.generate(options)), here);
    }
  });
});

Deno.test("remote().startRun() gives a run that stops, goes back and branches like one that is held here", async () => {
  await withToolkit(async (there) => {
    await using run = await there.startRun(OPTIONS);
    await using own = await startRun(model, OPTIONS);
    for await (const _ of own.advance({ until: 9 }));
    await advance(run, 9);
    const { settings, plan, sequence, device, warnings, numPatches } = own;
    assertEquals(
      [run.settings, run.plan, run.sequence, run.device, run.warnings, run.numPatches],
      [settings, plan, sequence, device, warnings, numPatches],
    );
    assertEquals(run.state, { numDone: 9, tokens: own.state.tokens });
    await own.rewind(4);
    await run.rewind(4);
    assertEquals(run.state, { numDone: 4, tokens: own.state.tokens });
    await using branch = await run.branch({ numDone: 3, seed: 6 });
    await using ownBranch = await own.branch({ numDone: 3, seed: 6 });
    assertEquals(branch.settings, ownBranch.settings);
    await advance(branch);
    for await (const _ of ownBranch.advance());
    assertEquals(branch.state.tokens.data, ownBranch.state.tokens.data);
    assertEquals((await branch.decode()).data, (await ownBranch.decode()).data);
    await advance(run);
    assertEquals((await run.decode()).data, (await generateAtOnce(model, OPTIONS)).picture.data);
    assertNotEquals(run.state.tokens.data, branch.state.tokens.data);
    assertEquals((await run.preview()).shape, [48, 62, 3]);
  });
});

Deno.test("RemoteRun.advance() stops at its signal, can be left, and goes on under its id", async () => {
  await withToolkit(async (there) => {
    await using run = await there.startRun(OPTIONS);
    for await (const _ of run.advance({ signal: AbortSignal.abort() }));
    assertEquals(run.state.numDone, 0);
    await advance(run, 5);
    const again = await there.findRun(run.id); // after the notebook here was lost, say
    assertEquals(again.state, run.state);
    await advance(again);
    for await (const _ of run.advance({ until: 7 })); // it is further already, there
    assertEquals(run.state, again.state);
    await again.dispose();
    await assertRejects(
      () => run.rewind(0),
      RangeError,
      `Cannot find run: id must be that of one that goes on in this kernel, got ${run.id}`,
    );
  });
});

Deno.test("a run goes on anywhere: from what is known here when its machine is lost, or from a file there", async () => {
  const whole = await generateAtOnce(model, OPTIONS);
  await withToolkit(async (there, folder) => {
    const keepAs = `${folder}/kept.png`;
    const run = await there.startRun({ ...OPTIONS, keepAs });
    await advance(run, 7);
    const { settings, state, weightsSha256 } = run;
    await run.dispose();
    assertEquals((await loadRun(keepAs)).weightsSha256, weightsSha256);
    await using here = await resumeRun(model, { settings, ...state }, { device: "cpu" });
    for await (const _ of here.advance());
    assertEquals(here.state.tokens.data, whole.tokens.data);
    await using elsewhere = await there.resumeRun({ settings, ...state }, { device: "cpu" });
    assertEquals(elsewhere.state, state);
    await advance(elsewhere);
    assertEquals(elsewhere.state.tokens.data, whole.tokens.data);
    await using kept = await there.resumeRun(keepAs);
    assertEquals(kept.state, state);
    const png = await encodeRunPicture(await kept.decode(), { ...kept, ...kept.state });
    assertEquals(decodeRunPicture(png, "here").weightsSha256, weightsSha256);
  });
});

Deno.test("remote() says what the other machine lacks", async () => {
  const start = (kernel: RemoteCaller, options: Parameters<typeof remote>[1]) =>
    remote(kernel, options).startRun(OPTIONS);
  await assertRejects(
    () => start(HERE, { weights: "nowhere", toolkit: "file:///nowhere/mod.ts" }),
    TypeError,
    "Cannot import toolkit in ",
  );
  const other = `data:text/javascript,export const REMOTE_VERSION = ${REMOTE_VERSION + 1};`;
  await assertRejects(
    () => start(HERE, { weights: "nowhere", toolkit: other }),
    RangeError,
    `Cannot use toolkit there: its version must be ${REMOTE_VERSION}, as here, got ${
      REMOTE_VERSION + 1
    }; bring both machines to the same version of nuwa-infinity`,
  );
  await assertRejects(
    () => start(HERE, { weights: "nowhere", toolkit: "data:text/javascript," }),
    RangeError,
    "got undefined; bring",
  );
  await assertRejects(
    () => start(HERE, { weights: "/nowhere", toolkit: TOOLKIT }),
    Error,
    "/nowhere",
  );
  await withToolkit(async (there) => {
    await assertRejects(
      () => there.startRun({ ...OPTIONS, order: (a, b) => a.row - b.row }),
      TypeError,
      "Cannot generate there: order must be plain data to travel, got a function",
    );
    await assertRejects(
      () => there.generate({ ...OPTIONS, capture: ["logits"] }).next(),
      TypeError,
      "Cannot generate there: capture must be absent, since activations stay there, got some",
    );
    await assertRejects(() => there.generate({ ...OPTIONS, width: 0 }).next(), RangeError, "width");
    const { deno, cores, auto } = await there.describe();
    assertEquals([deno, cores, auto !== undefined], [
      Deno.version.deno,
      navigator.hardwareConcurrency,
      true,
    ]);
  });
});
