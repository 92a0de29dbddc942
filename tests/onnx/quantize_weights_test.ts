import { assertEquals } from "@std/assert";
import { type Graph, GraphBuilder, quantizeWeights, weightGraph } from "../../lib/onnx/mod.ts";
import { randomFloats } from "./_same_as_jax.ts";

/** A graph of products, each of `[2, 32]` with what `operand` adds. */
function productWith(operand: (graph: GraphBuilder, x: string) => string): Graph {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", [2, 32]);
  const product = graph.node("MatMul", [x, operand(graph, x)]);
  return graph.finish("test", [{ name: graph.alias(product), dtype: "float32", dims: [2, 32] }]);
}

const WEIGHT = randomFloats([32, 32], 1);
const addWeight = (graph: GraphBuilder) => graph.weight("float32", [32, 32], WEIGHT.data);

/** The operators of a graph whose weights are all {@link WEIGHT}. */
function roundedOperators(graph: Graph): string[] {
  const weights = new Map(weightGraph(graph).outputs.map(({ name }) => [name, WEIGHT]));
  return quantizeWeights(graph, weights, { bits: 8, blockSize: 64 }).nodes.map(({ op }) => op);
}

Deno.test("weightGraph() finds what a weight is prepared with", () => {
  const graph = productWith((graph) => {
    const doubled = graph.node("Mul", [addWeight(graph), graph.scalar(2, "float32")]);
    return graph.node("Transpose", [doubled], { perm: [1, 0] });
  });
  const weights = weightGraph(graph);
  assertEquals(weights.nodes.map(({ op }) => op), ["Mul", "Transpose"]);
  assertEquals(weights.outputs.map(({ name }) => name), [graph.nodes.at(-1)?.inputs[1]]);
  assertEquals(weights.inputs, []);
});

Deno.test("quantizeWeights() leaves nothing of a weight that nobody else reads", () => {
  const graph = productWith((graph) => graph.node("Identity", [addWeight(graph)]));
  const [name = ""] = weightGraph(graph).outputs.map(({ name }) => name);
  const rounded = quantizeWeights(graph, new Map([[name, WEIGHT]]), { bits: 4, blockSize: 64 });
  assertEquals(rounded.nodes.map(({ op }) => op), ["com.microsoft.MatMulNBits"]);
  assertEquals(
    rounded.initializers.map(({ dtype, dims }) => `${dtype}[${dims}]`),
    ["uint8[32,1,16]", "float32[32]"],
    "a block of 64 does not divide a column of 32",
  );
  assertEquals(graph.nodes.map(({ op }) => op), ["Identity", "MatMul"], "the graph given is as it was");
});

Deno.test("quantizeWeights() leaves products with no weight", () => {
  const square = productWith((graph, x) => {
    return graph.node("MatMul", [graph.node("Transpose", [x], { perm: [1, 0] }), x]);
  });
  assertEquals(weightGraph(square).outputs, []);
  assertEquals(roundedOperators(square), ["Transpose", "MatMul", "MatMul"]);
  const constant = productWith((graph) => graph.initializer("float32", [32, 32], WEIGHT.data));
  assertEquals(weightGraph(constant).outputs, [], "a matrix that was not learned");
});

Deno.test("quantizeWeights() leaves stacks of matrices and small ones", () => {
  const graph = productWith(addWeight);
  const [name = ""] = weightGraph(graph).outputs.map(({ name }) => name);
  for (const weight of [randomFloats([3, 32, 32]), randomFloats([8, 32])]) {
    const rounded = quantizeWeights(graph, new Map([[name, weight]]), { bits: 8, blockSize: 16 });
    assertEquals(rounded.nodes.map(({ op }) => op), ["MatMul"]);
  }
});

Deno.test("quantizeWeights() reaches products in loops", () => {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", [2, 32]), weight = addWeight(graph);
  const body = new GraphBuilder(graph);
  body.input(body.freshName(), "int64", []);
  const goOn = body.input(body.freshName(), "bool", []),
    before = body.input(body.freshName(), "float32", [2, 32]);
  const product = body.node("MatMul", [before, weight]);
  const finished = body.finish("body", [{ name: body.alias(goOn), dtype: "bool", dims: [] }, {
    name: body.alias(product),
    dtype: "float32",
    dims: [2, 32],
  }]);
  const [last = ""] = graph.nodes("Loop", [graph.scalar(3, "int64"), graph.scalar(1, "bool"), x], 1, {
    body: finished,
  });
  const whole = graph.finish("test", [{ name: graph.alias(last), dtype: "float32", dims: [2, 32] }]);
  assertEquals(weightGraph(whole).outputs.map(({ name }) => name), [weight]);
  const [loop] = quantizeWeights(whole, new Map([[weight, WEIGHT]]), { bits: 8, blockSize: 32 }).nodes;
  const { body: rounded } = loop?.attributes ?? {};
  const operators = typeof rounded === "object" && "nodes" in rounded
    ? rounded.nodes.map(({ op }) => op)
    : [];
  assertEquals(operators, ["com.microsoft.MatMulNBits", "Identity"]);
});
