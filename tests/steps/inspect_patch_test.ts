import { assert, assertEquals, assertGreater, assertNotEquals, assertRejects } from "@std/assert";
import { addToPool, type ContextPool, emptyPool, poolKey } from "../../lib/context_pool/mod.ts";
import { type Plan, scheduleOrder } from "../../lib/direction/mod.ts";
import { describeLogits, plotAttention, plotTextAttention } from "../../lib/figures/mod.ts";
import { billActivations, switchOffHeads } from "../../lib/models/mod.ts";
import {
  activationOf,
  changePrompt,
  compileInspector,
  compilePatchModel,
  encodePrompt,
  type FilledPatch,
  fillPatch,
  type FillPatchOptions,
  forceTokens,
  inspectPatch,
  type InspectPatchOptions,
  type PatchModel,
  removeContext,
  replaceContext,
  tokenSurprise,
  traceAttention,
  traceLogits,
  traceTextAttention,
  updateContextPool,
} from "../../lib/steps/mod.ts";
import { createModel } from "../tasks/_fixtures.ts";

const MODEL = createModel(); // 2 layers, 2 heads, patches of 2 x 2 tokens, 64 codes
const PLAN = scheduleOrder({
  grid: { rows: 2, columns: 3, frames: 1 },
  order: "down-right",
  extent: { width: 2, height: 2, frames: 0 },
});
const M = 4, HEADS = 2, LAYERS = 2;
const GREEDY = { temperature: 0, guidance: 2 };
const COMPILE = { maxContext: PLAN.maxContext, isGuided: true, batchSize: 1, device: "cpu" } as const;

/** A step with what it needs, and what came out of it. */
interface Example {
  readonly patches: PatchModel;
  /** For `fillPatch`. */
  readonly fill: FillPatchOptions;
  /** For `inspectPatch`. */
  readonly view: InspectPatchOptions;
}

/** Fills all patches but the last, and then the last one, which sees the five others. */
async function createExample(patches: PatchModel): Promise<Example> {
  const prompt = await encodePrompt(patches, "snow river");
  let pool = emptyPool();
  for (let stepIndex = 0;; stepIndex++) {
    const fill = { plan: PLAN, stepIndices: [stepIndex], pool, prompt, seed: 4, sampling: GREEDY };
    const filled = await fillPatch(patches, fill);
    const tokens = tokensOf(filled);
    if (stepIndex === 5) return { patches, fill, view: { plan: PLAN, stepIndex, pool, prompt, tokens } };
    pool = await updateContextPool(patches, pool, filled, { plan: PLAN, prompt });
  }
}

function tokensOf(filled: readonly FilledPatch[]): Int32Array {
  return filled[0]?.tokens ?? new Int32Array();
}

/** A plan whose last step does not see the patch of `place`. */
function planWithout(place: number): Plan {
  return {
    ...PLAN,
    steps: PLAN.steps.map((step, index) =>
      index < 5 ? step : { ...step, context: step.context.filter((_, i) => i !== place) }
    ),
  };
}

function without(pool: ContextPool, key: string): ContextPool {
  return { patches: new Map([...pool.patches].filter(([one]) => one !== key)) };
}

