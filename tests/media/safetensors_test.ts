import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { createUniform, decodeSafetensors, encodeSafetensors, type StoredTensor } from "nuwa-infinity";

/** A file from its header and data, by the letter of the format. */
function createFile(header: unknown, data: Uint8Array = new Uint8Array()): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const length = new Uint8Array(new BigUint64Array([BigInt(json.length)]).buffer);
  return Uint8Array.from([...length, ...json, ...data]);
}

const SAMPLE: Readonly<Record<string, StoredTensor>> = {
  mask: { dtype: "BOOL", shape: [3], bytes: Uint8Array.of(1, 0, 1) },
  "attn.qProj": { dtype: "F32", shape: [1, 2], bytes: new Uint8Array(Float32Array.of(1, -2).buffer) },
  none: { dtype: "F16", shape: [0, 4], bytes: new Uint8Array() },
  "名": { dtype: "I64", shape: [], bytes: new Uint8Array(BigInt64Array.of(5n).buffer) },
  ["__proto__"]: { dtype: "U8", shape: [1], bytes: Uint8Array.of(9) },
};

Deno.test("decodeSafetensors() reads a file written by hand", () => {
  const header = {
    __metadata__: { source: "by hand" },
    a: { dtype: "U8", shape: [2], data_offsets: [0, 2] },
  };
  const { tensors, metadata } = decodeSafetensors(createFile(header, Uint8Array.of(7, 8)));
  assertEquals(tensors, { a: { dtype: "U8", shape: [2], bytes: Uint8Array.of(7, 8) } });
  assertEquals(metadata, { source: "by hand" });
});

Deno.test("encodeSafetensors() then decodeSafetensors() gives all back", () => {
  const file = encodeSafetensors({ tensors: SAMPLE, metadata: { a: "b" } });
  const { tensors, metadata } = decodeSafetensors(file);
  assertEquals(Object.keys(tensors).sort(), Object.keys(SAMPLE).sort());
  for (const [name, tensor] of Object.entries(SAMPLE)) assertEquals({ ...tensors }[name], tensor, name);
  assertEquals(metadata, { a: "b" });
});

Deno.test("encodeSafetensors() aligns the data and every tensor", () => {
  const file = encodeSafetensors({ tensors: SAMPLE, metadata: {} });
  const length = Number(new DataView(file.buffer).getBigUint64(0, true));
  assertEquals(length % 8, 0);
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)));
  assertEquals(header["名"].data_offsets, [0, 8]);
  assertEquals(header["attn.qProj"].data_offsets, [8, 16]);
});

Deno.test("encodeSafetensors() refuses bytes that do not fit the shape", () => {
  const tensors = { a: { dtype: "F32", shape: [2], bytes: new Uint8Array(4) } } as const;
  const error = assertThrows(() => encodeSafetensors({ tensors, metadata: {} }), TypeError);
  assertEquals(
    error.message,
    "Cannot encode safetensors at a: bytes must number 8 for F32[2], got 4",
  );
});

Deno.test("decodeSafetensors() refuses every kind of broken header", () => {
  const entry = (shape: unknown, offsets: unknown, dtype: unknown = "U8") => ({
    a: { dtype, shape, data_offsets: offsets },
  });
  const two = (a: readonly number[], b: readonly number[]) => ({
    a: { dtype: "U8", shape: [2], data_offsets: a },
    b: { dtype: "U8", shape: [2], data_offsets: b },
  });
  const absurd = new Uint8Array(16).fill(255);
  const cases: readonly (readonly [file: Uint8Array, message: string])[] = [
    [new Uint8Array(7), "file must have at least 8 bytes, got 7"],
    [absurd, "header must have at most 8 bytes, got 18446744073709551615"],
    [createFile("{"), "header must be JSON in UTF-8"],
    [createFile("[]"), "header must be a JSON object"],
    [createFile('"a"'), "header must be a JSON object"],
    [createFile(entry([2], [0, 2]), new Uint8Array(1)), "data must have 2 bytes, as the header says, got 1"],
    [createFile(entry([2], [0, 2]), new Uint8Array(3)), "data must have 2 bytes, as the header says, got 3"],
    [createFile(entry([2], [0, 3]), new Uint8Array(3)), "offsets of a must span 2 bytes, got 0 to 3"],
    [createFile(entry([2], [2, 0]), new Uint8Array(2)), "offsets of a must span 2 bytes, got 2 to 0"],
    [createFile(entry([2], [1, 3]), new Uint8Array(3)), "offsets of a must start at 0, got 1"],
    [createFile(two([0, 2], [1, 3]), new Uint8Array(3)), "offsets of b must start at 2, got 1"],
    [createFile(two([0, 2], [0, 2]), new Uint8Array(2)), "offsets of b must start at 2, got 0"],
    [createFile(two([0, 2], [3, 5]), new Uint8Array(5)), "offsets of b must start at 2, got 3"],
    [createFile(entry([-1], [0, 1])), "header entry a"],
    [createFile(entry([1.5], [0, 1])), "header entry a"],
    [createFile(entry([2 ** 40, 2 ** 40], [0, 1]), new Uint8Array(1)), "offsets of a must span"],
    [createFile(entry([1], [0, 1], "BF16")), "dtype of F32, F16, I32, I64, U8, BOOL"],
    [createFile(entry("1", [0, 1])), "header entry a"],
    [createFile(entry([1], [0])), "header entry a"],
    [createFile({ a: null }), "header entry a"],
    [createFile({ __metadata__: { a: 1 } }), "__metadata__ must map names to text"],
  ];
  for (const [file, message] of cases) {
    const error = assertThrows(() => decodeSafetensors(file, "a.safetensors"), SyntaxError, message);
    assertStringIncludes(error.message, "Cannot decode safetensors at a.safetensors: ");
  }
});

Deno.test("decodeSafetensors() survives flipped and missing bytes", () => {
  const uniform = createUniform(5);
  const file = encodeSafetensors({ tensors: SAMPLE, metadata: { a: "b" } });
  for (let trial = 0; trial < 3000; trial++) {
    const broken = file.slice(0, trial % 3 === 0 ? Math.floor(uniform() * file.length) : file.length);
    for (let i = 0; i < 1 + trial % 4; i++) broken[Math.floor(uniform() * broken.length)] = uniform() * 256;
    try {
      const { tensors } = decodeSafetensors(broken);
      const bytes = Object.values(tensors).reduce((sum, tensor) => sum + tensor.bytes.length, 0);
      assert(bytes < file.length);
    } catch (error) {
      assert(error instanceof SyntaxError, String(error));
      assertStringIncludes(error.message, "Cannot decode safetensors at bytes: ");
    }
  }
});
