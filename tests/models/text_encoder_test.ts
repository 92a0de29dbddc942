import type { numpy as np } from "@jax-js/jax";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { createTensor } from "../../lib/core/mod.ts";
import {
  encodeText,
  HIDDEN,
  initTextEncoder,
  type TextEncoderConfig,
  type TextEncoderParameters,
} from "../../lib/models/mod.ts";
import { runOnce } from "../_run_once.ts";

const CONFIG: TextEncoderConfig = { vocabularySize: 9, maxLength: 4, embedDim: 8, numLayers: 2, numHeads: 2 };
const PARAMETERS = initTextEncoder(CONFIG, 1);

const encode = (wordIds: readonly number[], parameters = PARAMETERS) =>
  runOnce(
    (p: TextEncoderParameters<np.Array>, ids: np.Array) => encodeText(CONFIG, p, ids),
    parameters,
    createTensor([wordIds.length / 4, 4], Int32Array.from(wordIds)),
  );

Deno.test("encodeText() hides padding, and only padding", async () => {
  const { states, bias } = await encode([3, 4, 5, 0, 1, 0, 0, 0]);
  assertEquals(states.shape, [2, 4, 8]);
  assertEquals([...bias.data], [0, 0, 0, HIDDEN, 0, HIDDEN, HIDDEN, HIDDEN]);
  assert(states.data.every(Number.isFinite));
});

Deno.test("encodeText() reads all words in both directions, and nothing of the padding", async () => {
  const { states } = await encode([3, 4, 5, 0]);
  const first = states.data.slice(0, 8);
  assertNotEquals((await encode([3, 4, 6, 0])).states.data.slice(0, 8), first);
  assertNotEquals((await encode([3, 5, 4, 0])).states.data.slice(0, 8), first);
  const places = createTensor([4, 8], new Float32Array(PARAMETERS.places.data).fill(7, 24));
  const moved = await encode([3, 4, 5, 0], { ...PARAMETERS, places });
  assertEquals(moved.states.data.slice(0, 24), states.data.slice(0, 24));
});

Deno.test("encodeText() gives a text the same states whatever else is in the batch", async () => {
  const alone = await encode([3, 4, 5, 0]), together = await encode([7, 0, 0, 0, 3, 4, 5, 0]);
  for (const [i, value] of alone.states.data.entries()) {
    assert(Math.abs(value - (together.states.data[32 + i] ?? NaN)) < 1e-5);
  }
});
