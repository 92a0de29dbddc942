import { listLeaves, type Tensor, type Tree } from "../core/mod.ts";

/** Tensors by dotted path, e.g. `decoder.blocks.3.attn.qProj`. */
export type TensorRecord = Readonly<Record<string, Tensor>>;

/**
 * The tensors of nested records and arrays by dotted path, in the order of the tree.
 *
 * @throws {TypeError} If names hold dots, so that two tensors would have one path.
 */
export function flattenTensors(tree: Tree<Tensor>): TensorRecord {
  const leaves = listLeaves(tree);
  const record = Object.fromEntries(leaves);
  if (Object.keys(record).length < leaves.length) {
    throw new TypeError("Cannot flatten tensors: names must be without dots, got two tensors with one path");
  }
  return record;
}

/**
 * The inverse of {@link flattenTensors}. A record whose names are 0, 1, ... becomes an array.
 *
 * @throws {SyntaxError} If one path leads through another.
 */
export function unflattenTensors(tensors: TensorRecord): Tree<Tensor> {
  const own = tensors[""];
  if (own !== undefined && Object.keys(tensors).length === 1) return own;
  const groups = new Map<string, [path: string, tensor: Tensor][]>();
  for (const [path, tensor] of Object.entries(tensors)) {
    const dot = path.indexOf(".");
    const name = dot < 0 ? path : path.slice(0, dot);
    const group = groups.get(name) ?? [];
    groups.set(name, group);
    group.push([dot < 0 ? "" : path.slice(dot + 1), tensor]);
  }
  if (groups.has("")) {
    throw new SyntaxError(
      `Cannot unflatten tensors: paths must lead to one tensor each, got ${Object.keys(tensors).join(", ")}`,
    );
  }
  const children = [...groups].map(([name, group]) =>
    [name, unflattenTensors(Object.fromEntries(group))] as const
  );
  const inOrder = children.toSorted(([a], [b]) => Number(a) - Number(b));
  const isArray = children.length > 0 && inOrder.every(([name], i) => name === String(i));
  return isArray ? inOrder.map(([, child]) => child) : Object.fromEntries(children);
}

/**
 * Checks that tensors are exactly those that a model needs.
 *
 * @param tensors What there is.
 * @param expectedShapes The shape of every tensor that there must be, by the same paths.
 * @param where What to call the source in an error, e.g. the weights' folder.
 * @throws {TypeError} If a tensor is missing, too many, not float32, or of another shape; the first one is named.
 */
export function assertTensors(
  tensors: TensorRecord,
  expectedShapes: Readonly<Record<string, readonly number[]>>,
  where: string,
): void {
  const refuse = (path: string, need: string, got: string) =>
    new TypeError(`Cannot use tensors of ${where} at ${path}: ${need}, got ${got}`);
  for (const [path, shape] of Object.entries(expectedShapes)) {
    const tensor = tensors[path];
    const need = `tensor must have shape [${shape.join(", ")}]`;
    if (tensor === undefined) throw refuse(path, need, "none");
    if (tensor.shape.length !== shape.length || tensor.shape.some((side, i) => side !== shape[i])) {
      throw refuse(path, need, `[${tensor.shape.join(", ")}]`);
    }
    if (!(tensor.data instanceof Float32Array)) {
      throw refuse(path, "tensor must be float32", tensor.data.constructor.name);
    }
  }
  const extra = Object.keys(tensors).find((path) => !Object.hasOwn(expectedShapes, path));
  if (extra !== undefined) throw refuse(extra, "tensor must be one that the model has", "an unknown one");
}
