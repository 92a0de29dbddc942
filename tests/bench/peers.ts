import { numPatchTokens } from "nuwa-infinity";
import { encodeModel } from "../../lib/onnx/mod.ts";
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
  readonly figure: FigureName;
  readonly entry: string;
  readonly program: string;
  /** Writes its model. Returns what the program must know of it. */
  write(whole: WholeModel, folder: string, numTokens: number): Promise<string>;
}

const ALL: readonly Peer[] = [
  {
    label: "@huggingface/transformers, ONNX, caches through JavaScript",
    figure: "transformers_js_ratio",
    entry: "@huggingface/transformers/dist/transformers.node.mjs",
    program: "transformers_js_child.ts",
    write: writeOnnx,
  },
  {
    label: "node-llama-cpp, float32, no text",
    figure: "llama_cpp_ratio",
    entry: "node-llama-cpp/dist/index.js",
    program: "llama_cpp_child.ts",
    write: writeGguf,
  },
];

async function measurePeers(context: BenchContext): Promise<Report> {
  const { peers } = context;
  const none = Object.fromEntries(ALL.map(({ figure }) => [figure, null]));
  if (peers === undefined) return { rows: [], figures: none, notes: ["Only with --peer."] };
  const whole = await loadWhole(context);
  const ours = await preparePatches(whole, context, 1);
  const M = numPatchTokens(whole.transformer), numPrompt = ours.plan.maxContext * M;
  const folder = await Deno.makeTempDir({ prefix: "nuwa-infinity-bench-" });
  const opened: { readonly peer: Peer; readonly process: PeerProcess; readonly rates: number[] }[] = [];
  const notes = [
    `All draw ${M} tokens with ${numPrompt} in context, ${whole.text.maxLength} words of text where there is text.`,
  ];
  try {
    for (const peer of ALL) {
      if (await isInstalled({ peers, entry: peer.entry })) {
        const model = await peer.write(whole, folder, numPrompt + M);
        const args = [model, `${numPrompt}`, `${M}`];
        opened.push({ peer, process: await openPeer({ ...peer, peers, args }), rates: [] });
      } else notes.push(`Not installed: ${peer.label}. ${describeInstallation(peers)}`);
    }
    const ourRates: number[] = [];
    for (let round = -NUM_WARMUPS; round < NUM_ROUNDS; round++) {
      const start = performance.now();
      await ours.fill();
      const rate = 1000 * M / (performance.now() - start);
      if (round >= 0) ourRates.push(rate);
      for (const { process, rates } of opened) {
        const rate = await process.measure();
        if (round >= 0) rates.push(rate);
      }
    }
    const our = median(ourRates);
    const rows = opened.map(({ peer, rates }) => {
      return { library: peer.label, "tokens/s": median(rates), "ours over it": our / median(rates) };
    });
    return {
      rows: [{ library: "ours, fillPatch()", "tokens/s": our, "ours over it": 1 }, ...rows],
      figures: {
        ...none,
        ...Object.fromEntries(opened.map(({ peer, rates }) => [peer.figure, our / median(rates)])),
      },
      notes,
    };
  } finally {
    await Promise.all(opened.map(({ process }) => process.close()));
    await ours.dispose();
    await Deno.remove(folder, { recursive: true });
  }
}

/** As transformers.js wants a folder of models: `decoder/config.json` and `decoder/onnx/model.onnx`. */
async function writeOnnx(
  { transformer, text }: WholeModel,
  folder: string,
  numTokens: number,
): Promise<string> {
  const { codebookSize, embedDim, numLayers, numHeads } = transformer;
  await Deno.mkdir(`${folder}/decoder/onnx`, { recursive: true });
  const graph = createDecoderGraph(transformer, { textLength: text.maxLength, maxLength: numTokens + 1 });
  await Deno.writeFile(`${folder}/decoder/onnx/model.onnx`, encodeModel(graph));
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
