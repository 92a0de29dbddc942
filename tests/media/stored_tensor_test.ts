import { assertEquals, assertThrows } from "@std/assert";
import {
  createTensor,
  decodeTensor,
  encodeTensor,
  type SafetensorsDtype,
  type TensorData,
} from "nuwa-infinity";

/** Through a file and back, as plain numbers. */
function roundTrip(data: TensorData, dtype: SafetensorsDtype): number[] {
  const tensor = createTensor([data.length], data);
  return [...decodeTensor(encodeTensor(tensor, dtype)).data];
}

function float16Bits(...values: readonly number[]): number[] {
  const { bytes } = encodeTensor(createTensor([values.length], new Float32Array(values)), "F16");
  return [...new Uint16Array(bytes.buffer)];
}

Deno.test("encodeTensor() rounds to float16 as IEEE 754 says", () => {
  // Examples of the article "Half-precision floating-point format" (Wikipedia), 1/3 among them.
  assertEquals(
    float16Bits(1, -2, 65504, 1 / 3, 2 ** -14, 2 ** -24, (1023 / 1024) * 2 ** -14, 0, -0),
    [0x3c00, 0xc000, 0x7bff, 0x3555, 0x0400, 0x0001, 0x03ff, 0, 0x8000],
  );
  assertEquals(float16Bits(Infinity, -Infinity), [0x7c00, 0xfc00]);
  // Ties go to even: 1 + 2^-11 down, 1 + 3 * 2^-11 up; half of the least subnormal down, a bit more up.
  assertEquals(float16Bits(1 + 2 ** -11, 1 + 3 * 2 ** -11, 1 + 2 ** -11 + 2 ** -20), [
    0x3c00,
    0x3c02,
    0x3c01,
  ]);
  assertEquals(float16Bits(2 ** -25, 1.001 * 2 ** -25, 3 * 2 ** -25, 65519), [0, 1, 2, 0x7bff]);
  assertEquals(roundTrip(Float32Array.of(NaN), "F16"), [NaN]);
});

Deno.test("decodeTensor() gives back every float16", () => {
  const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const bytes = new Uint8Array(bits.buffer);
  const { data } = decodeTensor({ dtype: "F16", shape: [65536], bytes });
  for (const [i, value] of data.entries()) {
    const sign = i & 0x8000 ? -1 : 1, exponent = (i >> 10) & 31, fraction = i & 1023;
    const expected = exponent === 31
      ? (fraction ? NaN : sign * Infinity)
      : exponent === 0
      ? sign * fraction * 2 ** -24
      : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
    if (!Object.is(value, expected)) {
      throw new Error(`0x${i.toString(16)}: expected ${expected}, got ${value}`);
    }
  }
});

Deno.test("encodeTensor() then decodeTensor() is exact for the other types", () => {
  assertEquals(roundTrip(Float32Array.of(0.1, -1e38), "F32"), [Math.fround(0.1), Math.fround(-1e38)]);
  assertEquals(roundTrip(Int32Array.of(-1, 2 ** 31 - 1), "I32"), [-1, 2 ** 31 - 1]);
  assertEquals(roundTrip(Int32Array.of(-(2 ** 31), 7), "I64"), [-(2 ** 31), 7]);
  assertEquals(roundTrip(Uint8Array.of(0, 255), "U8"), [0, 255]);
  assertEquals(roundTrip(Uint8Array.of(0, 1), "BOOL"), [0, 1]);
  assertEquals(decodeTensor({ dtype: "F32", shape: [0, 3], bytes: new Uint8Array() }).data.length, 0);
});

Deno.test("encodeTensor() refuses what the type cannot hold", () => {
  const error = assertThrows(
    () => encodeTensor(createTensor([2], Float32Array.of(1, -65520)), "F16", "a.b"),
    RangeError,
  );
  assertEquals(
    error.message,
    "Cannot encode tensor at a.b: data must be below 65520 for F16, got -65520 at element 1",
  );
  assertThrows(() => encodeTensor(createTensor([1], Uint8Array.of(2)), "BOOL"), RangeError, "0 or 1");
  assertThrows(() => encodeTensor(createTensor([1], Int32Array.of(2)), "F16"), TypeError, "got Int32Array");
});

Deno.test("decodeTensor() refuses bytes that do not fit", () => {
  const bytes = new Uint8Array(BigInt64Array.of(2n ** 31n).buffer);
  assertThrows(() => decodeTensor({ dtype: "I64", shape: [1], bytes }), RangeError, "got 2147483648");
  assertThrows(() => decodeTensor({ dtype: "F32", shape: [3], bytes }), TypeError, "got 8 bytes");
});
