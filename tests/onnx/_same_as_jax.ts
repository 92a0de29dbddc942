import { assertEquals } from "@std/assert";
import { defaultDevice, init, type JsTree, numpy as np, tree } from "@jax-js/jax";
import {
  createTensor,
  createUniform,
  sizeOf,
  type Tensor,
  type TensorData,
  type Tree,
} from "../../lib/core/mod.ts";
import type { Traceable } from "../../lib/onnx/mod.ts";
import { compile } from "../../lib/runtime/mod.ts";
import { assertAllClose } from "../_assert_all_close.ts";

/** A tree of jax-js arrays. */
export type Arrays = JsTree<np.Array>;

/** Normal-looking numbers in [-scale, scale), the same for the same seed. */
export function randomFloats(shape: readonly number[], seed = 1, scale = 1): Tensor<Float32Array> {
  const uniform = createUniform(seed);
  return createTensor(shape, Float32Array.from({ length: sizeOf(shape) }, () => scale * (2 * uniform() - 1)));
}

/** Integers in [low, high). */
export function randomIntegers(
  shape: readonly number[],
  seed: number,
  low: number,
  high: number,
): Tensor<Int32Array> {
  const uniform = createUniform(seed);
  const next = () => low + Math.floor(uniform() * (high - low));
  return createTensor(shape, Int32Array.from({ length: sizeOf(shape) }, next));
}

/** Booleans. */
export function randomBooleans(shape: readonly number[], seed = 1): Tensor<Uint8Array> {
  const uniform = createUniform(seed);
  return createTensor(shape, Uint8Array.from({ length: sizeOf(shape) }, () => uniform() < 0.5 ? 0 : 1));
}

/** A tensor as a jax-js array. */
export function toArray({ shape, data }: Tensor): np.Array {
  if (data.length === 0) return np.zeros([...shape]); // jax-js cannot make an empty array from data.
  if (data instanceof Uint8Array) {
    return np.array(Int32Array.from(data), { dtype: np.int32 }).reshape([...shape]).notEqual(0);
  }
  return np.array(data instanceof Float32Array ? data.slice() : data.slice(), {
    dtype: data instanceof Float32Array ? np.float32 : np.int32,
  }).reshape([...shape]);
}

/** A jax-js array as a tensor; the array is consumed. */
export async function toTensor(array: np.Array): Promise<Tensor> {
  const { shape, dtype } = array;
  const data = await array.data();
  return createTensor(shape, dtype === "bool" ? Uint8Array.from(data) : plainData(data));
}

function plainData(data: ArrayBufferView): TensorData {
  if (data instanceof Float32Array || data instanceof Int32Array) return data;
  throw new TypeError("Cannot compare results: they must be float32, int32 or bool");
}

/** Uses jax-js's plain back end: the other one keeps the process alive. */
export async function initJax(): Promise<void> {
  await init("cpu");
  defaultDevice("cpu");
}

/** A tree of tensors with arrays in place of them. */
export function toArrays(tensors: Tree<Tensor>): Arrays {
  if ("data" in tensors && ArrayBuffer.isView(tensors.data)) return toArray(tensors as Tensor); // A leaf: it has data.
  const entries = Object.entries(tensors).map(([key, branch]): [string, Arrays] => [key, toArrays(branch)]);
  return Array.isArray(tensors) ? entries.map(([, branch]) => branch) : Object.fromEntries(entries);
}

/** Compiles `f`, runs it and jax-js on the same tensors, and compares every leaf of the results. */
export async function assertSameAsJax(
  f: Traceable,
  tensors: readonly Tree<Tensor>[],
  tolerance = 1e-5,
): Promise<void> {
  await initJax();
  const compiled = await compile(f, tensors, { device: "cpu", numThreads: 1 });
  try {
    const found = flatten(await compiled(...tensors));
    // Traceable hides the types of the parameters.
    const run = f as unknown as (...args: Arrays[]) => Arrays;
    const [expected, structure] = tree.flatten(run(...tensors.map(toArrays)));
    assertEquals(found.length, expected.length);
    for (const [index, array] of expected.entries()) {
      const leaf = found[index];
      if (leaf) assertAllClose(leaf, await toTensor(array), tolerance, `${structure} leaf ${index}`);
    }
  } finally {
    await compiled.dispose();
  }
}

/** The tensors of a result, in jax-js's order. */
export function flatten(result: unknown): Tensor[] {
  if (typeof result !== "object" || result === null) return [];
  if ("data" in result && "shape" in result) return [result as Tensor]; // A leaf: it has data and a shape.
  return Object.values(result).flatMap(flatten);
}