Deno.test("fillPatch() and inspectPatch() under interventions", async (t) => {
  const patches = await compilePatchModel(MODEL, COMPILE);
  const inspector = await compileInspector(patches, {
    capture: ["logits", "layers.*.self.weights", "layers.*.text.weights", "layers.0.residual"],
  });
  const { fill, view } = await createExample(patches);
  const seen = await inspectPatch(inspector, view);
  const context = PLAN.steps[5]?.context ?? [];
  const [, other] = context;
  assert(other !== undefined);

  await t.step("inspectPatch() sees the very logits that the tokens were drawn from", () => {
    const { logits: { shape: [, K = 0], data } } = traceLogits(seen, GREEDY.guidance);
    const best = Array.from({ length: M }, (_, m) => {
      const row = [...data.slice(m * K, (m + 1) * K)];
      return row.indexOf(Math.max(...row));
    });
    assertEquals(best, [...view.tokens]);
    assertNotEquals(seen.withoutText?.["logits"]?.tensor.data, seen.activations["logits"]?.tensor.data);
  });

  await t.step("inspectPatch() names axes, and leaves out empty slots and padding", () => {
    assertEquals(seen.context, context);
    assertEquals(seen.words, ["snow", "river"]);
    const shapes = Object.entries(seen.activations).map(([name, { axes, tensor }]) => {
      return [name, axes.join(), tensor.shape];
    });
    assertEquals(shapes, [
      ["layers.0.self.weights", "heads,tokens,keys", [HEADS, M, 6 * M]],
      ["layers.0.text.weights", "heads,tokens,words", [HEADS, M, 2]],
      ["layers.0.residual", "tokens,channels", [M, 32]],
      ["layers.1.self.weights", "heads,tokens,keys", [HEADS, M, 6 * M]],
      ["layers.1.text.weights", "heads,tokens,words", [HEADS, M, 2]],
      ["logits", "tokens,codes", [M, 64]],
    ]);
    const names = Object.keys(seen.activations);
    const { bytes } = billActivations(MODEL.config, names, { numContext: 5 });
    assertEquals(inspector.bill.bytes, bytes);
    const padding = 2 * LAYERS * HEADS * M * 4 * 6 - LAYERS * HEADS * M * 4 * (2 + 1); // 6 words; 2, and <none>
    assertEquals(seen.bytes, 2 * bytes - padding);
  });

  await t.step("traces are what the figures take", () => {
    const attention = traceAttention(seen), text = traceTextAttention(seen);
    assertEquals(attention.weights.shape, [LAYERS, HEADS, M, 6 * M]);
    for (const { data, shape } of [attention.weights, text.weights]) {
      const width = shape[3] ?? 1;
      for (let row = 0; row < data.length / width; row++) {
        const sum = data.slice(row * width, (row + 1) * width).reduce((a, b) => a + b);
        assert(Math.abs(sum - 1) < 1e-5, `row ${row} sums to ${sum}`);
      }
    }
    assertGreater(plotAttention(attention, { query: 1 }).data.length, 0);
    assertGreater(plotTextAttention(text).data.length, 0);
    const { surprise } = describeLogits(traceLogits(seen));
    surprise.forEach((bits, token) => assert(Math.abs(bits - tokenSurprise(seen, token)) < 1e-4));
  });

  await t.step("removeContext() is a plan without that patch, and a pool that lacks it", async () => {
    const key = poolKey(other);
    const [removed] = [await inspectPatch(inspector, { ...view, intervene: removeContext(other) })];
    const lacking = { plan: planWithout(1), pool: without(view.pool, key) };
    const expected = await inspectPatch(inspector, { ...view, ...lacking });
    assertEquals(removed, expected);
    assertNotEquals(removed.activations["logits"], seen.activations["logits"]);
    const sampling = { temperature: 1 };
    assertEquals(
      await fillPatch(patches, { ...fill, sampling, intervene: removeContext(other) }),
      await fillPatch(patches, { ...fill, ...lacking, sampling }),
    );
    const all = removeContext(...context);
    assertEquals((await inspectPatch(inspector, { ...view, intervene: all })).context, []);
    assertEquals(await inspectPatch(inspector, { ...view, intervene: removeContext(view5()) }), seen);
  });

  await t.step("replaceContext() is a pool that holds another patch there", async () => {
    const [first, by] = [...view.pool.patches.values()];
    assert(first !== undefined && by !== undefined);
    const swapped = addToPool(view.pool, [{ ...by, position: first.position }]);
    const replaced = await inspectPatch(inspector, {
      ...view,
      intervene: replaceContext(first.position, by),
    });
    assertEquals(replaced, await inspectPatch(inspector, { ...view, pool: swapped }));
    assertNotEquals(replaced, seen);
  });

  await t.step("changePrompt() is another prompt, where it is chosen", async () => {
    const night = await encodePrompt(patches, "night");
    const intervene = changePrompt(night, ({ column }) => column === 2);
    const changed = await inspectPatch(inspector, { ...view, intervene });
    assertEquals(changed, await inspectPatch(inspector, { ...view, prompt: night }));
    assertEquals(changed.words, ["night"]);
    const never = changePrompt(night, ({ column }) => column === 0);
    assertEquals(await inspectPatch(inspector, { ...view, intervene: never }), seen);
  });

  await t.step("forceTokens() come out, and the others are drawn as if they had been", async () => {
    const code = ((view.tokens[1] ?? 0) + 1) % 64;
    const tokens = tokensOf(await fillPatch(patches, { ...fill, intervene: forceTokens({ 1: code }) }));
    assertEquals([tokens[0], tokens[1]], [view.tokens[0], code]);
    const after = await inspectPatch(inspector, { ...view, tokens });
    for (const token of [2, 3]) {
      const best = Array.from({ length: 64 }, (_, code) => tokenSurprise(after, token, { code }));
      assertEquals(tokens[token], best.indexOf(Math.min(...best)));
    }
    const nowhere = forceTokens({ 1: code }, ({ row }) => row === 7);
    assertEquals(tokensOf(await fillPatch(patches, { ...fill, intervene: nowhere })), view.tokens);
    for (
      const [codes, message] of [[{ 4: 0 }, "token must be an index of 4, got 4"], [
        { 0: 64 },
        "code",
      ]] as const
    ) {
      await assertRejects(
        () => fillPatch(patches, { ...fill, intervene: forceTokens(codes) }),
        RangeError,
        `Cannot force tokens: ${message}`,
      );
    }
  });

  await t.step("inspectPatch() and activationOf() refuse what is not there", async () => {
    await assertRejects(
      () => inspectPatch(inspector, { ...view, tokens: new Int32Array(3) }),
      TypeError,
      "Cannot inspect patch: tokens must have shape [4], got [3]",
    );
    assertEquals(activationOf(seen, "layers.0.residual").axes, ["tokens", "channels"]);
    await assertRejects(
      () => Promise.resolve().then(() => activationOf(seen, "input")),
      RangeError,
      "Cannot read activation: name must be one that was captured, such as layers.0.self.weights, got input",
    );
  });

  await t.step("compileInspector() refuses names, nothing, and too much, before it compiles", async () => {
    const refuse = (capture: readonly string[], message: string, maxBytes?: number) =>
      assertRejects(
        () => compileInspector(patches, { capture, ...(maxBytes === undefined ? {} : { maxBytes }) }),
        RangeError,
        message,
      );
    await refuse(["layers.0.self.wieghts"], "got layers.0.self.wieghts; try layers.0.self.weights");
    await refuse([], "capture must name at least one activation");
    await refuse(
      ["logits"],
      "activations must take at most maxBytes 1000, got 1 activation, 0.001 MB a patch, in 2 streams",
      1000,
    );
  });
  await inspector.dispose();
  await patches.dispose();
});

