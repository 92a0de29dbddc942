import type { numpy as np } from "@jax-js/jax";
import {
  compile,
  compileLoop,
  type CompileStats,
  createTensor,
  type DecodeInputs,
  decodeToken,
  decodeTokens,
  initDecode,
  numPatchTokens,
  type PatchTransformerParameters,
  tokenizePixels,
  type VqganParameters,
} from "nuwa-infinity";
import { median } from "./measure_in_turn.ts";
import type { BenchContext, Measurement, Report } from "./measurement.ts";
import { loadWhole, preparePatches } from "./prepare_patches.ts";

/** How long programs take to trace, lower and load. */
export const COMPILE_TIME: Measurement = {
  name: "compile-time",
  title: "Compiling: from a function to a loaded graph",
  run: measureCompileTime,
};

const NUM_TIMES = 3;

async function measureCompileTime(context: BenchContext): Promise<Report> {
  const whole = await loadWhole(context);
  const { config: { tokenizer: config }, parameters: { tokenizer, transformer } } = whole.model;
  if (transformer === undefined) {
    throw new TypeError("Cannot measure compiling: model must have a transformer");
  }
  const { device } = context;
  type Traced = VqganParameters<np.Array>;
  const pixels = createTensor([1, 3, 256, 256], new Float32Array(3 * 256 ** 2));
  const tokens = createTensor([1, 32, 32], new Int32Array(32 ** 2));
  const toTokens = (parameters: Traced, x: np.Array) => tokenizePixels(config, parameters, x);
  const toPixels = (parameters: Traced, x: np.Array) => decodeTokens(config, parameters, x);
  const rows = [
    await timeCompile(
      "pixels to tokens, 256 x 256",
      () => compile(toTokens, [tokenizer, pixels], { device, baked: [0] }),
    ),
    await timeCompile(
      "tokens to pixels, 256 x 256",
      () => compile(toPixels, [tokenizer, tokens], { device, baked: [0] }),
    ),
  ];
  for (const batchSize of [1, 16]) {
    const prepared = await preparePatches(whole, context, batchSize);
    const { guidance: _, uniforms, ...rest } = prepared.inputs();
    const M = numPatchTokens(whole.transformer);
    const inputs = { ...rest, uniforms: createTensor([M, batchSize], uniforms.data) };
    await prepared.dispose();
    const loop = {
      init: (parameters: PatchTransformerParameters<np.Array>, inputs: DecodeInputs) =>
        initDecode(whole.transformer, parameters, inputs),
      body: decodeToken.bind(null, whole.transformer),
      numIterations: M,
    };
    const name = `the tokens of ${batchSize} patch${batchSize > 1 ? "es" : ""}`;
    rows.push(
      await timeCompile(name, () => compileLoop(loop, [transformer, inputs], { device, baked: [0] })),
    );
  }
  return { rows, notes: [`Medians of ${NUM_TIMES}; weights are constants of the graph.`] };
}

/** Compiles a program a few times. */
async function timeCompile(
  program: string,
  compile: () => Promise<{ readonly stats: CompileStats; dispose(): Promise<void> }>,
) {
  const all: CompileStats[] = [];
  for (let time = 0; time < NUM_TIMES; time++) {
    const compiled = await compile();
    all.push(compiled.stats);
    await compiled.dispose();
  }
  const [{ numNodes, bytes } = { numNodes: NaN, bytes: NaN }] = all;
  return {
    program,
    nodes: numNodes,
    MB: bytes / 1e6,
    "trace and lower, ms": 1000 * median(all.map(({ traceSeconds }) => traceSeconds)),
    "encode and load, ms": 1000 * median(all.map(({ loadSeconds }) => loadSeconds)),
  };
}
