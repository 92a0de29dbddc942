import { numPatchTokens } from "nuwa-infinity";
import { encodeModel } from "../../lib/onnx/mod.ts";
import { roundWeights } from "../../lib/runtime/precision.ts";
import { median } from "./measure_in_turn.ts";
import type { BenchContext, FigureName, Measurement, Report } from "./measurement.ts";
import { createDecoderGraph } from "./peers/decoder_graph.ts";
import { encodeGguf } from "./peers/encode_gguf.ts";
import { describeInstallation } from "./peers/install_peers.ts";
import { isInstalled, openPeer, type PeerProcess } from "./peers/peer_process.ts";
import { loadWhole, preparePatches, type WholeModel } from "./prepare_patches.ts";

/** The same architecture in other libraries. */
export const PEERS: Measurement = {
  name: "peers",
  title: "The same architecture in other libraries, random weights, batch 1, after the prompt",
  run: measurePeers,
};

const NUM_ROUNDS = 7, NUM_WARMUPS = 2;

/** Another library and what it runs. */
interface Peer {
  readonly label: string;
  /** Ours is measured with weights like these. */
  readonly precision: "float32" | "int8";
  readonly figure: FigureName;
  readonly entry: string;
  readonly program: string;
  /** Writes its model. Returns what the program must know of it. */
  write(whole: WholeModel, folder: string, numTokens: number): Promise<readonly string[]>;
}

const TRANSFORMERS_JS = {
  entry: "@huggingface/transformers/dist/transformers.node.mjs",
  program: "transformers_js_child.ts",
};

const ALL: readonly Peer[] = [
  {
    ...TRANSFORMERS_JS,
    label: "@huggingface/transformers, float32",
    precision: "float32",
    figure: "transformers_js_ratio",
    write: async (...where) => [await writeOnnx(...where, "float32"), "fp32"],
  },
  {
    ...TRANSFORMERS_JS,
    label: "@huggingface/transformers, int8",
    precision: "int8",
    figure: "transformers_js_ratio_int8",
    write: async (...where) => [await writeOnnx(...where, "int8"), "q8"],
  },
  {
    label: "node-llama-cpp, float32, no text",
    precision: "float32",
    figure: "llama_cpp_ratio",
    entry: "node-llama-cpp/dist/index.js",
    program: "llama_cpp_child.ts",
    write: async (...where) => [await writeGguf(...where)],
  },
];

async function measurePeers(context: BenchContext): Promise<Report> {
  const { peers } = context;
  const none = Object.fromEntries(ALL.map(({ figure }) => [figure, null]));
  if (peers === undefined) return { rows: [], figures: none, notes: ["Only with --peer."] };
  const whole = await loadWhole(context);
  const exact = await preparePatches(whole, context, 1);
  const rounded = await preparePatches(whole, context, 1, { precision: "int8" });
  const M = numPatchTokens(whole.transformer), numPrompt = exact.plan.maxContext * M;
  const folder = await Deno.makeTempDir({ prefix: "nuwa-infinity-bench-" });
  const opened: { readonly peer: Peer; readonly process: PeerProcess; readonly rates: number[] }[] = [];
  const notes = [
    `All draw ${M} tokens with ${numPrompt} in context, ${whole.text.maxLength} words of text where there is text.`,
    "int8: the same blocks and the same operator on both sides. Left alone, the library takes float32 on a CPU.",
  ];
  try {
    for (const peer of ALL) {
      if (await isInstalled({ peers, entry: peer.entry })) {
        const model = await peer.write(whole, folder, numPrompt + M);
        const args = [...model, `${numPrompt}`, `${M}`];
        opened.push({ peer, process: await openPeer({ ...peer, peers, args }), rates: [] });
      } else notes.push(`Not installed: ${peer.label}. ${describeInstallation(peers)}`);
    }
    const ours = { float32: [] as number[], int8: [] as number[] };
    for (let round = -NUM_WARMUPS; round < NUM_ROUNDS; round++) {
      for (const [rates, { fill }] of [[ours.float32, exact], [ours.int8, rounded]] as const) {
        const start = performance.now();
        await fill();
        if (round >= 0) rates.push(1000 * M / (performance.now() - start));
      }
      for (const { process, rates } of opened) {
        const rate = await process.measure();
        if (round >= 0) rates.push(rate);
      }
    }
    const our = { float32: median(ours.float32), int8: median(ours.int8) };
    const row = (library: string, rate: number) => {
      return { library, "tokens/s": rate, "our float32": our.float32 / rate, "our int8": our.int8 / rate };
    };
    return {
      rows: [
        row("ours, float32", our.float32),
        row("ours, int8", our.int8),
        ...opened.map(({ peer, rates }) => row(peer.label, median(rates))),
      ],
      figures: {
        ...none,
        ...Object.fromEntries(
          opened.map(({ peer, rates }) => [peer.figure, our[peer.precision] / median(rates)]),
        ),
      },
      notes,
    };
  } finally {
    await Promise.all(opened.map(({ process }) => process.close()));
    await Promise.all([exact.dispose(), rounded.dispose()]);
    await Deno.remove(folder, { recursive: true });
  }
}

/** As transformers.js wants a folder of models: `decoder/config.json` and `decoder/onnx/model.onnx`, or `model_quantized`. */
async function writeOnnx(
  { transformer, text }: WholeModel,
  folder: string,
  numTokens: number,
  precision: "float32" | "int8",
): Promise<string> {
  const { codebookSize, embedDim, numLayers, numHeads } = transformer;
  await Deno.mkdir(`${folder}/decoder/onnx`, { recursive: true });
  const graph = createDecoderGraph(transformer, { textLength: text.maxLength, maxLength: numTokens + 1 });
  const name = { float32: "model", int8: "model_quantized" }[precision];
  await Deno.writeFile(
    `${folder}/decoder/onnx/${name}.onnx`,
    encodeModel(await roundWeights(graph, precision)),
  );
  // The names by which the library finds the sides of caches; the graph alone says what is computed.
  const config = JSON.stringify({
    model_type: "llama",
    architectures: ["LlamaForCausalLM"],
    vocab_size: codebookSize,
    hidden_size: embedDim,
    num_hidden_layers: numLayers,
    num_attention_heads: numHeads,
    num_key_value_heads: numHeads,
    bos_token_id: 0,
    eos_token_id: null,
  });
  await Deno.writeTextFile(`${folder}/decoder/config.json`, config);
  return folder;
}

async function writeGguf({ transformer }: WholeModel, folder: string, numTokens: number): Promise<string> {
  const { codebookSize, embedDim, numLayers, numHeads } = transformer;
  const path = `${folder}/decoder.gguf`;
  const file = encodeGguf({
    numLayers,
    embedDim,
    numHeads,
    feedForwardDim: 4 * embedDim,
    vocabularySize: codebookSize,
    maxLength: numTokens + 8,
  });
  await Deno.writeFile(path, file);
  return path;
}
