import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLess,
  assertThrows,
} from "@std/assert";
import { createTensor, sizeOf, type Tensor, type Tree } from "../../lib/core/mod.ts";
import { flattenTensors } from "../../lib/media/mod.ts";
import {
  countTransformerParameters,
  initPatchTransformer,
  patchCacheBytes,
  type PatchTransformerConfig,
  TRANSFORMER_PRESETS,
} from "../../lib/models/mod.ts";

const countNumbers = (tree: Tree<Tensor>) =>
  Object.values(flattenTensors(tree)).reduce((sum, { shape }) => sum + sizeOf(shape), 0);

Deno.test("countTransformerParameters() gives the paper's 202.21 M and 809.08 M", () => {
  const base = countTransformerParameters(TRANSFORMER_PRESETS.base);
  const large = countTransformerParameters(TRANSFORMER_PRESETS.large);
  assertEquals([base, large], [202_211_776, 809_076_704]);
  // PAPER 1.4, from the published tables.
  assertAlmostEquals(base / 1e6, 202.21, 0.005);
  assertAlmostEquals(large / 1e6, 809.08, 0.005);
});

Deno.test("initPatchTransformer() has exactly the counted parameters", () => {
  const { tiny, small } = TRANSFORMER_PRESETS;
  const configs: PatchTransformerConfig[] = [
    tiny,
    small,
    { ...tiny, textDim: 0 },
    { ...tiny, offsetEmbedding: "vector" },
    { ...tiny, offsetEmbedding: "bias" },
    { ...tiny, rowBands: 0, offsetEmbedding: "scalar", tokenEmbedding: { codeDim: 5 } },
    { ...tiny, extent: { width: 1, height: 3, frames: 2 }, patchTokens: { height: 2, width: 5 } },
  ];
  for (const config of configs) {
    assertEquals(countNumbers(initPatchTransformer(config, 1)), countTransformerParameters(config));
  }
});

Deno.test("initPatchTransformer() refuses heads that do not divide the width", () => {
  assertThrows(
    () => initPatchTransformer({ ...TRANSFORMER_PRESETS.tiny, numHeads: 3 }, 1),
    RangeError,
    "Cannot initialise the patch transformer: embedDim must be a multiple of numHeads 3, got 32",
  );
});

Deno.test("patchCacheBytes() counts keys and values of every layer in float32", () => {
  // 2 (key, value) x 24 layers x 256 tokens x 1280 channels x 4 bytes: 60 MiB a patch.
  assertEquals(patchCacheBytes(TRANSFORMER_PRESETS.large), 60 * 2 ** 20);
});

Deno.test("initPatchTransformer() lets tokens of similar codes start alike", () => {
  const config = { ...TRANSFORMER_PRESETS.tiny, codebookSize: 3 };
  const codes = createTensor([3, 2], Float32Array.of(1, 0, 0.999, 0.04, -1, 0));
  const { tokens, head } = initPatchTransformer(config, 1, codes);
  assert("table" in tokens);
  const d = config.embedDim;
  const cosine = (data: Tensor["data"], at: (code: number, i: number) => number, other: number) => {
    const dot = (a: number, b: number) =>
      Array.from({ length: d }, (_, i) => (data[at(a, i)] ?? 0) * (data[at(b, i)] ?? 0)).reduce((x, y) =>
        x + y
      );
    return dot(0, other) / Math.sqrt(dot(0, 0) * dot(other, other));
  };
  const row = (code: number, i: number) => code * d + i, column = (code: number, i: number) => i * 3 + code;
  for (const [data, at] of [[tokens.table.data, row], [head.weight.data, column]] as const) {
    assertGreater(cosine(data, at, 1), 0.99);
    assertLess(cosine(data, at, 2), -0.99);
  }
});
