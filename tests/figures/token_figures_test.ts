import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  createPicture,
  createTensor,
  describeLogits,
  layTiles,
  type LogitsTrace,
  pictureUrl,
  plotCandidates,
  plotCodebook,
  plotCodebookNeighbours,
  plotCodebookUse,
  plotDifference,
  plotEntropy,
  plotReconstruction,
  plotSamples,
  plotSurprise,
  plotTraining,
  renderSvg,
  swipePictures,
  type TokenStatistics,
} from "nuwa-infinity";
import { planOf, sampleLogits, samplePicture } from "./_fixtures.ts";

/** One token, four codes. */
function oneToken(logits: readonly number[], token: number): LogitsTrace {
  return {
    position: { frame: 0, row: 0, column: 0 },
    patchTokens: { height: 1, width: 1 },
    tokens: Int32Array.of(token),
    logits: createTensor([1, 4], Float32Array.from(logits)),
  };
}

Deno.test("describeLogits() knows a fair die of four sides, and a loaded one", () => {
  const fair = describeLogits(oneToken([7, 7, 7, 7], 2));
  assertEquals([fair.surprise[0], fair.entropy[0]], [2, 2]);
  // Probabilities 1/2, 1/4, 1/8, 1/8: entropy 1.75 bits.
  const loaded = describeLogits(oneToken([Math.log(1), Math.log(4), Math.log(2), Math.log(1)], 0), 2);
  assertAlmostEquals(loaded.surprise[0] ?? NaN, 3, 1e-6);
  assertAlmostEquals(loaded.entropy[0] ?? NaN, 1.75, 1e-6);
  assertEquals(loaded.candidates[0]?.map(({ code }) => code), [1, 2]);
  assertEquals(describeLogits(oneToken([0, 0, -Infinity, -Infinity], 0)).entropy[0], 1);
  assertThrows(
    () => describeLogits({ ...oneToken([1, 2, 3, 4], 0), tokens: new Int32Array(2) }),
    TypeError,
    "Cannot describe logits: logits must have shape [1, K] and tokens [1], got [1, 4] and [2]",
  );
});

Deno.test("plotSurprise() and plotEntropy() show tokens whose logits are NaN", () => {
  const trace = sampleLogits(planOf(2, 2, "omega"), 1);
  trace.logits.data[256 * 5] = NaN;
  const statistics = describeLogits(trace);
  assertEquals(statistics.surprise[5], NaN);
  const figure = plotSurprise([statistics], { grid: { rows: 2, columns: 2, frames: 1 } });
  const strange = figure.data.find(({ name }) => name === "not a number");
  assert(strange?.type === "heatmap");
  assertEquals(strange.z[8]?.[5], 0); // step 1 is row 1, column 0; its token 5 lies in the first row
  assert(figure.alt.includes("64 tokens") && figure.alt.includes("1 value is not finite"), figure.alt);
  const line = plotEntropy([statistics]).data.find(({ name }) => name === "not finite");
  assert(line?.type === "scatter");
  assertEquals(line.x, [5]);
});

Deno.test("plotSurprise() thins a million tokens out, says so, and still hides no NaN", () => {
  const surprise = Float64Array.from({ length: 15_625 }, (_, i) => i % 7);
  const patches = Array.from({ length: 64 }, (_, patch): TokenStatistics => ({
    position: { frame: 0, row: Math.floor(patch / 8), column: patch % 8 },
    patchTokens: { height: 125, width: 125 },
    tokens: new Int32Array(15_625),
    surprise: patch === 63 ? surprise.with(777, NaN) : surprise,
    entropy: surprise,
    candidates: [],
  }));
  const figure = plotSurprise(patches, { grid: { rows: 8, columns: 8, frames: 1 } });
  assert(figure.alt.includes("1,000,000 tokens"), figure.alt);
  assert(
    figure.alt.includes("too many to draw: the largest of each 5 x 5 block; 1 value is not finite"),
    figure.alt,
  );
  assert(figure.data.some(({ name }) => name === "not a number"));
  assert(JSON.stringify(figure).length < 4_000_000);
});

Deno.test("plotCandidates() lists the best codes, and the drawn one even where it is not among them", () => {
  const tiles = createTensor([4, 2, 2, 3], new Uint8Array(48).fill(90));
  const figure = plotCandidates(describeLogits(oneToken([9, 5, 1, 0], 3), 2), 0, { tiles });
  const [bars] = figure.data;
  assert(bars?.type === "bar");
  assertEquals(bars.hovertext?.map((text) => text.split(":")[0]), ["code 0", "code 1", "code 3"]);
  assertEquals(figure.layout.images.length, 3);
  assert(figure.alt.includes("drawn: code 3"), figure.alt);
  assert(plotCandidates(describeLogits(oneToken([NaN, 5, 1, 0], 3)), 0).alt.includes("NaN"));
});

