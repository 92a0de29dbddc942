import { sizeOf, type Tensor } from "../core/mod.ts";
import type { SafetensorsDtype, StoredTensor } from "./safetensors.ts";

/**
 * Encodes a tensor for a file. `F16` rounds to nearest, ties to even.
 *
 * @param tensor Float32 for `F32` and `F16`, int32 for `I32` and `I64`, uint8 for `U8` and `BOOL`.
 * @param dtype How the elements are to lie in the file.
 * @param where The tensor's path, for errors.
 * @throws {TypeError} If the tensor's own type cannot be stored so.
 * @throws {RangeError} If a finite number would become infinite, or a boolean is neither 0 nor 1.
 */
export function encodeTensor(tensor: Tensor, dtype: SafetensorsDtype, where = "tensor"): StoredTensor {
  const { shape, data } = tensor;
  const fits = data instanceof Float32Array
    ? dtype === "F32" || dtype === "F16"
    : data instanceof Int32Array
    ? dtype === "I32" || dtype === "I64"
    : dtype === "U8" || dtype === "BOOL";
  if (!fits) {
    throw new TypeError(
      `Cannot encode tensor at ${where}: data must be of a type that ${dtype} holds, got ${data.constructor.name}`,
    );
  }
  if (dtype === "BOOL") {
    assertEvery(data, (x) => x <= 1, where, "data must be 0 or 1 for BOOL");
  }
  const array = dtype === "F16"
    ? toFloat16(data, where)
    : dtype === "I64"
    ? BigInt64Array.from(data, BigInt)
    : data.slice();
  return { dtype, shape, bytes: new Uint8Array(array.buffer, array.byteOffset, array.byteLength) };
}

/** The largest float32 that rounds to a finite float16 is just below this. */
const FLOAT16_OVERFLOW = 65520;

function toFloat16(data: Tensor["data"], where: string): Float16Array {
  const fits = (x: number) => Math.abs(x) < FLOAT16_OVERFLOW || !Number.isFinite(x);
  assertEvery(data, fits, where, "data must be below 65520 for F16");
  return new Float16Array(data);
}

function assertEvery(data: Tensor["data"], holds: (x: number) => boolean, where: string, need: string): void {
  const at = data.findIndex((x) => !holds(x));
  if (at >= 0) {
    throw new RangeError(`Cannot encode tensor at ${where}: ${need}, got ${data[at]} at element ${at}`);
  }
}

/**
 * Decodes a tensor from a file: `F32` and `F16` as float32, `I32` and `I64` as int32, `U8` and `BOOL` as uint8.
 *
 * @throws {TypeError} If the number of bytes does not fit the shape.
 * @throws {RangeError} If an `I64` does not fit an int32.
 */
export function decodeTensor({ dtype, shape, bytes }: StoredTensor, where = "tensor"): Tensor {
  const { buffer } = bytes.slice(); // aligned for every element type
  const data = decodeElements(dtype, buffer, where);
  if (data.length !== sizeOf(shape)) {
    throw new TypeError(
      `Cannot decode tensor at ${where}: bytes must fit ${dtype}[${shape}], got ${bytes.length} bytes`,
    );
  }
  return { shape, data };
}

function decodeElements(dtype: SafetensorsDtype, buffer: ArrayBuffer, where: string): Tensor["data"] {
  switch (dtype) {
    case "F32":
      return new Float32Array(buffer);
    case "F16":
      return new Float32Array(new Float16Array(buffer));
    case "I32":
      return new Int32Array(buffer);
    case "I64":
      return Int32Array.from(new BigInt64Array(buffer), (x) => toInt32(x, where));
    case "U8":
    case "BOOL":
      return new Uint8Array(buffer);
  }
}

function toInt32(x: bigint, where: string): number {
  if (BigInt.asIntN(32, x) !== x) {
    throw new RangeError(`Cannot decode tensor at ${where}: I64 elements must fit an int32, got ${x}`);
  }
  return Number(x);
}
