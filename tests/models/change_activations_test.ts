import type { numpy as np } from "@jax-js/jax";
import { assert, assertEquals, assertGreater, assertNotEquals, assertThrows } from "@std/assert";
import { createTensor, createUniform, sizeOf, type Tensor } from "../../lib/core/mod.ts";
import {
  type ActivationChanges,
  type CapturedActivations,
  changeTokens,
  createTap,
  type DecodeInputs,
  decodeToken,
  encodePatch,
  initDecode,
  listActivations,
  type ModelConfig,
  numPatchTokens,
  type PatchTransformerParameters,
  switchOffHeads,
  textMemories,
  VQGAN_PRESETS,
  zeroActivation,
} from "../../lib/models/mod.ts";
import { compileLoop } from "../../lib/runtime/mod.ts";
import { assertAllClose } from "../_assert_all_close.ts";
import { runOnce } from "../_run_once.ts";
import { CONFIG, createRows, createSampling, scalar } from "./_patch_rows.ts";
import { createBoldTransformer } from "./_step_by_step.ts";

const M = numPatchTokens(CONFIG), K = CONFIG.codebookSize, NUM_SLOTS = 2;
const ROWS = 2, SCALE = 2;

function configOf(transformer = CONFIG): ModelConfig {
  return {
    tokenizer: VQGAN_PRESETS.tiny,
    transformer,
    text: { vocabularySize: 9, maxLength: 2, embedDim: transformer.textDim, numLayers: 1, numHeads: 2 },
  };
}

type Traced = PatchTransformerParameters<np.Array>;
type Parameters = PatchTransformerParameters<Tensor>;

/** Runs finished patches of random tokens; the logits, and what the names ask for. */
async function encode(
  parameters: Parameters,
  changes: ActivationChanges = {},
  names: readonly string[] = [],
): Promise<{ logits: Tensor; captured: Record<string, Tensor> }> {
  const tokenIds = createTensor([ROWS, M], Int32Array.from({ length: ROWS * M }, (_, i) => i * 7 % K));
  const f = (
    parameters: Traced,
    { text, ...patch }: Pick<DecodeInputs, "bands" | "edges" | "context"> & {
      tokenIds: np.Array;
      text: { states: np.Array; bias: np.Array };
    },
  ) => {
    const captured: CapturedActivations = {};
    const tap = createTap(configOf(), changes, { capture: { names, into: captured } });
    const inputs = { ...patch, text: textMemories(CONFIG, parameters, text) };
    const { logits } = encodePatch(CONFIG, parameters, inputs, tap);
    return { logits, captured };
  };
  return await runOnce(f, parameters, { ...createRows(CONFIG, ROWS), tokenIds });
}

/** Decodes patches token by token: `[M, B]`. */
async function decode(
  parameters: Parameters,
  options: { readonly changes?: ActivationChanges; readonly forced?: Int32Array; readonly vector?: true } =
    {},
): Promise<Tensor> {
  const B = ROWS / SCALE,
    config = options.vector ? { ...CONFIG, offsetEmbedding: "vector" as const } : CONFIG;
  const { changes, forced } = options;
  const inputs = {
    ...createRows(config, ROWS),
    uniforms: createTensor([M, B], Float32Array.from({ length: M * B }, createUniform(6))),
    sampling: createSampling(8),
    guidance: scalar(3),
    ...(forced === undefined ? {} : { forced: createTensor([M, B], forced) }),
  };
  const tap = changes && createTap(configOf(config), changes);
  const loop = await compileLoop(
    {
      init: (parameters: Traced, inputs: DecodeInputs) => initDecode(config, parameters, inputs),
      body: (
        iteration: np.Array,
        carry: ReturnType<typeof initDecode>["carry"],
        constants: ReturnType<typeof initDecode>["constants"],
      ) => decodeToken(config, iteration, carry, constants, tap),
      numIterations: M,
    },
    [parameters, inputs],
    { device: "cpu" },
  );
  try {
    return (await loop(parameters, inputs)).outputs;
  } finally {
    await loop.dispose();
  }
}

/** The same parameters, but what a head of the self-attention reads has no weight in the output. */
function zeroOutput(parameters: Parameters, layer: number, head: number): Parameters {
  const headDim = CONFIG.embedDim / CONFIG.numHeads;
  return {
    ...parameters,
    layers: parameters.layers.map((one, index) => {
      if (index !== layer) return one;
      const { output } = one.self.layer;
      const data = output.weight.data.map((value, i) => {
        return Math.floor(i / CONFIG.embedDim / headDim) === head ? 0 : value;
      });
      const zeroed = { ...output, weight: createTensor(output.weight.shape, data) };
      return { ...one, self: { ...one.self, layer: { ...one.self.layer, output: zeroed } } };
    }),
  };
}

Deno.test("createTap() captures every activation of the list, in the shape of the list, and changes none", async () => {
  const parameters = createBoldTransformer(CONFIG);
  const list = listActivations(configOf(), { numContext: NUM_SLOTS });
  const { logits, captured } = await encode(parameters, {}, list.map(({ name }) => name));
  assertEquals(Object.keys(captured).sort(), list.map(({ name }) => name).sort());
  for (const { name, shape, bytes } of list) {
    assertEquals(captured[name]?.shape, [ROWS, ...shape], name);
    assertEquals(4 * sizeOf(shape), bytes);
  }
  assertEquals(captured["logits"], logits);
  assertEquals(logits, (await encode(parameters)).logits);
});

