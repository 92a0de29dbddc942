import { isTensor, sizeOf, type Tensor, type Tree } from "../core/mod.ts";
import type { DType, TensorType } from "../onnx/mod.ts";

/** A leaf of a tree with where it lies, e.g. `params.layers.0.query`. */
export interface PathLeaf {
  readonly path: string;
  readonly tensor: Tensor;
}

/** The leaves of a tree, with their paths, in the order in which jax-js flattens. */
export function flattenTensors(tree: Tree<Tensor>, path: string): PathLeaf[] {
  if (isTensor(tree)) return [{ path, tensor: tree }];
  if (typeof tree !== "object" || tree === null) {
    throw new TypeError(
      `Cannot read tensors: ${path} must be a tensor, an array or a record, got ${typeof tree}`,
    );
  }
  return Object.entries(tree).flatMap(([key, branch]) => flattenTensors(branch, `${path}.${key}`));
}

/** The element type of a tensor's data. */
export function dtypeOf(path: string, tensor: Tensor): DType {
  const { data } = tensor;
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Int32Array) return "int32";
  if (data instanceof Uint8Array) return "bool";
  const found = Object.prototype.toString.call(data).slice(8, -1);
  throw new TypeError(
    `Cannot read tensors: ${path} must hold a Float32Array, Int32Array or Uint8Array (booleans), got ${found}`,
  );
}

/** Maps the leaves of a tree and keeps its branches. */
export function mapTensors<Leaf>(
  tree: Tree<Tensor>,
  path: string,
  map: (leaf: PathLeaf) => Leaf,
): Tree<Leaf> {
  if (isTensor(tree)) return map({ path, tensor: tree });
  if (typeof tree !== "object" || tree === null) {
    throw new TypeError(
      `Cannot read tensors: ${path} must be a tensor, an array or a record, got ${typeof tree}`,
    );
  }
  const branches = Object.entries(tree).map(([key, branch]): [string, Tree<Leaf>] => {
    return [key, mapTensors(branch, `${path}.${key}`, map)];
  });
  return Array.isArray(tree) ? branches.map(([, branch]) => branch) : Object.fromEntries(branches);
}

/** An argument as it was at compile time: what later calls must match. */
export interface ExpectedLeaf extends TensorType {
  readonly path: string;
}

/** `float32[2, 3]`. */
function describe({ shape, dtype }: TensorType): string {
  return `${dtype}[${shape.join(", ")}]`;
}

/** Throws a TypeError that names the path unless `leaves` have the structure, shapes and types expected. */
export function assertLeaves(leaves: readonly PathLeaf[], expected: readonly ExpectedLeaf[]): void {
  expected.forEach((wanted, index) => {
    const leaf = leaves[index];
    if (leaf?.path !== wanted.path) {
      throw new TypeError(
        `Cannot run compiled function: ${wanted.path} must be ${describe(wanted)}, got ${
          leaf ? leaf.path : "nothing"
        }`,
      );
    }
    const { shape, data } = leaf.tensor;
    const found = { shape, dtype: dtypeOf(leaf.path, leaf.tensor) };
    if (describe(found) !== describe(wanted) || data.length !== sizeOf(shape)) {
      const count = data.length === sizeOf(shape) ? "" : ` with ${data.length} elements`;
      throw new TypeError(
        `Cannot run compiled function: ${wanted.path} must be ${describe(wanted)}, got ${
          describe(found)
        }${count}`,
      );
    }
  });
  const extra = leaves[expected.length];
  if (extra) throw new TypeError(`Cannot run compiled function: ${extra.path} must be absent, got a tensor`);
}
