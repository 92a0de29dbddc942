import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  attentionEntropy,
  type AttentionTrace,
  createTensor,
  plotAttention,
  plotAttentionByOffset,
  plotAttentionEntropy,
  plotAttentionHeads,
  plotPoolSlots,
  plotTextAttention,
  rollOutAttention,
  selectAttention,
} from "nuwa-infinity";
import { assertAllClose } from "../_assert_all_close.ts";
import {
  cubePlan,
  PATCH_TOKENS,
  PICTURE_EXTENT,
  planOf,
  sampleAttention,
  samplePicture,
  sampleTextAttention,
} from "./_fixtures.ts";

/** Two tokens in a patch of their own, one context patch of two tokens; one layer or several of one head. */
function tinyTrace(...layers: readonly (readonly number[])[]): AttentionTrace {
  return {
    position: { frame: 0, row: 0, column: 1 },
    context: [{ frame: 0, row: 0, column: 0 }],
    patchTokens: { height: 1, width: 2 },
    weights: { shape: [layers.length, 1, 2, 4], data: Float32Array.from(layers.flat()) },
  };
}

Deno.test("selectAttention() averages what is not named", () => {
  const trace = tinyTrace([1, 0, 0, 0, 0, 0, 1, 0], [0, 1, 0, 0, 0, 0, 0, 1]);
  assertEquals([...selectAttention(trace, 0)], [0.5, 0.5, 0, 0]);
  assertEquals([...selectAttention(trace, 1, { layer: 1 })], [0, 0, 0, 1]);
  assertThrows(
    () => selectAttention(trace, 2),
    RangeError,
    "Cannot read trace: query must be an index of 2, got 2",
  );
  assertThrows(
    () => selectAttention({ ...trace, context: [] }, 0),
    TypeError,
    "Cannot read attention: weights must have shape [L, heads, 2, 2], got [2, 1, 2, 4]",
  );
});

Deno.test("rollOutAttention() follows two layers, worked out by hand", () => {
  // Layer 1: token 0 looks at context 0 and itself, token 1 at token 0. With half passed on:
  //   R1 = [[.25, 0, .75, 0], [0, 0, .5, .5]]. Layer 2: token 0 at itself, token 1 at token 0:
  //   R2[0] = R1[0] / 2 + R1[0] / 2; R2[1] = R1[1] / 2 + R1[0] / 2.
  const trace = tinyTrace([0.5, 0, 0.5, 0, 0, 0, 1, 0], [0, 0, 1, 0, 0, 0, 1, 0]);
  assertEquals([...rollOutAttention(trace).data], [0.25, 0, 0.75, 0, 0.125, 0, 0.625, 0.25]);
});

Deno.test("rollOutAttention() keeps rows that sum to 1", () => {
  const { data, shape: [M = 0, keys = 0] } = rollOutAttention(sampleAttention(planOf(3, 3, "omega"), 4));
  const sums = Array.from(
    { length: M },
    (_, row) => data.subarray(row * keys, (row + 1) * keys).reduce((a, b) => a + b, 0),
  );
  assertAllClose(
    createTensor([M], Float32Array.from(sums)),
    createTensor([M], new Float32Array(M).fill(1)),
    1e-5,
  );
});

Deno.test("attentionEntropy() is 0 bits for one key and log2 of all for all alike", () => {
  assertEquals(attentionEntropy([tinyTrace([1, 0, 0, 0, 0, 1, 0, 0], Array(8).fill(0.25))]), [[0], [2]]);
  assertEquals(attentionEntropy([tinyTrace([1, 0, 0, NaN, 0, 1, 0, 0])]), [[NaN]]);
});

Deno.test("plotAttention() lays weights over the tokens that they belong to", () => {
  const figure = plotAttention(tinyTrace([0.4, 0.1, 0.2, 0.3, 0, 0, 1, 0]), { query: 0 });
  const [map] = figure.data;
  assert(map?.type === "heatmap");
  // The begin token (0.2) has no place in the picture; own token 0 has 0.3; the last own token is never a key.
  assertEquals(map.z, [[0.4, 0.1, 0.3, null]]);
  assert(figure.layout.annotations.some(({ text }) => text === "begin token: 20 %"));
  assert(figure.alt.includes("row 1, column 1 50 %"), figure.alt);
});

