/** The element types of jax-js that can be lowered. */
export type DType = "float32" | "int32" | "uint32" | "bool";

/** The element types that a graph may hold besides: int64 for shapes and indices, uint8 for packed weights. */
export type GraphDType = DType | "int64" | "uint8";

/** ONNX's numbers for element types (TensorProto.DataType). */
export const ELEMENT_TYPES = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9, uint32: 12 } as const;

/**
 * The type that holds values of `dtype` in a graph. Unsigned integers are stored as int32 with the same bits, since ONNX
 * Runtime adds and multiplies only signed ones on the CPU; sums, products and bitwise operations do not differ.
 */
export function storageOf(dtype: DType): GraphDType {
  return dtype === "uint32" ? "int32" : dtype;
}

/** Narrows a dtype of jax-js to one that can be lowered. */
export function assertDType(dtype: string): DType {
  if (dtype === "float32" || dtype === "int32" || dtype === "uint32" || dtype === "bool") return dtype;
  throw new TypeError(
    `Cannot lower program: dtype must be one of float32, int32, uint32, bool, got ${dtype}`,
  );
}
