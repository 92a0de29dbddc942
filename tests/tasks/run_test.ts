import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { createTokenGrid } from "../../lib/core/mod.ts";
import { type AdvanceOptions, resumeRun, type Run, startRun } from "../../lib/tasks/mod.ts";
import { createModel, generateAtOnce, OPTIONS } from "./_fixtures.ts";

const model = createModel();
const whole = await generateAtOnce(model, OPTIONS);

async function advance(run: Run, options: AdvanceOptions = {}): Promise<number[]> {
  const counts: number[] = [];
  for await (const { numDone } of run.advance(options)) counts.push(numDone);
  return counts;
}

/** Codes of the first patches in the order of filling. */
function codesOf({ state, sequence, plan }: Run, numDone: number): number[] {
  const [h = 0] = state.tokens.shape, side = h / plan.grid.rows;
  return sequence.slice(0, numDone).flatMap(({ row, column }) =>
    Array.from({ length: side * side }, (_, i) => {
      return state.tokens.get(row * side + Math.floor(i / side), column * side + i % side);
    })
  );
}

for (const waves of [true, false]) {
  Deno.test(`Run stopped after every patch gives generate()'s picture, waves ${waves}`, async () => {
    await using run = await startRun(model, { ...OPTIONS, waves });
    while (run.state.numDone < run.numPatches) await advance(run, { until: run.state.numDone + 1 });
    assertEquals(run.state.tokens.data, whole.tokens.data);
    assertEquals((await run.decode()).data, whole.picture.data);
  });
}

Deno.test("Run.advance() stops after the patches in work when its signal is aborted, and goes on later", async () => {
  await using run = await startRun(model, OPTIONS);
  const stop = new AbortController();
  for await (const { numDone } of run.advance({ signal: stop.signal })) if (numDone >= 4) stop.abort();
  const stopped = run.state;
  assertEquals(stopped.numDone < run.numPatches, true);
  assertEquals([...stopped.tokens.data].filter((id) => id >= 0).length, stopped.numDone * 4); // 2 x 2 tokens
  await advance(run);
  assertEquals(run.state.tokens.data, whole.tokens.data);
  assertEquals([...stopped.tokens.data].filter((id) => id >= 0).length, stopped.numDone * 4); // never changed
});

Deno.test("Run.rewind() goes to any step, forwards is the same picture again", async () => {
  await using run = await startRun(model, OPTIONS);
  await advance(run);
  for (const numDone of [11, 7, 4, 3, 0]) {
    await run.rewind(numDone);
    assertEquals([...run.state.tokens.data].filter((id) => id >= 0).length, numDone * 4);
    assertEquals(codesOf(run, numDone).includes(-1), false);
  }
  await advance(run, { until: 5 });
  await run.rewind(2);
  await advance(run);
  assertEquals(run.state.tokens.data, whole.tokens.data);
  await assertRejects(
    () => run.rewind(13),
    RangeError,
    "Cannot go back in run: numDone must be an integer 0 to 12, got 13",
  );
});

Deno.test("Run.branch() keeps the first patches, draws others under another seed, and leaves the run alone", async () => {
  const run = await startRun(model, OPTIONS);
  await advance(run, { until: 9 });
  await using branch = await run.branch({ numDone: 5, seed: 6 });
  await advance(run);
  assertEquals(run.state.tokens.data, whole.tokens.data);
  await run.dispose(); // the branch still needs what is compiled
  await advance(branch);
  assertEquals(codesOf(branch, 5), codesOf(run, 5));
  assertNotEquals(codesOf(branch, 12), codesOf(run, 12));
  const { sampling } = run.settings;
  assertEquals(branch.settings.lineage, [{ numDone: 5, seed: 5, text: "snow river", sampling }]);
  assertEquals(branch.settings.seed, 6);
  await branch.rewind(3); // below the branching: the settings of those patches are the old run's
  assertEquals(branch.settings.lineage, [{ numDone: 3, seed: 5, text: "snow river", sampling }]);
});

