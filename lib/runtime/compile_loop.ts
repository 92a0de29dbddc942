import type { Array as JaxArray, JsTree } from "@jax-js/jax";
import type { Tensor, Tree } from "../core/mod.ts";
import {
  expand,
  GraphBuilder,
  lowerProgram,
  type Program,
  storageOf,
  type TensorType,
  traceProgram,
  TypeLeaf,
  type Value,
} from "../onnx/mod.ts";
import {
  addInputs,
  addOutputs,
  type Compiled,
  type CompileOptions,
  load,
  readExamples,
  type TensorsOf,
  toJsTree,
} from "./compile.ts";

/** What a loop hands from one iteration to the next, and what every iteration reads. */
export interface LoopStart {
  // Unknown, for jax-js's own type of trees refuses readonly records and arrays.
  /** What the first iteration gets: a tree of jax-js arrays. */
  readonly carry: unknown;
  /** What every iteration reads and none changes: a tree of jax-js arrays. */
  readonly constants: unknown;
}

/** What one iteration returns. */
export interface LoopStep {
  /** What the next iteration gets: a tree with the structure, shapes and types of the carry before it. */
  readonly carry: unknown;
  /** What the iteration leaves behind: a tree of jax-js arrays. */
  readonly output: unknown;
}

/**
 * A function that repeats a step; both parts are pure jax-js functions that consume their arguments.
 *
 * `body` gets the number of the iteration (an int32 scalar), the carry, and the constants; the carry that it returns
 * must have the structure, shapes and types of the one that it got.
 */
export interface Loop<Start extends LoopStart, Step extends LoopStep> {
  // `never[]` accepts functions of any parameters; the examples have their structure.
  /** Runs once, before the loop, on the arguments of the compiled function. */
  readonly init: (...args: never[]) => Start;
  /** Runs once an iteration; they are numbered from 0. */
  readonly body: (iteration: JaxArray, carry: Start["carry"], constants: Start["constants"]) => Step;
  /** How often the body runs; 1 at least. */
  readonly numIterations: number;
}

/** The last carry, and the outputs of all iterations stacked on a new first axis. */
export interface LoopResult<Start extends LoopStart, Step extends LoopStep> {
  /** What the last iteration returned. */
  readonly carry: TensorsOf<Start["carry"]>;
  /** The tree of one output; each tensor `[numIterations, ...]`, in the order of the iterations. */
  readonly outputs: TensorsOf<Step["output"]>;
}

/**
 * Compiles a loop into one ONNX graph, so that all iterations run in one call. Constants of the loop and baked weights
 * are read where they lie, not handed on; what depends on them alone is computed once.
 *
 * @param loop What to do before the loop and in it.
 * @param exampleArguments One tree of tensors for each argument of `loop.init`.
 * @param options Where to run, and which arguments are constants.
 */
export async function compileLoop<Start extends LoopStart, Step extends LoopStep>(
  loop: Loop<Start, Step>,
  exampleArguments: readonly Tree<Tensor>[],
  options: CompileOptions = {},
): Promise<Compiled<LoopResult<Start, Step>>> {
  const start = performance.now();
  const { numIterations } = loop;
  if (!Number.isInteger(numIterations) || numIterations < 1) {
    throw new RangeError(
      `Cannot compile loop: numIterations must be a positive integer, got ${numIterations}`,
    );
  }
  const examples = readExamples(exampleArguments, options);
  // A record of two trees is a tree; TypeScript does not see through the generic parameters.
  const first = await traceProgram(loop.init as never, examples.types.map(toJsTree));
  const state = partsOf(first, ["carry", "constants"]);
  const scalar = new TypeLeaf({ shape: [], dtype: "int32" });
  const second = await traceProgram(loop.body as never, [scalar, state.types.carry, state.types.constants]);
  const step = partsOf(second, ["carry", "output"]);
  assertSameCarry(state.leaves("carry", first.outputs), step.leaves("carry", second.outputs));

  const graph = new GraphBuilder();
  const before = lowerProgram(graph, first, addInputs(graph, examples));
  const carry = state.leaves("carry", before).map((value) => expand(graph, value));
  const results = addLoop(graph, {
    carry,
    constants: state.leaves("constants", before),
    second,
    step,
    numIterations,
  });
  const finished = graph.finish(options.name ?? (loop.body.name || "loop"), addOutputs(graph, results));
  const numCarried = carry.length;
  const rebuild: Program["rebuild"] = (leaves) => ({
    carry: state.rebuild("carry", leaves.slice(0, numCarried)),
    outputs: step.rebuild("output", leaves.slice(numCarried)),
  });
  return await load(finished, examples, rebuild, start, options);
}

/** A traced function's result cut into its two named parts. */
interface Parts<Name extends string> {
  readonly types: Readonly<Record<Name, JsTree<TypeLeaf>>>;
  /** Those of a list with one item for every leaf that belong to a part. */
  leaves<Item>(name: Name, items: readonly Item[]): Item[];
  /** The tree of one part with other leaves. */
  rebuild<Leaf>(name: Name, leaves: readonly Leaf[]): JsTree<Leaf>;
}

