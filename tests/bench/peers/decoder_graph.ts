import { createUniform, type PatchTransformerConfig } from "nuwa-infinity";
import type { Graph, GraphEdge, GraphNode, Initializer } from "../../../lib/onnx/graph_builder.ts";

/** Collects a graph with names of our choice and sides of any length, which lib/onnx does not need. */
interface Draft {
  readonly nodes: GraphNode[];
  readonly initializers: Initializer[];
  /** Adds a node with one output of that name. */
  add(op: string, inputs: readonly string[], output: string, attributes?: GraphNode["attributes"]): string;
  /** Adds random weights. */
  weights(name: string, dims: readonly number[]): string;
}

/** A side that a run decides. */
const ANY = -1;

/**
 * The patch transformer with random weights, as decoders are exported for transformers.js: token ids and past keys and
 * values in, logits and present keys and values out. The text's keys and values are constants, for `generate` has no
 * input for them; offsets between patches are left out.
 */
export function createDecoderGraph(
  config: PatchTransformerConfig,
  { textLength, maxLength }: { readonly textLength: number; readonly maxLength: number },
): Graph {
  const { embedDim: d, numLayers, numHeads, codebookSize: K } = config;
  const draft = createDraft();
  const { add, weights } = draft;
  const cache = [1, numHeads, ANY, d / numHeads];
  const edge = (name: string, dtype: GraphEdge["dtype"], dims: readonly number[]) => ({ name, dtype, dims });
  const inputs = [edge("input_ids", "int64", [1, ANY]), edge("position_ids", "int64", [1, ANY])];
  const outputs = [edge("logits", "float32", [1, ANY, K])];
  const places = add("Gather", [weights("places", [maxLength, d]), "position_ids"], "place");
  let x = add("Add", [add("Gather", [weights("tokens", [K, d]), "input_ids"], "token"), places], "input");
  for (let layer = 0; layer < numLayers; layer++) {
    for (const part of ["key", "value"]) {
      inputs.push(edge(`past_key_values.${layer}.${part}`, "float32", cache));
      outputs.push(edge(`present.${layer}.${part}`, "float32", cache));
    }
    x = addSelfAttention(draft, config, x, layer);
    x = addTextAttention(draft, config, x, { layer, textLength });
    x = addFeedForward(draft, config, x, layer);
  }
  addLinear(draft, addNorm(draft, x, "head", d), "logits", [d, K]);
  return { name: "decoder", inputs, outputs, nodes: draft.nodes, initializers: draft.initializers };
}

function addSelfAttention(draft: Draft, config: PatchTransformerConfig, x: string, layer: number): string {
  const { embedDim: d, numHeads } = config;
  const name = `layer${layer}.self`;
  const joined = draft.add(
    "MatMul",
    [addNorm(draft, x, name, d), draft.weights(`${name}.qkv`, [d, 3 * d])],
    `${name}.in`,
  );
  const parts = ["query", "key", "value"].map((part) => `${name}.${part}`);
  draft.nodes.push({
    op: "Split",
    inputs: [joined],
    outputs: parts,
    attributes: { axis: 2, num_outputs: 3 },
  });
  draft.nodes.push({
    op: "com.microsoft.MultiHeadAttention",
    inputs: [...parts, "", "", "", `past_key_values.${layer}.key`, `past_key_values.${layer}.value`],
    outputs: [`${name}.read`, `present.${layer}.key`, `present.${layer}.value`],
    attributes: { num_heads: numHeads, unidirectional: 1 },
  });
  return draft.add("Add", [x, addLinear(draft, `${name}.read`, `${name}.out`, [d, d])], `${name}.sum`);
}

function addTextAttention(
  draft: Draft,
  { embedDim: d, numHeads }: PatchTransformerConfig,
  x: string,
  { layer, textLength }: { readonly layer: number; readonly textLength: number },
): string {
  const name = `layer${layer}.text`;
  const query = draft.add(
    "MatMul",
    [addNorm(draft, x, name, d), draft.weights(`${name}.q`, [d, d])],
    `${name}.query`,
  );
  const memory = ["key", "value"].map((part) =>
    draft.weights(`${name}.${part}`, [1, numHeads, textLength, d / numHeads])
  );
  const read = draft.add("com.microsoft.MultiHeadAttention", [query, ...memory], `${name}.read`, {
    num_heads: numHeads,
  });
  return draft.add("Add", [x, addLinear(draft, read, `${name}.out`, [d, d])], `${name}.sum`);
}

function addFeedForward(
  draft: Draft,
  { embedDim: d }: PatchTransformerConfig,
  x: string,
  layer: number,
): string {
  const name = `layer${layer}.forward`;
  const up = addLinear(draft, addNorm(draft, x, name, d), `${name}.up`, [d, 8 * d]);
  const parts = [`${name}.content`, `${name}.gate`];
  draft.nodes.push({ op: "Split", inputs: [up], outputs: parts, attributes: { axis: 2, num_outputs: 2 } });
  const gate = draft.add("com.microsoft.Gelu", [`${name}.gate`], `${name}.open`);
  const gated = draft.add("Mul", [`${name}.content`, gate], `${name}.gated`);
  return draft.add("Add", [x, addLinear(draft, gated, `${name}.out`, [4 * d, d])], `${name}.sum`);
}

function addNorm(draft: Draft, x: string, name: string, width: number): string {
  const scale = draft.weights(`${name}.norm.scale`, [width]),
    bias = draft.weights(`${name}.norm.bias`, [width]);
  return draft.add("LayerNormalization", [x, scale, bias], `${name}.norm`, { axis: -1 });
}

function addLinear(draft: Draft, x: string, output: string, dims: readonly [number, number]): string {
  const product = draft.add("MatMul", [x, draft.weights(`${output}.weight`, dims)], `${output}.product`);
  return draft.add("Add", [product, draft.weights(`${output}.bias`, [dims[1]])], output);
}

function createDraft(): Draft {
  const nodes: GraphNode[] = [], initializers: Initializer[] = [];
  const uniform = createUniform(1);
  return {
    nodes,
    initializers,
    add(op, inputs, output, attributes = {}) {
      nodes.push({ op, inputs, outputs: [output], attributes });
      return output;
    },
    weights(name, dims) {
      const length = dims.reduce((product, side) => product * side, 1);
      const data = Float32Array.from({ length }, () => 0.2 * uniform() - 0.1);
      initializers.push({ name, dtype: "float32", dims, bytes: new Uint8Array(data.buffer), isWeight: true });
      return name;
    },
  };
}
