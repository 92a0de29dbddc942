import type { Array as JaxArray } from "@jax-js/jax";
import type { Tensor, Tree } from "../core/mod.ts";
import {
  countNodes,
  expand,
  type Graph,
  GraphBuilder,
  lowerProgram,
  type Program,
  storageOf,
  type Traceable,
  traceProgram,
  TypeLeaf,
  type Value,
} from "../onnx/mod.ts";
import type { Device } from "./device.ts";
import { type Precision, roundWeights } from "./precision.ts";
import { createSession, type SessionOptions } from "./session.ts";
import {
  assertLeaves,
  dtypeOf,
  type ExpectedLeaf,
  flattenTensors,
  mapTensors,
  type PathLeaf,
} from "./tensor_tree.ts";

/** The same structure with tensors in place of jax-js arrays. */
export type TensorsOf<T> = T extends JaxArray ? Tensor
  : T extends readonly unknown[] | object ? { [Key in keyof T]: TensorsOf<T[Key]> }
  : T;

/** How to compile. */
export interface CompileOptions extends SessionOptions {
  /**
   * Indexes of the arguments whose example values become constants of the graph; later calls leave them out.
   * @default []
   */
  readonly baked?: readonly number[];
  /**
   * How exactly the matrices among the baked arguments are kept. "int8" and "int4" round them, block by block, to a quarter
   * and an eighth of the size; products with them are then faster and a little less exact.
   * @default "float32"
   */
  readonly precision?: Precision;
  /**
   * What errors call the arguments.
   * @default argument0, argument1, …
   */
  readonly argumentNames?: readonly string[];
  /**
   * The graph's name.
   * @default the function's name
   */
  readonly name?: string;
}

/** What compiling cost. */
export interface CompileStats {
  /** Nodes of the graph, before ONNX Runtime's own optimisation. */
  readonly numNodes: number;
  /** Size of the model. */
  readonly bytes: number;
  /** Time to trace and lower. */
  readonly traceSeconds: number;
  /** Time to encode, load and optimise. */
  readonly loadSeconds: number;
  /** The device that runs it: what "auto" chose, or what was asked for. */
  readonly device: Device;
}

/** A function that ONNX Runtime runs. */
export interface Compiled<Result> {
  /** Runs the function on trees of tensors with the structure, shapes and types of the examples. */
  (...args: readonly Tree<Tensor>[]): Promise<Result>;
  /** Frees the session; the function cannot run again. */
  dispose(): Promise<void>;
  /** What compiling cost. */
  readonly stats: CompileStats;
}

/** Example arguments, flattened, and which of them are inputs of the graph. */
export interface ExampleLeaves {
  readonly leaves: readonly (PathLeaf & ExpectedLeaf & { readonly isBaked: boolean })[];
  readonly types: readonly Tree<TypeLeaf>[];
}

/**
 * Compiles a pure jax-js function for ONNX Runtime: traces it once with the types of the examples, lowers the program
 * to an ONNX graph, and loads that. Values of the examples do not matter, except those of baked arguments.
 *
 * @param f Pure function of trees of jax-js arrays, which it consumes.
 * @param exampleArguments One tree of tensors for each argument.
 * @param options Where to run, and which arguments are constants.
 * @returns The function on tensors; its results may be fed back without a copy.
 * @throws {UnsupportedPrimitiveError} If `f` uses a primitive that ONNX cannot express.
 * @throws {RangeError} If the device cannot be used here.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { numpy as np } from "@jax-js/jax";
 * import { compile, createTensor } from "nuwa-infinity";
 * const square = await compile((x: np.Array) => x.ref.mul(x), [createTensor([2], new Float32Array(2))], { device: "cpu" });
 * assertEquals([...(await square(createTensor([2], Float32Array.of(3, 4)))).data], [9, 16]);
 * await square.dispose();
 * ```
 */
export async function compile<F extends Traceable>(
  f: F,
  exampleArguments: readonly Tree<Tensor>[],
  options: CompileOptions = {},
): Promise<Compiled<TensorsOf<ReturnType<F>>>> {
  const start = performance.now();
  const examples = readExamples(exampleArguments, options);
  const program = await traceProgram(f, examples.types.map(toJsTree));
  const graph = new GraphBuilder();
  const results = lowerProgram(graph, program, addInputs(graph, examples));
  const finished = graph.finish(options.name ?? (f.name || "function"), addOutputs(graph, results));
  return await load(finished, examples, program.rebuild, start, options);
}

