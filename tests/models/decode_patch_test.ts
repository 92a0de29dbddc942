import { nn, numpy as np } from "@jax-js/jax";
import { assertEquals, assertGreater } from "@std/assert";
import { createTensor, createUniform, type Tensor } from "../../lib/core/mod.ts";
import {
  type DecodeInputs,
  decodeToken,
  encodePatch,
  guideLogits,
  initDecode,
  numPatchTokens,
  type PatchTransformerConfig,
  type PatchTransformerParameters,
  sampleToken,
  type SamplingInputs,
  textMemories,
} from "../../lib/models/mod.ts";
import { compileLoop } from "../../lib/runtime/mod.ts";
import { createRandom, runOnce } from "../_run_once.ts";
import { CONFIG, createRows, createSampling, scalar } from "./_patch_rows.ts";
import { createBoldTransformer } from "./_step_by_step.ts";

const NUM_PATCHES = 3;

/** Decodes patches token by token, then draws all tokens again from the logits of finished patches. */
async function decodeTwice(
  config: PatchTransformerConfig,
  topK: number,
  guidance?: number,
): Promise<[Tensor, Tensor]> {
  const B = NUM_PATCHES, M = numPatchTokens(config), K = config.codebookSize;
  const isGuided = guidance !== undefined, R = isGuided ? 2 * B : B;
  const parameters = createBoldTransformer(config);
  const rows = createRows(config, R), sampling = createSampling(topK);
  const random = createUniform(6);
  const uniforms = createTensor([M, B], Float32Array.from({ length: M * B }, random));
  const codes = config.tokenEmbedding === "learned"
    ? {}
    : { codebook: createRandom([K, config.tokenEmbedding.codeDim], 9) };
  const inputs = {
    ...rows,
    ...codes,
    uniforms,
    sampling,
    ...(isGuided ? { guidance: scalar(guidance) } : {}),
  };
  const loop = await compileLoop(
    {
      init: (parameters: PatchTransformerParameters<np.Array>, inputs: DecodeInputs) =>
        initDecode(config, parameters, inputs),
      body: decodeToken.bind(null, config),
      numIterations: M,
    },
    [parameters, inputs],
    { device: "cpu" },
  );
  const { outputs: drawn } = await loop(parameters, inputs);
  await loop.dispose();
  const tokenIds = createTensor(
    [R, M],
    Int32Array.from({ length: R * M }, (_, i) => {
      return drawn.data[i % M * B + Math.floor(i / M) % B] ?? 0;
    }),
  );
  const again = (
    parameters: PatchTransformerParameters<np.Array>,
    { text, ...patch }: Pick<DecodeInputs, "bands" | "edges" | "context" | "codebook"> & {
      tokenIds: np.Array;
      text: { states: np.Array; bias: np.Array };
    },
    { uniforms, sampling, scale }: { uniforms: np.Array; sampling: SamplingInputs; scale: np.Array },
  ) => {
    const memories = textMemories(config, parameters, text);
    const { logits } = encodePatch(config, parameters, { ...patch, text: memories }); // [R, M, K]
    const guided = isGuided ? guideLogits(logits.ref.slice([0, B]), logits.slice([B, R]), scale) : logits; // [B, M, K]
    return sampleToken(guided.transpose([1, 0, 2]).reshape([M * B, K]), uniforms.reshape([M * B]), sampling);
  };
  const flat = await runOnce(again, parameters, { ...rows, ...codes, tokenIds }, {
    uniforms,
    sampling,
    scale: scalar(guidance ?? 1),
  });
  return [drawn, createTensor([M, B], Int32Array.from(flat.data))];
}

for (const offsetEmbedding of ["rotary", "vector"] as const) {
  for (const guidance of [undefined, 3]) {
    const name = `${offsetEmbedding}, ${guidance === undefined ? "without" : "with"} guidance`;
    Deno.test(`decodeToken() draws from the distributions that encodePatch() sees afterwards: ${name}`, async () => {
      const config = { ...CONFIG, offsetEmbedding };
      const [drawn, expected] = await decodeTwice(config, 8, guidance);
      assertEquals(drawn, expected);
      assertGreater(new Set(drawn.data).size, 3);
      const [most, expectedMost] = await decodeTwice(config, 1, guidance);
      assertEquals(most, expectedMost);
    });
  }
}

Deno.test("decodeToken() serves the paper's scalar offsets and frozen codes", async () => {
  const config: PatchTransformerConfig = {
    ...CONFIG,
    neighbourEmbedding: false,
    rowBands: 0,
    offsetEmbedding: "scalar",
    tokenEmbedding: { codeDim: 5 },
  };
  const [drawn, expected] = await decodeTwice(config, 8);
  assertEquals(drawn, expected);
});

Deno.test("encodePatch() is causal: a token changes no logits before its own successor", async () => {
  const M = numPatchTokens(CONFIG), K = CONFIG.codebookSize;
  const rows = createRows(CONFIG, M), parameters = createBoldTransformer(CONFIG);
  // Row i differs from the others in token i only; all rows share context, band and text.
  const f = (parameters: PatchTransformerParameters<np.Array>, tokenIds: np.Array) => {
    const share = (x: Tensor) => np.zeros([...x.shape]);
    const context = {
      layers: rows.context.layers.map(({ key, value }) => ({ key: share(key), value: share(value) })),
      offsets: share(rows.context.offsets).astype(np.int32),
      bias: share(rows.context.bias),
    };
    const bands = np.zeros([M]).astype(np.int32);
    const edges = { above: np.zeros([M, 3]).astype(np.int32), left: np.zeros([M, 2]).astype(np.int32) };
    const inputs = { tokenIds, edges, bands, context, text: [] };
    return nn.softmax(encodePatch(CONFIG, parameters, inputs).logits, -1);
  };
  const base = Int32Array.from({ length: M * M }, (_, i) => i % M);
  const changed = base.map((id, i) => Math.floor(i / M) === i % M ? id + 4 : id);
  const before = await runOnce(f, parameters, createTensor([M, M], base));
  const after = await runOnce(f, parameters, createTensor([M, M], changed));
  for (let row = 0; row < M; row++) {
    for (let position = 0; position < M; position++) {
      const at = (row * M + position) * K;
      const isSame = before.data.slice(at, at + K).join() === after.data.slice(at, at + K).join();
      assertEquals(isSame, position <= row, `token ${row}, logits ${position}`);
    }
  }
});