Deno.test("captured attention sums to 1 and sees neither empty slots nor later tokens", async () => {
  const names = ["layers.0.self.weights", "layers.1.self.weights", "layers.1.text.weights"];
  const { captured } = await encode(createBoldTransformer(CONFIG), {}, names);
  for (const name of names) {
    const { shape: [, heads = 1, , keys = 1] = [], data = new Float32Array() } = captured[name] ?? {};
    for (let row = 0; row < ROWS * heads * M; row++) {
      const weights = [...data.slice(row * keys, (row + 1) * keys)];
      assert(Math.abs(weights.reduce((a, b) => a + b) - 1) < 1e-5, `${name}: row ${row}`);
      if (name.includes("text")) continue;
      const query = row % M;
      const hidden = weights.map((_, key) => {
        const own = key - NUM_SLOTS * M;
        // Slot 1 of the first row is hidden, see createRows().
        return own > query || (row < heads * M && key >= M && own < 0);
      });
      assertEquals(weights.filter((weight, key) => hidden[key] && weight !== 0), []);
      assertEquals(weights.filter((weight, key) => !hidden[key] && weight <= 0), []);
    }
  }
});

Deno.test("captured logits and residual streams follow from each other as the layers say", async () => {
  const names = ["input", "layers.*.*.added", "layers.*.residual"];
  const { captured } = await encode(createBoldTransformer(CONFIG), {}, names);
  const sum = (...parts: string[]) => {
    const tensors = parts.map((name) => captured[name]);
    const [first] = tensors;
    return createTensor(
      first?.shape ?? [],
      Float32Array.from(
        first?.data ?? [],
        (_, i) => tensors.reduce((sum, x) => sum + (x?.data[i] ?? NaN), 0),
      ),
    );
  };
  const branches = (layer: number) =>
    ["self", "text", "feedForward"].map((b) => `layers.${layer}.${b}.added`);
  for (const [before, layer] of [["input", 0], ["layers.0.residual", 1]] as const) {
    const after = captured[`layers.${layer}.residual`];
    assert(after !== undefined);
    assertAllClose(after, sum(before, ...branches(layer)), 1e-6);
  }
});

Deno.test("switchOffHeads() is a model whose output has no weights for that head, in one pass and in the loop", async () => {
  const parameters = createBoldTransformer(CONFIG), zeroed = zeroOutput(parameters, 1, 0);
  const changes = { "layers.1.self.read": switchOffHeads(0) };
  const [{ logits }, expected, before] = [
    await encode(parameters, changes),
    await encode(zeroed),
    await encode(parameters),
  ];
  assertAllClose(logits, expected.logits, 1e-6);
  assertGreater(Math.max(...logits.data.map((x, i) => Math.abs(x - (before.logits.data[i] ?? 0)))), 0.1);
  const tokens = await decode(parameters, { changes });
  assertEquals(tokens, await decode(zeroed));
  assertNotEquals(tokens, await decode(parameters));
});

Deno.test("decodeToken() draws the same tokens with a tap that changes nothing", async () => {
  const changes = { "layers.*.*.*": (value: np.Array) => value };
  const parameters = createBoldTransformer(CONFIG);
  assertEquals(await decode(parameters, { changes }), await decode(parameters));
  const other = createBoldTransformer({ ...CONFIG, offsetEmbedding: "vector" });
  assertEquals(await decode(other, { changes, vector: true }), await decode(other, { vector: true }));
});

Deno.test("decodeToken() gives forced tokens, and draws the others as if it had drawn those", async () => {
  const parameters = createBoldTransformer(CONFIG);
  const free = await decode(parameters);
  const forced = new Int32Array(M).fill(-1);
  assertEquals(await decode(parameters, { forced }), free);
  forced[2] = ((free.data[2] ?? 0) + 1) % K;
  const tokens = await decode(parameters, { forced });
  assertEquals([...tokens.data.slice(0, 3)], [free.data[0], free.data[1], forced[2]]);
  assertNotEquals([...tokens.data.slice(3)], [...free.data.slice(3)]);
  // Those very tokens, given all at once, leave nothing to draw.
  assertEquals(await decode(parameters, { forced: Int32Array.from(tokens.data) }), tokens);
});

Deno.test("changeTokens() changes what is predicted there, and in later tokens through attention alone", async () => {
  const parameters = createBoldTransformer(CONFIG);
  const before = await encode(parameters);
  const last = `layers.${CONFIG.numLayers - 1}.residual`;
  const after = await encode(parameters, { [last]: changeTokens([1, 4], zeroActivation) });
  const changed = Array.from({ length: M }, (_, token) => {
    const of = ({ data }: Tensor) => [...data.slice(token * K, (token + 1) * K)];
    return of(before.logits).join() !== of(after.logits).join();
  });
  assertEquals(changed, [false, true, false, false, true, false]);
});

Deno.test("createTap() refuses names and heads that are not there, and results of another shape", async () => {
  assertThrows(
    () => createTap(configOf(), { "layers.9.self.read": switchOffHeads(0) }),
    RangeError,
    "Cannot find activation: name must be one of the 28 that listActivations gives, got layers.9.self.read; " +
      "try layers.0.self.read",
  );
  const parameters = createBoldTransformer(CONFIG);
  const messages: string[] = [];
  for (
    const changes of [
      { "layers.0.self.read": switchOffHeads(2) },
      { "layers.0.residual": switchOffHeads(0) },
      { input: (value: np.Array) => value.reshape([-1]) },
    ]
  ) {
    await encode(parameters, changes).catch((error: unknown) =>
      messages.push(error instanceof Error ? error.message : "")
    );
  }
  assertEquals(messages, [
    "Cannot switch off heads of layers.0.self.read: head must be an index of 2, got 2",
    "Cannot switch off heads: name must end in self.read or text.read, got layers.0.residual",
    `Cannot change input: result must have shape [${ROWS}, ${M + 1}, 16], got [${ROWS * (M + 1) * 16}]`,
  ]);
});
