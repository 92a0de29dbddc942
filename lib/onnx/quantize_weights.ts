import type { Tensor } from "../core/mod.ts";
import type { Graph, GraphNode, Initializer } from "./graph_builder.ts";
import { pruneGraph, subgraphsOf } from "./live_nodes.ts";
import { type BlockFormat, quantizeBlocks } from "./quantize_blocks.ts";

/** Operators whose result has the type of their first operand, and that weights are prepared with. */
const PREPARING = new Set(
  ["Add", "Sub", "Mul", "Concat", "Expand", "Identity", "Reshape", "Slice", "Split", "Transpose"],
);

/** The smallest block that MatMulNBits takes. */
const MIN_BLOCK = 16;

/**
 * The weights that matrices are multiplied by, as a graph without inputs: one output for each float32 right operand of a
 * MatMul that depends on constants alone, and on a learned one, under its own name. Run it to learn what the weights are.
 */
export function weightGraph(graph: Graph): Graph {
  const weights = findWeights(graph);
  const operands = matMulsOf(graph.nodes).map(({ inputs: [, right = ""] }) => right);
  const names = new Set(operands.filter((name) => weights.has(name)));
  const outputs = [...names].map((name) => ({ name, dtype: "float32" as const }));
  return pruneGraph({ ...graph, name: "weights", inputs: [], outputs });
}

/** Edges of the outermost graph that hold float32 numbers and depend on constants alone, a learned one among them. */
function findWeights({ nodes, initializers }: Graph): Set<string> {
  const constants = new Set(initializers.map(({ name }) => name));
  const floats = new Set(initializers.filter(({ dtype }) => dtype === "float32").map(({ name }) => name));
  const learned = new Set(initializers.filter(({ isWeight }) => isWeight).map(({ name }) => name));
  for (const { op, inputs, outputs } of nodes) {
    if (!PREPARING.has(op) || !inputs.every((input) => constants.has(input))) continue;
    for (const output of outputs) {
      constants.add(output);
      if (floats.has(inputs[0] ?? "")) floats.add(output);
      if (inputs.some((input) => learned.has(input))) learned.add(output);
    }
  }
  return floats.intersection(learned);
}

function matMulsOf(nodes: readonly GraphNode[]): GraphNode[] {
  return nodes.flatMap((node) => [
    ...(node.op === "MatMul" ? [node] : []),
    ...subgraphsOf(node).flatMap((graph) => matMulsOf(graph.nodes)),
  ]);
}

/**
 * Replaces products with weights by products with quantized weights, inside loops too. ONNX Runtime then reads a quarter
 * or an eighth of the bytes; it rounds the left operand to 8 bits, block by block, and adds up integers. Matrices of less
 * than a block, and stacks of matrices, stay as they are.
 *
 * @param weights What {@link weightGraph} gives, by name.
 */
export function quantizeWeights(
  graph: Graph,
  weights: ReadonlyMap<string, Tensor>,
  format: BlockFormat,
): Graph {
  const added: Initializer[] = [];
  const packed = new Map<string, Pick<GraphNode, "inputs" | "attributes">>();
  for (const [name, { shape, data }] of weights) {
    const [numRows = 0] = shape;
    if (shape.length !== 2 || numRows < MIN_BLOCK || !(data instanceof Float32Array)) continue;
    const blockSize = fittingBlock(numRows, format.blockSize);
    const { codes, scales, numColumns, bits } = quantizeBlocks({ shape, data }, { ...format, blockSize });
    const numBlocks = Math.ceil(numRows / blockSize);
    const dims = [numColumns, numBlocks, codes.length / (numColumns * numBlocks)];
    added.push({ name: `${name}_codes`, dtype: "uint8", dims, bytes: codes });
    added.push({
      name: `${name}_scales`,
      dtype: "float32",
      dims: [scales.length],
      bytes: new Uint8Array(scales.buffer),
    });
    packed.set(name, {
      inputs: [`${name}_codes`, `${name}_scales`],
      attributes: { K: numRows, N: numColumns, bits, block_size: blockSize, accuracy_level: 4 },
    });
  }
  const nodes = replaceMatMuls(graph.nodes, packed);
  return pruneGraph({ ...graph, nodes, initializers: [...graph.initializers, ...added] });
}

/** The largest block, up to the one wanted, that divides a column; the smallest if none does. */
function fittingBlock(numRows: number, wanted: number): number {
  return numRows % wanted === 0 || wanted <= MIN_BLOCK ? wanted : fittingBlock(numRows, wanted / 2);
}

function replaceMatMuls(
  nodes: readonly GraphNode[],
  packed: ReadonlyMap<string, Pick<GraphNode, "inputs" | "attributes">>,
): GraphNode[] {
  return nodes.map((node) => {
    const [left = "", right = ""] = node.inputs;
    const weight = node.op === "MatMul" ? packed.get(right) : undefined;
    if (weight) {
      const { attributes } = weight;
      return { ...node, op: "com.microsoft.MatMulNBits", inputs: [left, ...weight.inputs], attributes };
    }
    const attributes = Object.entries(node.attributes).map(([name, value]) => {
      const isGraph = typeof value === "object" && "nodes" in value;
      return [name, isGraph ? { ...value, nodes: replaceMatMuls(value.nodes, packed) } : value];
    });
    return { ...node, attributes: Object.fromEntries(attributes) };
  });
}
