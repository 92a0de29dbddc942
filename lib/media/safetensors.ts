import { z } from "zod";

/** The element types that we read and write. */
export const SAFETENSORS_DTYPES = ["F32", "F16", "I32", "I64", "U8", "BOOL"] as const;

/** One of {@link SAFETENSORS_DTYPES}. */
export type SafetensorsDtype = typeof SAFETENSORS_DTYPES[number];

/** A tensor as it lies in a file: little-endian bytes, row-major. */
export interface StoredTensor {
  /** Element type. */
  readonly dtype: SafetensorsDtype;
  /** Sides; `[]` for a scalar. */
  readonly shape: readonly number[];
  /** `bytesPerElement(dtype)` times the number of elements. */
  readonly bytes: Uint8Array;
}

/** The content of a safetensors file. */
export interface SafetensorsFile {
  /** Tensors by name. */
  readonly tensors: Readonly<Record<string, StoredTensor>>;
  /** Free text by name; the `__metadata__` of the format. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The longest header that the format allows, in bytes. */
const MAX_HEADER_BYTES = 100_000_000;
const METADATA = "__metadata__";

/** The size of one element. */
export function bytesPerElement(dtype: SafetensorsDtype): number {
  return { F32: 4, F16: 2, I32: 4, I64: 8, U8: 1, BOOL: 1 }[dtype];
}

/**
 * Encodes tensors as a safetensors file: eight bytes of header length, a JSON header, the data without gaps.
 * Wide elements come first, so that each tensor is aligned.
 *
 * Source: the safetensors format, version 0.4, "Format".
 *
 * @throws {TypeError} If a tensor's bytes do not fit its shape and dtype.
 */
export function encodeSafetensors({ tensors, metadata }: SafetensorsFile): Uint8Array {
  const entries = Object.entries(tensors)
    .sort(([, a], [, b]) => bytesPerElement(b.dtype) - bytesPerElement(a.dtype)); // stable
  const header: [name: string, entry: unknown][] = Object.keys(metadata).length > 0
    ? [[METADATA, metadata]]
    : [];
  let end = 0;
  for (const [name, { dtype, shape, bytes }] of entries) {
    const size = sizeInBytes(dtype, shape);
    if (name === METADATA || size !== bytes.length) {
      throw new TypeError(
        `Cannot encode safetensors at ${name}: bytes must number ${size} for ${dtype}[${shape}], got ${bytes.length}`,
      );
    }
    header.push([name, { dtype, shape, data_offsets: [end, end + size] }]);
    end += size;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const start = 8 + Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(start + end).fill(0x20, 8, start); // the header is padded with spaces
  new DataView(file.buffer).setBigUint64(0, BigInt(start - 8), true);
  file.set(json, 8);
  let at = start;
  for (const [, { bytes }] of entries) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

function sizeInBytes(dtype: SafetensorsDtype, shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, bytesPerElement(dtype));
}

/**
 * Decodes a safetensors file. Nothing in it is trusted: lengths, types, shapes and offsets are checked against
 * each other and against the file, and together the tensors must cover the data exactly once.
 *
 * @param file The bytes of the file; the tensors copy out of it.
 * @param where What to call the file in an error.
 * @throws {SyntaxError} If the file is not a whole and consistent safetensors file.
 */
export function decodeSafetensors(file: Uint8Array, where = "bytes"): SafetensorsFile {
  const header = parseHeader(file, where);
  const start = 8 + headerLength(file, where);
  const spans = Object.entries(header)
    .filter(([name]) => name !== METADATA)
    .map(([name, entry]) => parseSpan(name, entry, where));
  let end = 0;
  for (const { name, from, to } of spans.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    if (from !== end) throw broken(where, `offsets of ${name} must start at ${end}`, `${from}`);
    end = to;
  }
  if (end !== file.length - start) {
    throw broken(where, `data must have ${end} bytes, as the header says`, `${file.length - start}`);
  }
  const tensors = spans.map(({ name, dtype, shape, from, to }) =>
    [name, { dtype, shape, bytes: file.slice(start + from, start + to) }] as const
  );
  return { tensors: Object.fromEntries(tensors), metadata: parseMetadata(header[METADATA] ?? {}, where) };
}

function broken(where: string, need: string, got: string): SyntaxError {
  return new SyntaxError(`Cannot decode safetensors at ${where}: ${need}, got ${got}`);
}

function headerLength(file: Uint8Array, where: string): number {
  if (file.length < 8) throw broken(where, "file must have at least 8 bytes", `${file.length}`);
  const length = new DataView(file.buffer, file.byteOffset).getBigUint64(0, true);
  const most = Math.min(MAX_HEADER_BYTES, file.length - 8);
  if (length > BigInt(most)) throw broken(where, `header must have at most ${most} bytes`, `${length}`);
  return Number(length);
}

function parseHeader(file: Uint8Array, where: string): Record<string, unknown> {
  const bytes = file.subarray(8, 8 + headerLength(file, where));
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw broken(where, "header must be JSON in UTF-8", `${bytes.length} bytes that are not`);
  }
  if (typeof header === "object" && header !== null && !Array.isArray(header)) return { ...header };
  throw broken(where, "header must be a JSON object", JSON.stringify(header).slice(0, 40));
}

function parseMetadata(metadata: unknown, where: string): Record<string, string> {
  const parsed = z.record(z.string(), z.string()).safeParse(metadata);
  if (!parsed.success) throw broken(where, `${METADATA} must map names to text`, "something else");
  return parsed.data;
}

/** One entry of the header, checked by itself. */
interface Span {
  readonly name: string;
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  readonly from: number;
  readonly to: number;
}

const ENTRY = z.object({
  dtype: z.enum(SAFETENSORS_DTYPES),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});

function parseSpan(name: string, entry: unknown, where: string): Span {
  const parsed = ENTRY.safeParse(entry);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw broken(
      where,
      `header entry ${name.slice(0, 80)} must have a dtype of ${
        SAFETENSORS_DTYPES.join(", ")
      }, a shape and two offsets`,
      `${issue?.path.join(".")}: ${issue?.message}`,
    );
  }
  const { dtype, shape, data_offsets: [from, to] } = parsed.data;
  const size = sizeInBytes(dtype, shape);
  if (to - from !== size) {
    throw broken(where, `offsets of ${name} must span ${size} bytes`, `${from} to ${to}`);
  }
  return { name, dtype, shape, from, to };
}
