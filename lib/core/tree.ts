import type { Tensor, Tree } from "./tensor.ts";

/** Whether a branch of a tree is a tensor, not a record or array of more branches. */
export function isTensor(branch: unknown): branch is Tensor {
  return typeof branch === "object" && branch !== null && "data" in branch &&
    ArrayBuffer.isView(branch.data) &&
    "shape" in branch && Array.isArray(branch.shape);
}

/** The leaves of a tree by dotted path, e.g. `layers.0.query.weight`, in the order in which they are written (and in which jax-js flattens). */
export function listLeaves(tree: Tree<Tensor>): [path: string, tensor: Tensor][] {
  const walk = (branch: Tree<Tensor>, path: readonly string[]): [string, Tensor][] =>
    isTensor(branch)
      ? [[path.join("."), branch]]
      : Object.entries(branch).flatMap(([name, child]) => walk(child, [...path, name]));
  return walk(tree, []);
}

/**
 * Builds a tree with the structure of `template` from a list of leaves, of any kind.
 *
 * The caller names the type of the result: it is `template`'s with other leaves.
 *
 * @throws {TypeError} If there are not as many leaves as the template has.
 */
export function rebuildTree<Result>(template: Tree<Tensor>, leaves: readonly unknown[]): Result {
  let next = 0;
  const build = (branch: Tree<Tensor>): unknown => {
    if (isTensor(branch)) return leaves[next++];
    const children = Object.entries(branch).map(([name, child]) => [name, build(child)] as const);
    return Array.isArray(branch) ? children.map(([, child]) => child) : Object.fromEntries(children);
  };
  const result = build(template);
  if (next !== leaves.length) {
    throw new TypeError(`Cannot rebuild tree: leaves must number ${next}, got ${leaves.length}`);
  }
  return result as Result; // the same structure by construction; only the caller knows its static type
}
