import { assertExists, assertGreater } from "@std/assert";
import { createTensor, type Grid, type Tensor } from "../../lib/core/mod.ts";
import { type PatchTransformerConfig, TRANSFORMER_PRESETS } from "../../lib/models/mod.ts";
import { assertAllClose } from "../_assert_all_close.ts";
import {
  BATCH,
  compileBothStreams,
  compileOnePass,
  compileStepByStep,
  createCanvasExample,
  readOrder,
} from "./_step_by_step.ts";

const ORDERS = ["down-right", "down-left", "right-down", "right-up"] as const;

const CONFIG: PatchTransformerConfig = {
  ...TRANSFORMER_PRESETS.tiny,
  embedDim: 16,
  codebookSize: 11,
  patchTokens: { height: 2, width: 3 },
  rowBands: 3,
  textDim: 0,
};

/** The patch at place p of `[B, P, M, K]`. */
function pick(all: Tensor, p: number): Tensor<Float32Array> {
  const [, P = 1, M = 1, K = 1] = all.shape;
  const at = (b: number) => (b * P + p) * M * K;
  const parts = Array.from({ length: BATCH }, (_, b) => [...all.data.slice(at(b), at(b) + M * K)]);
  return createTensor([BATCH, M, K], Float32Array.from(parts.flat()));
}

/** Checks every patch of a canvas, in every order, with one program for each path. */
async function compareAll(config: PatchTransformerConfig, grid: Grid): Promise<void> {
  const example = createCanvasExample(config, grid);
  const onePass = await compileOnePass(example), stepByStep = await compileStepByStep(example);
  const bothStreams = config.maskEmbedding ? await compileBothStreams(example) : undefined;
  try {
    const firsts = new Set<string>();
    for (const name of ORDERS) {
      const { order, sees } = readOrder(example, name);
      const expected = await stepByStep(order, sees);
      const actual = await onePass(order);
      for (const [place, p] of order.entries()) {
        const logits = expected[p];
        assertExists(logits);
        assertAllClose(pick(actual, place), logits.causal, 1e-4, `${name}, patch ${p}`);
      }
      const both = await bothStreams?.(order);
      for (const [place, p] of order.entries()) {
        if (both === undefined) break;
        for (const stream of ["causal", "partial"] as const) {
          const logits = expected[p]?.[stream];
          assertExists(logits);
          assertAllClose(pick(both[stream], place), logits, 1e-4, `${name}, patch ${p}, ${stream}`);
        }
      }
      firsts.add(pick(actual, order.indexOf(0)).data.slice(0, 8).join()); // the same patch
    }
    assertGreater(firsts.size, 1); // the order matters
  } finally {
    await onePass.dispose();
    await stepByStep.dispose();
    await bothStreams?.dispose();
  }
}

const PICTURE: Grid = { rows: 3, columns: 3, frames: 1 };

for (const offsetEmbedding of ["rotary", "vector", "bias"] as const) {
  for (const [width, height] of [[2, 2], [1, 1]] as const) {
    for (const textDim of [0, 8]) {
      const name = `${offsetEmbedding}, extent ${width},${height},0 ${textDim > 0 ? "with" : "without"} text`;
      Deno.test(`canvasLogits() is encodePatch() patch by patch: ${name}`, async () => {
        const extent = { width, height, frames: 0 };
        await compareAll({ ...CONFIG, textDim, extent, offsetEmbedding }, PICTURE);
      });
    }
  }

  Deno.test(`canvasLogits() is encodePatch() patch by patch: video, ${offsetEmbedding}`, async () => {
    const config = { ...CONFIG, offsetEmbedding, extent: { width: 1, height: 0, frames: 1 } };
    await compareAll(config, { rows: 2, columns: 2, frames: 3 });
  });
}

Deno.test("canvasLogits() is encodePatch() patch by patch: the paper's scalar offsets and frozen codes", async () => {
  const config: PatchTransformerConfig = {
    ...CONFIG,
    neighbourEmbedding: false,
    maskEmbedding: false,
    rowBands: 0,
    offsetEmbedding: "scalar",
    tokenEmbedding: { codeDim: 5 },
  };
  await compareAll(config, { rows: 2, columns: 3, frames: 1 });
});