/** The position of the last step, which no patch sees. */
function view5() {
  return PLAN.steps[5]?.position ?? { frame: 0, row: 0, column: 0 };
}

Deno.test("compilePatchModel() computes with changed activations, and so does its inspector", async () => {
  const changes = { "layers.*.*.read": switchOffHeads(1) };
  const patches = await compilePatchModel(MODEL, { ...COMPILE, changes });
  const inspector = await compileInspector(patches, {
    capture: ["layers.*.self.read", "layers.*.text.read", "logits"],
  });
  try {
    const { view } = await createExample(patches);
    const seen = await inspectPatch(inspector, view);
    for (const layer of [0, 1]) {
      for (const branch of ["self", "text"]) {
        const { tensor: { data } } = activationOf(seen, `layers.${layer}.${branch}.read`);
        assertEquals([...data.slice(data.length / 2)].filter((x) => x !== 0), []);
        assertGreater([...data.slice(0, data.length / 2)].filter((x) => x !== 0).length, 0);
      }
    }
    // The loop that samples drew what the one pass over the finished patch would draw.
    for (let token = 0; token < M; token++) {
      const best = Array.from({ length: 64 }, (_, code) => tokenSurprise(seen, token, { code }));
      assertEquals(view.tokens[token], best.indexOf(Math.min(...best)));
    }
  } finally {
    await inspector.dispose();
    await patches.dispose();
  }
});
