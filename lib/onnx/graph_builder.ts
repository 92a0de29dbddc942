import type { TensorData } from "../core/mod.ts";
import { reshapeFirst } from "./axis_groups.ts";
import type { GraphDType } from "./dtype.ts";
import { fuseNodes } from "./fuse_nodes.ts";
import { edgesReadBy, liveNodes, pruneGraph } from "./live_nodes.ts";

/** A dense constant of a graph. */
export interface Initializer {
  readonly name: string;
  readonly dtype: GraphDType;
  readonly dims: readonly number[];
  readonly bytes: Uint8Array;
  /** Whether it was learned: such matrices alone may be rounded. */
  readonly isWeight?: boolean;
}

/** A floating-point attribute; plain numbers are integers. */
export interface FloatAttribute {
  readonly float: number;
}

/** The value of a node's attribute. */
export type Attribute = number | string | readonly number[] | FloatAttribute | Graph;

/** One ONNX operator with its operands. */
export interface GraphNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** A named, typed edge of a graph. */
export interface GraphEdge {
  readonly name: string;
  readonly dtype: GraphDType;
  /** Left open where absent. */
  readonly dims?: readonly number[];
}

/** A finished ONNX graph: nodes in order of execution. */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly GraphEdge[];
  readonly outputs: readonly GraphEdge[];
  readonly nodes: readonly GraphNode[];
  readonly initializers: readonly Initializer[];
}

/** How a tensor came about by moving elements alone: what it was before, and how it was permuted (`perm`) or reshaped. */
interface Movement {
  readonly source: string;
  readonly extents: readonly number[];
  readonly perm?: readonly number[];
}

/**
 * Collects the nodes of a graph. Equal nodes are made once; a node of a loop's body that depends on nothing inside the
 * body is made outside it; transposes and reshapes of one another are composed; what no output needs is left out.
 */
export class GraphBuilder {
  readonly #parent: GraphBuilder | undefined;
  readonly #nodes: GraphNode[] = [];
  readonly #initializers: Initializer[] = [];
  readonly #producers = new Map<string, GraphNode>();
  readonly #movements = new Map<string, Movement>();
  readonly #made = new Map<string, readonly string[]>();
  readonly #inputs: GraphEdge[] = [];
  readonly #results = new Set<string>();
  readonly #scalars = new Map<string, number>();
  readonly #counter: { next: number };

  constructor(parent?: GraphBuilder) {
    this.#parent = parent;
    this.#counter = parent ? parent.#counter : { next: 0 };
  }

  /** Adds an input. */
  input(name: string, dtype: GraphDType, dims: readonly number[]): string {
    this.#inputs.push({ name, dtype, dims });
    return name;
  }

  /** A name that no other edge has. */
  freshName(): string {
    return `v${this.#counter.next++}`;
  }

  /** Adds a node with one output, or finds the equal one, and returns its output. */
  node(op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    const [output] = this.nodes(op, inputs, 1, attributes);
    if (output === undefined) throw new RangeError(`Cannot add node: ${op} must have an output`);
    return output;
  }

  /** Adds a node with `numOutputs` outputs, or finds the equal one. */
  nodes(
    op: string,
    inputs: readonly string[],
    numOutputs: number,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): readonly string[] {
    if (this.#parent && !inputs.some((name) => this.#owns(name))) {
      return this.#parent.nodes(op, inputs, numOutputs, attributes);
    }
    const isLoop = Object.values(attributes).some((value) => typeof value === "object" && "nodes" in value);
    const key = isLoop ? this.freshName() : `${op}(${inputs.join()})${JSON.stringify(attributes)}`;
    const made = this.#made.get(key);
    if (made) return made;
    const outputs = Array.from({ length: numOutputs }, () => this.freshName());
    const node = { op, inputs, outputs, attributes };
    this.#nodes.push(node);
    this.#made.set(key, outputs);
    for (const output of outputs) this.#producers.set(output, node);
    return outputs;
  }

  /** The node that makes `name`, unless it is an input or a constant. */
  producerOf(name: string): GraphNode | undefined {
    return this.#producers.get(name) ?? this.#parent?.producerOf(name);
  }