/** jax-js's trees are not readonly. */
// The tree is only read: jax-js's `tree.map` builds a new one.
export function toJsTree(tree: Tree<TypeLeaf>) {
  return tree as Parameters<typeof traceProgram>[1][number];
}

/** Flattens the example arguments and names their leaves. */
export function readExamples(
  exampleArguments: readonly Tree<Tensor>[],
  options: CompileOptions,
): ExampleLeaves {
  for (const index of options.baked ?? []) {
    if (!(index in exampleArguments)) {
      throw new RangeError(
        `Cannot compile function: baked must list arguments 0 to ${
          exampleArguments.length - 1
        }, got ${index}`,
      );
    }
  }
  const nameOf = (index: number) => nameArgument(options, index);
  const leaves = exampleArguments.flatMap((argument, index) => {
    const isBaked = options.baked?.includes(index) ?? false;
    return flattenTensors(argument, nameOf(index)).map((leaf) => {
      return { ...leaf, shape: leaf.tensor.shape, dtype: dtypeOf(leaf.path, leaf.tensor), isBaked };
    });
  });
  const types = exampleArguments.map((argument, index) => {
    return mapTensors(argument, nameOf(index), ({ path, tensor }) => {
      return new TypeLeaf({ shape: tensor.shape, dtype: dtypeOf(path, tensor) });
    });
  });
  return { leaves, types };
}

/** What errors call an argument. */
function nameArgument(options: CompileOptions, index: number): string {
  return options.argumentNames?.[index] ?? `argument${index}`;
}

/** The names of the arguments that calls give. */
function argumentNames(options: CompileOptions, count: number): string[] {
  const given = Array.from({ length: count }, (_, index) => index).filter((index) =>
    !options.baked?.includes(index)
  );
  return given.map((index) => nameArgument(options, index));
}

/** Adds a graph input for every leaf, or a constant where it is baked. */
export function addInputs(graph: GraphBuilder, { leaves }: ExampleLeaves): readonly Value[] {
  return leaves.map(({ tensor, shape, dtype, isBaked }, index) => {
    const name = isBaked
      ? graph.weight(storageOf(dtype), shape, tensor.data)
      : graph.input(`input${index}`, dtype, shape);
    return { name, dtype, shape, extents: shape };
  });
}

/** Ends the graph in whole tensors, each with a name of its own. */
export function addOutputs(graph: GraphBuilder, results: readonly Value[]) {
  return results.map((result) => {
    const { name, shape, dtype } = expand(graph, result);
    if (dtype === "uint32") {
      throw new TypeError("Cannot compile function: results must be float32, int32 or bool, got uint32");
    }
    return { name: graph.alias(name), dtype, dims: shape };
  });
}

/** Loads a finished graph and wraps its session as a function. */
export async function load<Result>(
  graph: Graph,
  examples: ExampleLeaves,
  rebuild: Program["rebuild"],
  start: number,
  options: CompileOptions,
): Promise<Compiled<Result>> {
  const traced = performance.now();
  const rounded = await roundWeights(graph, options.precision ?? "float32");
  const session = await createSession(rounded, options);
  const stats: CompileStats = {
    numNodes: countNodes(rounded),
    bytes: session.bytes,
    device: session.device,
    traceSeconds: (traced - start) / 1000,
    loadSeconds: (performance.now() - traced) / 1000,
  };
  const expected = examples.leaves.filter((leaf) => !leaf.isBaked).map(({ path, shape, dtype }) => ({
    path,
    shape,
    dtype,
  }));
  const names = argumentNames(options, examples.types.length);
  const run = async (...args: readonly Tree<Tensor>[]) => {
    const leaves = args.flatMap((argument, index) =>
      flattenTensors(argument, names[index] ?? `argument${index}`)
    );
    assertLeaves(leaves, expected);
    const results = await session.run(leaves.map(({ tensor }) => tensor));
    // The leaves are in the order in which the traced function returned them, so the tree is that of its result.
    return rebuild(results) as Result;
  };
  return Object.assign(run, { dispose: () => session.dispose(), stats });
}
