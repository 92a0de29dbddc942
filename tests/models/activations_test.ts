import { assertEquals, assertThrows } from "@std/assert";
import {
  billActivations,
  listActivations,
  matchActivations,
  type ModelConfig,
  nearestName,
  TRANSFORMER_PRESETS,
  VQGAN_PRESETS,
} from "../../lib/models/mod.ts";

const CONFIG: ModelConfig = { tokenizer: VQGAN_PRESETS.tiny, transformer: TRANSFORMER_PRESETS.tiny };
const NAMES = listActivations(CONFIG).map(({ name }) => name);

Deno.test("listActivations() names each once, in the order of computation, and knows the sizes", () => {
  assertEquals(new Set(NAMES).size, NAMES.length);
  assertEquals(NAMES.slice(0, 3), ["input", "layers.0.self.key", "layers.0.self.value"]);
  assertEquals(NAMES.at(-1), "logits");
  assertEquals(NAMES.filter((name) => name.startsWith("layers.1.")).length, 13);
  const { axes, shape, bytes } = listActivations(CONFIG, { numContext: 2 })
    .find(({ name }) => name === "layers.0.self.weights") ?? {};
  assertEquals([axes, shape, bytes], [["heads", "tokens", "keys"], [2, 4, 12], 2 * 4 * 12 * 4]);
  // Raster order in an extent of 2 and 2: two rows of five above, two to the left.
  assertEquals(
    listActivations(CONFIG).find(({ name }) => name === "layers.0.self.weights")?.shape.at(-1),
    (12 + 1) * 4,
  );
});

Deno.test("listActivations() has no text where the model reads none, and no model where there is none", () => {
  const transformer = { ...TRANSFORMER_PRESETS.tiny, textDim: 0 };
  const names = listActivations({ ...CONFIG, transformer }).map(({ name }) => name);
  assertEquals(names, NAMES.filter((name) => !name.includes(".text.")));
  assertThrows(
    () => listActivations({ tokenizer: VQGAN_PRESETS.tiny }),
    TypeError,
    "Cannot list activations: model must have a transformer, got a tokenizer alone",
  );
});

Deno.test("matchActivations() takes each once, whatever the order of the names", () => {
  const match = (...names: string[]) => matchActivations(CONFIG, names).map(({ name }) => name);
  assertEquals(match("logits", "layers.*.residual", "layers.0.residual"), [
    "layers.0.residual",
    "layers.1.residual",
    "logits",
  ]);
  assertEquals(match(), []);
  assertEquals(match("*"), ["input", "logits"]); // a star is one part, not many
  assertEquals(match("layers.*.*.weights").length, 4);
});

Deno.test("matchActivations() suggests the nearest name", () => {
  for (
    const [given, nearest] of [
      ["layers.0.self.wieghts", "layers.0.self.weights"],
      ["layers.1.attn.value", "layers.1.self.value"],
      ["layer.1.residual", "layers.1.residual"],
      ["Logits", "logits"],
      ["layers.7.*.query", "layers.0.self.query"],
      ["x.*", "input"],
    ] as const
  ) {
    assertThrows(
      () => matchActivations(CONFIG, ["logits", given]),
      RangeError,
      `name must be one of the 28 that listActivations gives, got ${given}; try ${nearest}`,
    );
  }
});

Deno.test("nearestName() counts letters more, less, other and swapped as one each", () => {
  assertEquals(nearestName("abdc", ["abxyc", "abcd", "a"]), "abcd");
  assertEquals(nearestName("", ["abc", "x"]), "x");
});

Deno.test("billActivations() sums up float32 in words, the largest first", () => {
  const { bytes, items, text } = billActivations(CONFIG, ["logits", "input"]);
  assertEquals(bytes, 4 * (4 * 64 + 4 * 32));
  assertEquals(items.map(({ name }) => name), ["logits", "input"]);
  assertEquals(text, "2 activations, 0.002 MB a patch; logits alone takes 0.001 MB");
  assertEquals(billActivations(CONFIG, []).text, "no activations, 0 MB");
});
