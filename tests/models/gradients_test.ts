import { defaultDevice, init, lax, nn, numpy as np, valueAndGrad } from "@jax-js/jax";
import { assertEquals, assertGreater } from "@std/assert";
import {
  createTensor,
  type Grid,
  listLeaves,
  rebuildTree,
  type Tensor,
  type Tree,
} from "../../lib/core/mod.ts";
import {
  canvasLogits,
  canvasMask,
  canvasOffsets,
  canvasPositions,
  encodeText,
  initTextEncoder,
  initVqgan,
  type PatchEdges,
  type PatchTransformerConfig,
  type PatchTransformerParameters,
  reconstruct,
  type TextEncoderConfig,
  type TextEncoderParameters,
  textMemories,
  TRANSFORMER_PRESETS,
  type VqganConfig,
  type VqganParameters,
} from "../../lib/models/mod.ts";
import { generationOrder } from "../../lib/direction/mod.ts";
import type { Traceable } from "../../lib/onnx/mod.ts";
import { assertAllClose } from "../_assert_all_close.ts";
import { createRandom, runOnce } from "../_run_once.ts";
import { createBoldTransformer } from "./_step_by_step.ts";

/** Runs a function on jax-js's own WebAssembly back end: the reference that owes nothing to our lowering. */
async function runWithJax(f: Traceable, args: readonly Tree<Tensor>[]): Promise<Tensor[]> {
  await init("wasm");
  const usual = defaultDevice();
  defaultDevice("wasm");
  try {
    const arrays = args.map((tree) => {
      const leaves = listLeaves(tree).map(([, { shape, data }]) => {
        if (data instanceof Uint8Array) {
          throw new TypeError("Cannot run with jax-js: tensors must hold numbers");
        }
        return np.array(data.slice()).reshape([...shape]);
      });
      return rebuildTree<never>(tree, leaves);
    });
    // Not under jit: its gradients of a look-up fail there ("routine primitive scatter input is not imm").
    const results = (f as (...trees: unknown[]) => unknown)(...arrays);
    const leaves: np.Array[] = [];
    collect(results, leaves);
    return await Promise.all(leaves.map(async (leaf) => {
      const shape = [...leaf.shape];
      return createTensor(shape, Float32Array.from(await leaf.data()));
    }));
  } finally {
    defaultDevice(usual);
  }
}

function collect(tree: unknown, leaves: np.Array[]): void {
  if (tree instanceof np.Array) leaves.push(tree);
  else if (typeof tree === "object" && tree !== null) {
    for (const child of Object.values(tree)) collect(child, leaves);
  }
}

/** Checks value and gradient for every parameter, one by one. */
async function compareGradients<Parameters extends Tree<Tensor>, Inputs>(
  loss: (parameters: never, inputs: never) => np.Array,
  parameters: Parameters,
  inputs: Tree<Tensor>,
): Promise<void> {
  // valueAndGrad wants a function of anything; the arguments are the trees given here.
  const both = valueAndGrad(loss as unknown as (parameters: Parameters, inputs: Inputs) => np.Array);
  const expected = await runWithJax(both as unknown as Traceable, [parameters, inputs]);
  const actual = await runOnce(both as unknown as Traceable, parameters, inputs);
  // A list of the value and a tree of gradients, by construction.
  const leaves = listLeaves(actual as Tree<Tensor>);
  assertEquals(leaves.length, expected.length);
  assertEquals(leaves.length, listLeaves(parameters).length + 1);
  for (const [i, [path, gradient]] of leaves.entries()) {
    const reference = expected[i] ?? createTensor([0], new Float32Array());
    assertGreater(Math.max(...reference.data.map(Math.abs)), 0, `${path} has no gradient`);
    assertAllClose(gradient, reference, 1e-5, path);
  }
}

const VQGAN: VqganConfig = {
  stem: 2,
  channels: [4, 6],
  numBlocks: { encoder: 1, decoder: 2 },
  codebookSize: 5,
  codeDim: 3,
};

Deno.test("gradients of a whole tokenizer are jax-js's own", async () => {
  const square = (x: np.Array) => np.sum(x.ref.mul(x));
  const loss = (parameters: VqganParameters<np.Array>, pixels: np.Array) => {
    const { pixels: drawn, latents, codes, tokenIds } = reconstruct(VQGAN, parameters, pixels.ref);
    tokenIds.dispose();
    return square(drawn.sub(pixels))
      .add(square(codes.ref.sub(lax.stopGradient(latents.ref))))
      .add(square(latents.sub(lax.stopGradient(codes))).mul(0.25));
  };
  await compareGradients(loss, initVqgan(VQGAN, 1), createRandom([2, 3, 8, 12]));
});

const TEXT: TextEncoderConfig = { vocabularySize: 6, maxLength: 3, embedDim: 8, numLayers: 1, numHeads: 2 };
const BASE: PatchTransformerConfig = {
  ...TRANSFORMER_PRESETS.tiny,
  maskEmbedding: false, // nothing is unknown here, so nothing would learn it
  embedDim: 8,
  codebookSize: 7,
  extent: { width: 1, height: 1, frames: 0 },
  rowBands: 2,
  textDim: 8,
};
const GRID: Grid = { rows: 2, columns: 3, frames: 1 };

type Parts<Leaf> = {
  readonly transformer: PatchTransformerParameters<Leaf>;
  readonly text: TextEncoderParameters<Leaf>;
};
type Canvas = Record<"tokenIds" | "bands" | "mask" | "offsets" | "positions" | "wordIds", np.Array> & {
  readonly edges: PatchEdges<np.Array>;
};

for (const offsetEmbedding of ["rotary", "vector", "bias"] as const) {
  Deno.test(`gradients of a whole transformer with its text encoder are jax-js's own: ${offsetEmbedding}`, async () => {
    await compareTransformer({ ...BASE, offsetEmbedding });
  });
}

async function compareTransformer(config: PatchTransformerConfig): Promise<void> {
  const loss = (parameters: Parts<np.Array>, { wordIds, tokenIds, ...canvas }: Canvas) => {
    const states = encodeText(TEXT, parameters.text, wordIds);
    const text = textMemories(config, parameters.transformer, states);
    const inputs = { ...canvas, tokenIds: tokenIds.ref, text };
    const logits = canvasLogits(config, parameters.transformer, inputs); // [B, P, M, K]
    const chosen = nn.oneHot(tokenIds, config.codebookSize);
    return np.sum(nn.logSoftmax(logits, -1).mul(chosen)).mul(-1 / 48);
  };
  const P = 6, M = 4, K = 7;
  const positions = generationOrder({ grid: GRID, order: "down-right" });
  const parameters = { transformer: createBoldTransformer(config), text: initTextEncoder(TEXT, 2) };
  const inputs = {
    tokenIds: createTensor([2, P, M], Int32Array.from({ length: 2 * P * M }, (_, i) => (i * i + 3 * i) % K)),
    edges: {
      above: createTensor([2, P, 2], Int32Array.from({ length: 4 * P }, (_, i) => i % (K + 1) - 1)),
      left: createTensor([2, P, 2], Int32Array.from({ length: 4 * P }, (_, i) => i * 3 % (K + 1) - 1)),
    },
    bands: createTensor([2, P], Int32Array.from({ length: 2 * P }, (_, i) => Math.floor(i % P / 3))),
    mask: canvasMask(config, positions),
    offsets: canvasOffsets(config, positions),
    positions: canvasPositions(positions),
    wordIds: createTensor([2, 3], Int32Array.of(3, 4, 0, 5, 2, 3)),
  };
  await compareGradients(loss, parameters, inputs);
}