function partsOf<Name extends string>(program: Program, names: readonly [Name, Name]): Parts<Name> {
  const numbered = program.rebuild(program.outputs.map((_, index) => new IndexLeaf(index)));
  const trees = Object.fromEntries(names.map((name) => {
    if (!isRecord(numbered) || !(name in numbered)) {
      throw new TypeError(
        `Cannot compile loop: result must have ${names.join(" and ")}, got none of name ${name}`,
      );
    }
    return [name, numbered[name]];
    // Every name was found just above.
  })) as Record<Name, JsTree<IndexLeaf>>;
  const indexesOf = (name: Name) => indexLeaves(trees[name]);
  return {
    // Built from the same names as `trees`.
    types: Object.fromEntries(names.map((name) => {
      return [name, mapIndexes(trees[name], (index) => new TypeLeaf(typeAt(program, index)))];
    })) as Record<Name, JsTree<TypeLeaf>>,
    leaves: (name, items) => items.filter((_, index) => indexesOf(name).includes(index)),
    rebuild: (name, leaves) => {
      const indexes = indexesOf(name);
      return mapIndexes(trees[name], (index) => itemAt(leaves, indexes.indexOf(index)));
    },
  };
}

/** The place of a leaf among all leaves of a result. A class, since jax-js takes plain records for branches. */
class IndexLeaf {
  readonly index: number;

  constructor(index: number) {
    this.index = index;
  }
}

function isRecord(tree: JsTree<IndexLeaf>): tree is { [name: string]: JsTree<IndexLeaf> } {
  return !(tree instanceof IndexLeaf) && !Array.isArray(tree);
}

function indexLeaves(tree: JsTree<IndexLeaf>): number[] {
  return tree instanceof IndexLeaf ? [tree.index] : Object.values(tree).flatMap(indexLeaves);
}

function mapIndexes<Leaf>(tree: JsTree<IndexLeaf>, map: (index: number) => Leaf): JsTree<Leaf> {
  if (tree instanceof IndexLeaf) return map(tree.index);
  if (Array.isArray(tree)) return tree.map((branch) => mapIndexes(branch, map));
  return Object.fromEntries(Object.entries(tree).map(([key, branch]) => [key, mapIndexes(branch, map)]));
}

function itemAt<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined) {
    throw new RangeError(`Cannot compile loop: result must have leaf ${index}, got none`);
  }
  return item;
}

function typeAt(program: Program, index: number): TensorType {
  return itemAt(program.outputs, index);
}

/** Throws a TypeError unless the body returns a carry of the type that it gets. */
function assertSameCarry(given: readonly TensorType[], returned: readonly TensorType[]): void {
  const describe = ({ shape, dtype }: TensorType) => `${dtype}[${shape}]`;
  const [wanted, found] = [given, returned].map((types) => types.map(describe).join(" "));
  if (wanted !== found) {
    throw new TypeError(`Cannot compile loop: carry of body must be ${wanted}, got ${found}`);
  }
}

/** What goes into a Loop node. */
interface LoopParts {
  readonly carry: readonly Value[];
  readonly constants: readonly Value[];
  readonly second: Program;
  readonly step: Parts<"carry" | "output">;
  readonly numIterations: number;
}

/** Adds a Loop node whose body is the traced step, and returns the last carry and the stacked outputs. */
function addLoop(graph: GraphBuilder, { carry, constants, second, step, numIterations }: LoopParts): Value[] {
  const body = new GraphBuilder(graph);
  const counter = body.input(body.freshName(), "int64", []);
  const goOn = body.input(body.freshName(), "bool", []);
  // Of what is carried, types alone are known: it is what it was for one iteration only.
  const carried = carry.map(({ shape, extents, dtype }): Value => {
    return { shape, extents, dtype, name: body.input(body.freshName(), storageOf(dtype), shape) };
  });
  const iteration: Value = {
    name: body.node("Cast", [counter], { to: 6 }),
    dtype: "int32",
    shape: [],
    extents: [],
    below: numIterations,
  };
  const results = lowerProgram(body, second, [iteration, ...carried, ...constants]);
  const whole = [...step.leaves("carry", results), ...step.leaves("output", results)].map((value) =>
    expand(body, value)
  );
  const edges = whole.map(({ name, dtype, shape }) => ({
    name: body.alias(name),
    dtype: storageOf(dtype),
    dims: shape,
  }));
  const finished = body.finish("body", [{ name: body.alias(goOn), dtype: "bool", dims: [] }, ...edges]);
  const inputs = [
    graph.scalar(numIterations, "int64"),
    graph.scalar(1, "bool"),
    ...carry.map(({ name }) => name),
  ];
  const names = graph.nodes("Loop", inputs, whole.length, { body: finished });
  return whole.map(({ shape, dtype }, index) => {
    const stacked = index < carry.length ? shape : [numIterations, ...shape];
    return { name: itemAt(names, index), dtype, shape: stacked, extents: stacked };
  });
}