Deno.test("plotAttention() offers every layer and head, over a picture and over frames", () => {
  const plan = planOf(4, 4, "omega"), picture = samplePicture(256, 256);
  const trace = sampleAttention(plan, 10);
  const figure = plotAttention(trace, { pictures: [picture], tokenPixels: 8 });
  assertEquals(figure.layout.updatemenus[0]?.buttons.length, 1 + 2 + 2 * 3);
  assertEquals(figure.layout.images.length, 1);
  assertEquals(plotAttention(sampleAttention(cubePlan(), 26)).data[0]?.type, "heatmap");
  assertEquals(plotAttentionHeads(trace, { pictures: [picture] }).layout.images.length, 6);
  assert(plotAttention(trace, { measure: "rollout" }).alt.includes("rolled out"));
});

Deno.test("figures of attention show NaN in a colour of its own, and say how many", () => {
  const trace = tinyTrace([NaN, 0.1, 0.2, 0.3, 0, 0, 1, 0]);
  const figure = plotAttention(trace, { query: 0 });
  const strange = figure.data.find(({ name }) => name === "not a number");
  assert(strange?.type === "heatmap");
  assertEquals(strange.z, [[0, null, null, null]]);
  assert(strange.hovertext?.[0]?.[0]?.includes("NaN"));
  assert(figure.alt.includes("1 value is not finite (pink)"), figure.alt);
  for (
    const other of [
      plotAttentionEntropy([trace]),
      plotAttentionByOffset([trace], { extent: PICTURE_EXTENT }),
      plotAttentionHeads(trace, { query: 0 }),
    ]
  ) {
    assert(other.alt.includes("not finite"), other.alt);
  }
});

Deno.test("plotAttentionByOffset() shares out all attention, each offset in its place", () => {
  const figure = plotAttentionByOffset([tinyTrace([0.5, 0.1, 0.2, 0.2, 0.4, 0, 0.6, 0])], {
    extent: { width: 1, height: 1, frames: 0 },
  });
  const [map] = figure.data;
  assert(map?.type === "heatmap");
  assertEquals(map.z, [[null, null, null], [0.5, 0.5, null], [null, null, null]]);
  assert(figure.alt.includes("Most goes to"), figure.alt);
  assertThrows(
    () =>
      plotAttentionByOffset([sampleAttention(planOf(3, 3, "omega"), 8)], {
        extent: { width: 1, height: 1, frames: 0 },
      }),
    RangeError,
    "Cannot draw attention: context must lie within extent 1, 1, 0, got offset -2, -2, 0",
  );
});

Deno.test("plotTextAttention() has a column a word, a row a head or a token", () => {
  const words = ["spring", "willows", "mist"], trace = sampleTextAttention(words);
  const rowsOf = (rows: "heads" | "tokens") => {
    const [map] = plotTextAttention(trace, { rows }).data;
    return map?.type === "heatmap" ? [map.z.length, map.z[0]?.length] : [];
  };
  assertEquals([rowsOf("heads"), rowsOf("tokens")], [[6, 3], [PATCH_TOKENS.height * PATCH_TOKENS.width, 3]]);
  assertThrows(
    () => plotTextAttention({ ...trace, words: ["spring"] }),
    TypeError,
    "Cannot draw attention: weights must have shape [L, heads, M, 1], got [2, 3, 64, 3]",
  );
});

Deno.test("plotPoolSlots() shares attention out over the patches that are seen, and says how old they are", () => {
  const plan = planOf(1, 2, "omega");
  // Queries give 1 and 0.5 to the context patch; the second layer nothing.
  const trace = tinyTrace([0.25, 0.75, 0, 0, 0.5, 0, 0.5, 0], [0, 0, 1, 0, 0, 0, 0, 1]);
  const { alt, data: [bars] } = plotPoolSlots(plan, trace, { layer: 0 });
  assertEquals(bars?.type === "bar" ? bars.x : undefined, [0.75]);
  assertEquals(bars?.type === "bar" ? bars.text : undefined, ["75 %, 1 left, 1 step old"]);
  assert(alt.endsWith("row 1, column 2 sees 1 patch; 25 % stays in the patch itself."), alt);
  assert(plotPoolSlots(plan, trace).alt.includes("row 1, column 1 38 %"));
  trace.weights.data[0] = NaN;
  assert(plotPoolSlots(plan, trace).alt.includes("row 1, column 1 NaN"));
  const cube = cubePlan(), whole = sampleAttention(cube, 26);
  const { data: [many] } = plotPoolSlots(cube, whole);
  assertEquals(many?.type === "bar" && many.x.length, 7); // PAPER.md: patch 27 has seven neighbours
  assertThrows(
    () => plotPoolSlots(plan, { ...sampleAttention(plan, 0) }),
    RangeError,
    "Cannot draw slots: attention must be that of a step which sees other patches, got row 1, column 1, which sees none",
  );
});