Deno.test("layTiles() lays tiles in rows; plotCodebook() sorts them by use and crosses out unused ones", () => {
  const tiles = createTensor([3, 1, 1, 3], Uint8Array.of(1, 1, 1, 2, 2, 2, 3, 3, 3));
  assertEquals([...layTiles(tiles, [2, 0, -1, 1], 2).data], [3, 3, 3, 1, 1, 1, 128, 128, 128, 2, 2, 2]);
  const figure = plotCodebook(tiles, { counts: [5, 0, 7] });
  const [map] = figure.data;
  assert(map?.type === "heatmap");
  assertEquals(map.hovertext?.flat().map((text) => text.slice(3, 9)), ["code 2", "code 0", "code 1"]);
  assertEquals(map.z, [[0, 0, 1]]);
  assertThrows(
    () => plotCodebook(tiles, { counts: [1] }),
    TypeError,
    "Cannot draw codebook: counts must number 3, got 1",
  );
});

Deno.test("plotCodebookUse() gives the perplexities of PAPER.md 5.2", () => {
  assert(plotCodebookUse(new Float64Array(8).fill(1)).alt.includes("perplexity 8 "));
  assert(plotCodebookUse([4, 2, 1, 1]).alt.includes("perplexity 3.364 "));
  assert(plotCodebookUse([97, 1, 1, 1, 0]).alt.includes("4 of 5 codes used, 100 tokens; perplexity 1.183 "));
  const strange = plotCodebookUse([97, 1, 1, 1, NaN, Infinity, -1]);
  assert(strange.alt.includes("perplexity 1.183 (dashed); 3 counts left out, not numbers >= 0"), strange.alt);
  assert(!renderSvg(strange).includes("NaN"));
});

Deno.test("plotCodebookNeighbours() finds the nearest codes", () => {
  const tiles = createTensor([4, 1, 1, 3], new Uint8Array(12));
  const codebook = createTensor([4, 1], Float32Array.of(0, 10, 1, 4));
  const figure = plotCodebookNeighbours(tiles, { codebook, codes: [0], numNeighbours: 2 });
  assert(figure.alt.endsWith("0: 2, 3."), figure.alt);
});

Deno.test("plotReconstruction() measures 100 against 150 as 14.15 dB", () => {
  const flat = (value: number) => createPicture(8, 8, new Uint8Array(192).fill(value));
  // PAPER.md 5.2: psnr_same 14.151403521958727.
  assert(
    plotReconstruction(flat(100), flat(150)).alt.includes("PSNR 14.15 dB, root mean square error 50 of 255"),
  );
  assert(plotReconstruction(flat(1), flat(1)).alt.includes("PSNR infinite dB"));
  assertThrows(
    () => plotReconstruction(flat(1), createPicture(4, 8)),
    TypeError,
    "Cannot compare pictures: reconstruction must have shape [8, 8, 3], got [4, 8, 3]",
  );
});

Deno.test("plotDifference() shows the one block that differs", () => {
  const before = createPicture(8, 8), after = createPicture(8, 8);
  after.set(3, 5, 0, 30); // of three channels: 10 on average
  const figure = plotDifference(before, after, { title: "One pixel" }), [map] = figure.data;
  assert(map?.type === "heatmap");
  assertEquals([map.z[3]?.[5], map.z.flat().filter((error) => error !== 0).length, map.zmax], [10, 1, 10]);
  assert(figure.alt.startsWith("One pixel: 8 x 8 pixels"), figure.alt);
  assertThrows(() => plotDifference(before, createPicture(4, 8)), TypeError, "Cannot compare pictures: ");
});

Deno.test("pictureUrl() keeps tiles exactly, and larger pictures small", () => {
  assert(pictureUrl(samplePicture(64, 64)).startsWith("data:image/png;"));
  assert(pictureUrl(samplePicture(64, 65)).startsWith("data:image/jpeg;"));
});

Deno.test("swipePictures() carries both pictures and no address", () => {
  const html = swipePictures(samplePicture(16, 16), samplePicture(16, 16), ["a <b>", "c"]);
  assertEquals(html.match(/data:image\/png/g)?.length, 2);
  assert(!html.includes("http") && html.includes("a &lt;b&gt;"));
});

Deno.test("plotTraining() averages long curves, keeps several runs apart and shows NaN", () => {
  const records = Array.from(
    { length: 1000 },
    (_, i) => ({ step: i + 1, loss: i < 500 ? 4 : 2, gradientNorm: i === 9 ? NaN : 1 }),
  );
  const figure = plotTraining({ first: records, second: records });
  assertEquals(figure.data.filter(({ showlegend }) => showlegend).length, 2);
  const [loss] = figure.data;
  assert(loss?.type === "scatter");
  assertEquals([loss.y.length, loss.y[0], loss.y.at(-1)], [334, 4, 2]);
  const strange = figure.data.filter(({ name }) => name === "not finite");
  assertEquals(strange.map((trace) => trace.type === "scatter" && trace.x), [[10], [10]]);
  assert(figure.alt.includes("2 values are not finite (pink)"), figure.alt);
  assertThrows(
    () => plotTraining({ first: [{ step: 1 }] }),
    RangeError,
    "Cannot draw training: records must have at least one of loss, bitsPerToken, psnr, gradientNorm, learningRate, got none",
  );
});

Deno.test("plotSamples() keeps the shape of pictures", () => {
  const { images, width, height } = plotSamples([{ step: 1, pictures: [samplePicture(16, 32)] }]).layout;
  assertAlmostEquals((images[0]?.sizex ?? 0) * width, 2 * (images[0]?.sizey ?? 0) * height, 1e-6);
  assertThrows(
    () => plotSamples([]),
    RangeError,
    "Cannot draw samples: pictures must number at least 1, got 0",
  );
});
