import { assertEquals } from "@std/assert";
import { encodeGguf } from "./encode_gguf.ts";

Deno.test("encodeGguf() writes a header, its counts, and weights aligned at the end", () => {
  const sizes = {
    numLayers: 1,
    embedDim: 8,
    numHeads: 2,
    feedForwardDim: 32,
    vocabularySize: 260,
    maxLength: 16,
  };
  const file = encodeGguf(sizes);
  const view = new DataView(file.buffer);
  assertEquals(new TextDecoder().decode(file.subarray(0, 4)), "GGUF");
  assertEquals(view.getUint32(4, true), 3);
  assertEquals(view.getBigUint64(8, true), 12n); // tensors: 9 a layer, the table, the last norm and the head
  assertEquals(view.getBigUint64(16, true), 12n); // entries of metadata
  const numWeights = 2 * 260 * 8 + 4 * 8 * 8 + 3 * 8 * 32 + 3 * 8; // each tensor a multiple of 32 bytes
  const start = file.length - 4 * numWeights;
  assertEquals(start % 32, 0);
  const weights = new Float32Array(file.slice(start).buffer);
  assertEquals(weights.every((weight) => Math.abs(weight) <= 1), true);
  assertEquals([...weights.slice(260 * 8, 260 * 8 + 8)], Array(8).fill(1)); // a norm comes after the table
});
