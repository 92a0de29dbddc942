import { assertAlmostEquals, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { createPicture } from "../../lib/core/mod.ts";
import {
  changePrompt,
  compilePatchModel,
  encodePrompt,
  forceTokens,
  type Intervention,
  type PatchInspection,
  removeContext,
  tokenSurprise,
} from "../../lib/steps/mod.ts";
import { switchOffHeads } from "../../lib/models/mod.ts";
import {
  decodeRunPicture,
  encodeRunPicture,
  generate,
  type GenerateOptions,
  resumeRun,
  type Run,
  startRun,
} from "../../lib/tasks/mod.ts";
import { createModel, generateAtOnce, OPTIONS } from "./_fixtures.ts";

const model = createModel();
const whole = await generateAtOnce(model, OPTIONS);

async function tokensOf(options: Partial<GenerateOptions>): Promise<Int32Array> {
  return Int32Array.from((await generateAtOnce(model, { ...OPTIONS, ...options })).tokens.data);
}

async function finish(run: Run): Promise<Int32Array> {
  for await (const _ of run.advance()) { /* to the end */ }
  return Int32Array.from(run.state.tokens.data);
}

/** Columns of tokens that differ between two canvases 8 tokens wide. */
function changedColumns(one: ArrayLike<number>, other: ArrayLike<number>): number[] {
  return Array.from({ length: 8 }, (_, column) => column).filter((column) =>
    Array.from({ length: one.length / 8 }, (_, row) => row * 8 + column).some((i) => one[i] !== other[i])
  );
}

Deno.test("generate() takes an intervention: forced tokens are in the picture, an empty change is none", async () => {
  assertEquals(await tokensOf({ intervene: (view) => view }), Int32Array.from(whole.tokens.data));
  const force = forceTokens({ 0: 7, 3: 9 }, ({ row, column }) => row === 1 && column === 2);
  const forced = await tokensOf({ intervene: force });
  assertEquals([forced[2 * 8 + 4], forced[3 * 8 + 5]], [7, 9]); // 2 x 2 tokens a patch
});

Deno.test("generate() under changePrompt() for all patches is generate() under that text", async () => {
  const patches = await compilePatchModel(model, { maxContext: 1, isGuided: true, device: "cpu" });
  const night = await encodePrompt(patches, "night");
  await patches.dispose();
  assertEquals(await tokensOf({ intervene: changePrompt(night) }), await tokensOf({ text: "night" }));
});

Deno.test("generate() waits for an intervention, which sees live values, and alike in waves and one by one", async () => {
  const seen = new Map<string, number[]>();
  const intervene: Intervention = async (view) => {
    await Promise.resolve();
    const drawn = view.context.flatMap(({ tokens = [] }) => [...tokens]); // those that this run has drawn
    seen.set(`${view.position.row} ${view.position.column}`, drawn);
    return drawn.some((id) => id % 2 === 1)
      ? removeContext(...view.context.map((c) => c.position))(view)
      : view;
  };
  const waves = await tokensOf({ intervene });
  assertEquals(seen.get("0 0"), []);
  assertEquals(seen.get("0 1")?.slice(0, 4), [waves[0], waves[1], waves[8], waves[9]]);
  assertEquals(await tokensOf({ intervene, waves: false }), waves);
  assertNotEquals(waves, Int32Array.from(whole.tokens.data));
});

Deno.test("generate() takes changes of activations: without its heads of text, the text does not matter", async () => {
  const changes = { "layers.*.text.read": switchOffHeads(0, 1) };
  const guidance = { sampling: { guidance: 1 } };
  const changed = await tokensOf({ changes, ...guidance });
  assertEquals(changed, await tokensOf({ changes, ...guidance, text: "night" }));
  assertNotEquals(changed, await tokensOf(guidance));
});

Deno.test("generate() with capture gives the inside of every patch, and the same picture", async () => {
  const options = { ...OPTIONS, order: "down-right", capture: ["logits", "layers.*.self.weights"] };
  const drawn = await listInspections(options);
  const { tokens } = await generateAtOnce(model, { ...OPTIONS, order: "down-right" });
  assertEquals(drawn.length, 12);
  for (const { position: { row, column }, context, activations, tokens: own } of drawn) {
    assertEquals(activations["layers.0.self.weights"]?.tensor.shape, [2, 4, 4 * context.length + 4]);
    assertEquals(own[3], tokens.get(2 * row + 1, 2 * column + 1)); // 2 x 2 tokens a patch
  }
  const known = await listInspections({ ...options, known: tokens }); // the likelihood of a picture that is there
  assertEquals(known.map(({ position }) => position), drawn.map(({ position }) => position));
  known.forEach((seen, i) => assertAlmostEquals(tokenSurprise(seen, 3), tokenSurprise(drawn[i]!, 3), 1e-4));
});

async function listInspections(options: GenerateOptions): Promise<PatchInspection[]> {
  const all: PatchInspection[] = [];
  for await (const { inspections = [] } of generate(model, { ...options, waves: false })) {
    all.push(...inspections);
  }
  return all;
}

Deno.test("a Run with functions says so in its settings, and is resumed only with them", async () => {
  const intervene = forceTokens({ 0: 7 }, ({ column }) => column === 1);
  const changes = { "layers.1.self.read": switchOffHeads(0) };
  const direct = await tokensOf({ intervene, changes });
  await using run = await startRun(model, { ...OPTIONS, intervene, changes });
  for await (const _ of run.advance({ until: 5 })) { /* as far as that */ }
  assertEquals(run.settings.interventions, ["intervene", "layers.1.self.read"]);
  const record = { settings: run.settings, ...run.state };
  const loaded = decodeRunPicture(await encodeRunPicture(createPicture(48, 62), record), "run.png");
  assertEquals(loaded.settings, run.settings);
  await assertRejects(
    () => resumeRun(model, loaded),
    RangeError,
    "Cannot resume run: interventions must be given again, since functions are not saved, " +
      "intervene, layers.1.self.read, got none",
  );
  await using resumed = await resumeRun(model, loaded, { device: "cpu", intervene, changes });
  assertEquals(await finish(resumed), direct);
  assertEquals(await finish(run), direct);
  await run.rewind(3); // computes pools again, with the functions
  assertEquals(await finish(run), direct);
  await assertRejects(
    () =>
      resumeRun(model, {
        ...whole,
        settings: { ...OPTIONS, ...loaded.settings, interventions: undefined },
        numDone: 1,
      }, { intervene }),
    RangeError,
    "functions are not saved, none, got intervene",
  );
});

Deno.test("Run.branch() goes on under another intervention, and remembers what came before", async () => {
  await using run = await startRun(model, { ...OPTIONS, order: "down-right" }); // column by column
  for await (const _ of run.advance({ until: 6 })) { /* half of it */ }
  const intervene = forceTokens({ 0: 7, 1: 7, 2: 7, 3: 7 }, ({ column }) => column === 2);
  await using branch = await run.branch({ intervene });
  const { sampling } = run.settings;
  assertEquals(branch.settings.interventions, ["intervene"]);
  assertEquals(branch.settings.lineage, [{ numDone: 6, seed: 5, text: "snow river", sampling }]);
  const [changed, straight] = [await finish(branch), await finish(run)];
  assertEquals(changedColumns(changed, straight)[0]! >= 2, true);
  assertEquals([4, 5, 12, 13].map((i) => changed[i]), [7, 7, 7, 7]);
  await using back = await branch.branch({ numDone: 8, seed: 1 });
  assertEquals(back.settings.lineage?.at(-1)?.interventions, ["intervene"]);
});
