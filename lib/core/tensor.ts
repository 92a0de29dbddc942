/** The typed arrays that a {@link Tensor} holds: float32, int32, and uint8 for booleans. */
export type TensorData = Float32Array | Int32Array | Uint8Array;

/** A dense row-major array in host memory. A scalar has shape `[]`. */
export interface Tensor<Data extends TensorData = TensorData> {
  /** The length of every axis. */
  readonly shape: readonly number[];
  /** The elements, the last axis fastest. */
  readonly data: Data;
}

/** A value of `Leaf`s in nested records and arrays: JAX calls it a pytree. Leaves are ordered as written. */
export type Tree<Leaf> = Leaf | { readonly [name: string]: Tree<Leaf> } | readonly Tree<Leaf>[];

/** The number of elements of an array of this shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

/**
 * Wraps `data` as a tensor.
 *
 * @throws {TypeError} If `data` does not have as many elements as `shape` says.
 */
export function createTensor<Data extends TensorData>(shape: readonly number[], data: Data): Tensor<Data> {
  if (data.length !== sizeOf(shape)) {
    throw new TypeError(
      `Cannot create tensor: data must have ${
        sizeOf(shape)
      } elements for shape [${shape}], got ${data.length}`,
    );
  }
  return { shape, data };
}
