import onnxProto, { type onnx as proto } from "onnx-proto";
import { ELEMENT_TYPES } from "./dtype.ts";
import type { Attribute, Graph, GraphEdge, GraphNode, Initializer } from "./graph_builder.ts";
import { subgraphsOf } from "./live_nodes.ts";

const { onnx } = onnxProto;
const OPSET = 18;
const IR_VERSION = 9;
const { AttributeType } = onnx.AttributeProto;

/** Writes a graph as an ONNX model (protobuf, opset 18). */
export function encodeModel(graph: Graph): Uint8Array {
  const model = onnx.ModelProto.create({
    irVersion: IR_VERSION,
    producerName: "nuwa-infinity",
    opsetImport: [{ domain: "", version: OPSET }, { domain: "com.microsoft", version: 1 }],
    graph: graphProto(graph),
  });
  return onnx.ModelProto.encode(model).finish();
}

/** The number of nodes of a graph, those of its loops included. */
export function countNodes(graph: Graph): number {
  return graph.nodes.reduce((count, node) => {
    return subgraphsOf(node).reduce((sum, body) => sum + countNodes(body), count + 1);
  }, 0);
}

function graphProto(graph: Graph): proto.IGraphProto {
  return onnx.GraphProto.create({
    name: graph.name,
    node: graph.nodes.map(nodeProto),
    initializer: graph.initializers.map(initializerProto),
    input: graph.inputs.map(edgeProto),
    output: graph.outputs.map(edgeProto),
  });
}

function nodeProto(node: GraphNode): proto.INodeProto {
  const [domain, op] = node.op.startsWith("com.microsoft.")
    ? ["com.microsoft", node.op.slice(14)]
    : ["", node.op];
  return onnx.NodeProto.create({
    opType: op,
    domain,
    input: [...node.inputs],
    output: [...node.outputs],
    attribute: Object.entries(node.attributes).map(([name, value]) => attributeProto(name, value)),
  });
}

function attributeProto(name: string, value: Attribute): proto.IAttributeProto {
  if (typeof value === "number") {
    return onnx.AttributeProto.create({ name, type: AttributeType.INT, i: value });
  }
  if (typeof value === "string") {
    return onnx.AttributeProto.create({
      name,
      type: AttributeType.STRING,
      s: new TextEncoder().encode(value),
    });
  }
  if ("float" in value) {
    return onnx.AttributeProto.create({ name, type: AttributeType.FLOAT, f: value.float });
  }
  if ("nodes" in value) {
    return onnx.AttributeProto.create({ name, type: AttributeType.GRAPH, g: graphProto(value) });
  }
  return onnx.AttributeProto.create({ name, type: AttributeType.INTS, ints: [...value] });
}

function initializerProto({ name, dtype, dims, bytes }: Initializer): proto.ITensorProto {
  return onnx.TensorProto.create({ name, dataType: ELEMENT_TYPES[dtype], dims: [...dims], rawData: bytes });
}

function edgeProto({ name, dtype, dims }: GraphEdge): proto.IValueInfoProto {
  const shape = dims && { dim: dims.map((dimValue) => ({ dimValue })) };
  return onnx.ValueInfoProto.create({
    name,
    type: { tensorType: { elemType: ELEMENT_TYPES[dtype], ...(shape && { shape }) } },
  });
}