  /** Whether `name` is made inside this graph, and not in one around it. */
  #owns(name: string): boolean {
    return this.#producers.has(name) || this.#inputs.some((input) => input.name === name);
  }

  /** Adds a constant. Constants live in the outermost graph. */
  initializer(dtype: GraphDType, dims: readonly number[], data: TensorData | BigInt64Array): string {
    if (this.#parent) return this.#parent.initializer(dtype, dims, data);
    return this.#keep({ dtype, dims, bytes: bytesOf(data) });
  }

  /** Adds a constant that was learned. */
  weight(dtype: GraphDType, dims: readonly number[], data: TensorData): string {
    if (this.#parent) return this.#parent.weight(dtype, dims, data);
    return this.#keep({ dtype, dims, bytes: bytesOf(data), isWeight: true });
  }

  #keep(initializer: Omit<Initializer, "name">): string {
    const name = this.freshName();
    this.#initializers.push({ ...initializer, name });
    return name;
  }

  /** A constant vector of int64, as shapes, axes and slices need. */
  integers(values: readonly number[]): string {
    if (this.#parent) return this.#parent.integers(values);
    return this.#once(`integers ${values}`, () => {
      return this.initializer("int64", [values.length], BigInt64Array.from(values, BigInt));
    });
  }

  /** A constant without axes. */
  scalar(value: number, dtype: GraphDType): string {
    if (this.#parent) return this.#parent.scalar(value, dtype);
    return this.#once(`${dtype} ${Object.is(value, -0) ? "-0" : value}`, () => {
      const name = this.initializer(dtype, [], scalarData(value, dtype));
      this.#scalars.set(name, value);
      return name;
    });
  }

  /** The number that a constant of one element holds, whatever its rank. */
  #numberOf(name: string): number | undefined {
    const movement = this.movementOf(name);
    return this.scalarOf(movement && !movement.perm ? movement.source : name);
  }

  /** The sides of an input or a constant. */
  #dimsOf(name: string): readonly number[] | undefined {
    const edge = [...this.#inputs, ...this.#initializers].find((edge) => edge.name === name);
    return edge || !this.#parent ? edge?.dims : this.#parent.#dimsOf(name);
  }

  #ones(length: number): string {
    if (this.#parent) return this.#parent.#ones(length);
    return this.#once(
      `ones ${length}`,
      () => this.initializer("float32", [length], new Float32Array(length).fill(1)),
    );
  }

  /** The number that a constant without axes holds; undefined for any other edge. */
  scalarOf(name: string): number | undefined {
    return this.#scalars.get(name) ?? this.#parent?.scalarOf(name);
  }

  #once(key: string, make: () => string): string {
    const made = this.#made.get(key)?.[0] ?? make();
    this.#made.set(key, [made]);
    return made;
  }

  /** Reshapes `name`, held as `extents`, to `target`; reshapes are joined, and go before transposes where they can. */
  reshape(name: string, extents: readonly number[], target: readonly number[]): string {
    if (extents.join() === target.join()) return name;
    const movement = this.movementOf(name);
    const transposed = movement?.perm && reshapeFirst({ ...movement, perm: movement.perm }, target);
    if (movement && transposed) {
      const reshaped = this.reshape(movement.source, movement.extents, transposed.extents);
      return this.transpose(reshaped, transposed.extents, transposed.perm);
    }
    const origin = movement && !movement.perm ? movement : { source: name, extents };
    if (origin.extents.join() === target.join()) return origin.source;
    const zeros = target.includes(0) ? { allowzero: 1 } : {};
    return this.#moved(origin, this.node("Reshape", [origin.source, this.integers(target)], zeros));
  }

  /** Transposes `name`, held as `extents`; a transpose of a transpose is one, and one that moves nothing is none. */
  transpose(name: string, extents: readonly number[], perm: readonly number[]): string {
    const movement = this.movementOf(name);
    const origin = movement?.perm
      ? { ...movement, perm: perm.map((axis) => movement.perm?.[axis] ?? 0) }
      : { source: name, extents, perm };
    const moved = origin.perm.filter((axis) => origin.extents[axis] !== 1);
    if (moved.every((axis, place) => place === 0 || axis > (moved[place - 1] ?? 0))) {
      return this.reshape(
        origin.source,
        origin.extents,
        origin.perm.map((axis) => origin.extents[axis] ?? 1),
      );
    }
    return this.#moved(origin, this.node("Transpose", [origin.source], { perm: origin.perm }));
  }

  /** How `name` came about, if by a transpose or a reshape. */
  movementOf(name: string): Movement | undefined {
    return this.#movements.get(name) ?? this.#parent?.movementOf(name);
  }

  #moved(movement: Movement, name: string): string {
    this.#movements.set(name, movement);
    return name;
  }

  /** A name under which an edge can be a result: its own, unless it is an input, from outside, or already a result. */
  alias(name: string): string {
    if (this.#producers.has(name) && !this.#results.has(name)) {
      this.#results.add(name);
      return name;
    }
    const output = this.freshName();
    this.#nodes.push({ op: "Identity", inputs: [name], outputs: [output], attributes: {} });
    return output;
  }

  /** Ends the graph: keeps what `outputs` need. */
  finish(name: string, outputs: readonly GraphEdge[]): Graph {
    const results = outputs.map((output) => output.name);
    const numUses = new Map<string, number>();
    const live = liveNodes(this.#nodes, results);
    for (const edge of [...live.flatMap(edgesReadBy), ...results]) {
      numUses.set(edge, (numUses.get(edge) ?? 0) + 1);
    }
    const fused = fuseNodes(live, {
      lastAxis: this.integers([-1]),
      numUses: (edge) => numUses.get(edge) ?? 0,
      numberOf: (edge) => this.#numberOf(edge),
      dimsOf: (edge) => this.#dimsOf(edge),
      ones: (length) => this.#ones(length),
    });
    return pruneGraph({
      name,
      inputs: this.#inputs,
      outputs,
      nodes: fused,
      initializers: this.#initializers,
    });
  }
}

/** The memory of an array. */
function bytesOf({ buffer, byteOffset, byteLength }: TensorData | BigInt64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** One number as the bytes of an element. */
function scalarData(value: number, dtype: GraphDType): TensorData | BigInt64Array {
  if (dtype === "float32") return Float32Array.of(value);
  if (dtype === "int64") return BigInt64Array.of(BigInt(value));
  if (dtype === "bool") return Uint8Array.of(value ? 1 : 0);
  return Int32Array.of(value | 0);
}