Deno.test("Run.branch() with another text is the run that had those patches under that text", async () => {
  await using run = await startRun(model, OPTIONS);
  await advance(run, { until: 6 });
  await using same = await run.branch({});
  await using night = await run.branch({ text: "night" });
  await using back = await night.branch({ text: "snow river" });
  for (const branch of [run, same, night, back]) await advance(branch);
  assertEquals(same.state.tokens.data, run.state.tokens.data);
  assertEquals(back.state.tokens.data, run.state.tokens.data); // what was pooled under "night" is gone
  assertNotEquals(night.state.tokens.data, run.state.tokens.data);
  await assertRejects(
    () => run.branch({ sampling: { guidance: 1 } }),
    RangeError,
    "Cannot branch run: guidance must be other than 1, as in the run, got 1",
  );
});

Deno.test("Run.preview() is grey where nothing is, and close to the picture in the end", async () => {
  await using run = await startRun(model, OPTIONS);
  assertEquals(new Set((await run.preview()).data), new Set([0xd8]));
  await advance(run, { until: 4 });
  const early = await run.preview();
  assertEquals(early.shape, [48, 62, 3]);
  const { row, column } = run.sequence[4]!; // tiny patches are 16 pixels wide
  assertEquals(early.get(row * 16 + 8, column * 16 + 8, 0), 0xd8);
  await advance(run);
  const late = await run.preview(), exact = await run.decode();
  const errors = late.data.map((value, i) => Math.abs(value - exact.data[i]!));
  assertEquals(errors.reduce((sum, error) => sum + error, 0) / errors.length < 12, true);
  await run.rewind(0);
  assertEquals(new Set((await run.preview()).data), new Set([0xd8]));
});

Deno.test("resumeRun() goes on from tokens alone, and refuses those of another canvas", async () => {
  const run = await startRun(model, OPTIONS);
  await advance(run, { until: 7 });
  const { settings, state: { numDone, tokens } } = run;
  await run.dispose();
  await using resumed = await resumeRun(model, { settings, numDone, tokens }, { device: "cpu" });
  await advance(resumed);
  assertEquals(resumed.state.tokens.data, whole.tokens.data);
  await assertRejects(
    () => resumeRun(model, { settings, numDone, tokens: createTokenGrid(2, 8) }),
    RangeError,
    "Cannot resume run: tokens must be 6 x 8, as this model has them, got 2 x 8",
  );
});

Deno.test("resumeRun() refuses other weights than those that the record names", async () => {
  await using run = await startRun(model, OPTIONS);
  const record = { settings: run.settings, ...run.state, weightsSha256: "a1" };
  await assertRejects(
    () => resumeRun(model, record, { weightsSha256: "b2" }),
    RangeError,
    "Cannot resume run: weights must be those of SHA-256 a1, with which it began, got b2",
  );
  await using same = await resumeRun(model, record, { device: "cpu", weightsSha256: "a1" });
  assertEquals(same.state.numDone, 0);
});

Deno.test("Run.branch() of a random order keeps that order under another seed, also when it is resumed", async () => {
  await using run = await startRun(model, { ...OPTIONS, order: "random" });
  await advance(run, { until: 6 });
  await using branch = await run.branch({ seed: 6 });
  const { settings, state: { numDone, tokens } } = branch;
  assertEquals(settings.order, run.plan.steps.map(({ position }) => position));
  assertEquals((await run.branch({})).settings.order, "random");
  await using resumed = await resumeRun(model, { settings, numDone, tokens }, { device: "cpu" });
  assertEquals(resumed.sequence, run.sequence);
  for (const each of [branch, resumed]) await advance(each);
  assertEquals(resumed.state.tokens.data, branch.state.tokens.data);
});

Deno.test("startRun() takes the caller's own order and remembers it as a list", async () => {
  const order = Array.from(
    { length: 12 },
    (_, i) => ({ frame: 0, row: 2 - Math.floor(i / 4), column: i % 4 }),
  );
  const whole = await generateAtOnce(model, { ...OPTIONS, order });
  await using run = await startRun(model, {
    ...OPTIONS,
    order: (a, b) => b.row - a.row || a.column - b.column,
  });
  assertEquals(run.settings.order, order);
  await advance(run);
  assertEquals(run.state.tokens.data, whole.tokens.data);
});
