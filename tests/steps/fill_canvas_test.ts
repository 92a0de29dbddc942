import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { scheduleOrder } from "../../lib/direction/mod.ts";
import {
  compilePatchModel,
  createTokenizer,
  decodeTiles,
  encodePrompt,
  fillCanvas,
} from "../../lib/steps/mod.ts";
import { removeContext } from "../../lib/steps/mod.ts";
import { createModel, generateAtOnce, OPTIONS } from "../tasks/_fixtures.ts";

const MODEL = createModel();

Deno.test("fillCanvas() draws the tokens of generate(), and keeps what each step saw", async () => {
  const expected = await generateAtOnce(MODEL, OPTIONS); // waves, a pool that forgets
  const { plan } = expected;
  const patches = await compilePatchModel(MODEL, {
    maxContext: plan.maxContext,
    isGuided: true,
    batchSize: 1,
    device: "cpu",
  });
  try {
    const prompt = await encodePrompt(patches, OPTIONS.text);
    const options = { plan, prompt, seed: OPTIONS.seed };
    const { tokens, views } = await fillCanvas(patches, options);
    assertEquals([...tokens.data], [...expected.tokens.data]);
    assertEquals(views.map(({ stepIndex }) => stepIndex), plan.steps.map((_, index) => index));
    const numSeen = views.map(({ pool, stepIndex }) => {
      return plan.steps[stepIndex]?.context.every(({ frame, row, column }) => {
        return pool.patches.has(`${frame},${row},${column}`);
      });
    });
    assertEquals(new Set(numSeen), new Set([true]));
    const [first] = plan.steps;
    const blind = first === undefined ? undefined : removeContext(first.position);
    const other = await fillCanvas(patches, {
      ...options,
      ...(blind === undefined ? {} : { intervene: blind }),
    });
    assertNotEquals([...other.tokens.data], [...tokens.data]);
    const known = scheduleOrder({
      grid: plan.grid,
      order: "down-right",
      extent: plan.extent,
      known: [{ frame: 0, row: 0, column: 0 }],
    });
    await assertRejects(
      () => fillCanvas(patches, { ...options, plan: known }),
      RangeError,
      "Cannot fill canvas: plan must know no patches, got 1",
    );
  } finally {
    await patches.dispose();
  }
});

Deno.test("decodeTiles() gives each code the tile that it has among its own kind", async () => {
  const tokenizer = createTokenizer({
    config: MODEL.config.tokenizer,
    parameters: MODEL.parameters.tokenizer,
    device: "cpu",
  });
  const { shape, data } = await decodeTiles(tokenizer);
  await tokenizer.dispose();
  const [K = 0, height = 0, width = 0] = shape;
  assertEquals([K, height === width, data.length], [
    MODEL.config.tokenizer.codebookSize,
    true,
    K * height * width * 3,
  ]);
  const tileOf = (code: number) =>
    data.subarray(code * height * width * 3, (code + 1) * height * width * 3).join();
  assertNotEquals(tileOf(0), tileOf(1));
});
