import { assertEquals } from "@std/assert";
import { countTransformerParameters, TRANSFORMER_PRESETS } from "nuwa-infinity";
import { countBytesRead, countTrainingFlops } from "./count_flops.ts";

const CONFIG = TRANSFORMER_PRESETS.tiny; // d 32, two layers, 64 codes, patches of 2 x 2 tokens, text of width 16
const TEXT = { vocabularySize: 4, maxLength: 3, embedDim: 16, numLayers: 1, numHeads: 2 };

Deno.test("countTrainingFlops() counts the products that were written out by hand", () => {
  // One canvas of one patch: 5 positions, all 25 pairs of them, 3 words.
  const self = 5 * 4 * 32 * 32 + 2 * 25 * 32, forward = 5 * 12 * 32 * 32;
  const text = 2 * 5 * 32 * 32 + 2 * 5 * 3 * 32;
  const encoder = 3 * 16 * 16 * 16 + 2 * 9 * 16, projection = 3 * 16 * 32, head = 4 * 32 * 64;
  const sequence = 2 * (self + forward + text) + head, words = 2 * 2 * 3 * 32 * 32;
  const products = sequence + words + encoder + projection;
  const size = { batchSize: 1, numPatches: 1, numParts: 1, numSequences: 1 };
  assertEquals(countTrainingFlops(CONFIG, TEXT, size), 6 * products);
  assertEquals(countTrainingFlops(CONFIG, TEXT, { ...size, batchSize: 3 }), 18 * products);
  assertEquals(countTrainingFlops(CONFIG, TEXT, { ...size, numSequences: 2 }), 6 * (products + sequence));
  const saved = 2 * 25 * (1 - 3 / 4) * 32; // of two parts the first meets half the keys
  assertEquals(countTrainingFlops(CONFIG, TEXT, { ...size, numParts: 2 }), 6 * (products - 2 * saved));
});

Deno.test("countBytesRead() leaves out of the paper's base model what no token reads: tables, biases, text keys", () => {
  const { base } = TRANSFORMER_PRESETS;
  const none = { numContext: -1, textLength: 0, bytesPerElement: 1 }; // no keys at all
  const { embedDim: d, numLayers: L } = base;
  // 20 d^2 a layer less the two maps that project the text, and the head without its bias.
  assertEquals(countBytesRead(base, none), L * 18 * d * d + d * base.codebookSize);
  const share = countBytesRead(base, none) / countTransformerParameters(base);
  assertEquals(share > 0.88 && share < 0.92, true);
});

Deno.test("countBytesRead() grows by the caches of a patch with its context", () => {
  const sizes = { numContext: 2, textLength: 3, bytesPerElement: 4 };
  const more = countBytesRead(CONFIG, { ...sizes, numContext: 3 }) - countBytesRead(CONFIG, sizes);
  assertEquals(more, 4 * 2 * 2 * 4 * 32); // float32, layers, keys and values, tokens, width
});
