import { inflateSync } from "node:zlib";
import { assert, assertEquals, assertThrows } from "@std/assert";
import sharp from "sharp";
import {
  createPicture,
  createPlayer,
  createTensor,
  createTokenGrid,
  describeLogits,
  displayFigure,
  packAttention,
  pictureUrl,
  plotAttention,
  plotOrder,
  plotPoolBytes,
  renderPng,
  renderSvg,
  toHtml,
} from "nuwa-infinity";
import {
  cubePlan,
  PATCH_TOKENS,
  planOf,
  sampleAttention,
  sampleLogits,
  samplePicture,
  sampleTextAttention,
} from "./_fixtures.ts";

/** The bytes behind a data URL. */
function bytesOf(url: string): Uint8Array {
  return Uint8Array.from(atob(url.split(",")[1] ?? ""), (char) => char.charCodeAt(0));
}

Deno.test("pictureUrl() is a PNG of exactly the pixels, or of their averages", async () => {
  const picture = samplePicture(20, 30);
  const { data, info } = await sharp(bytesOf(pictureUrl(picture))).raw().toBuffer({
    resolveWithObject: true,
  });
  assertEquals([info.height, info.width, info.channels], [20, 30, 4]);
  const opaque = Array.from({ length: 20 * 30 }, (_, i) => [...picture.data.slice(3 * i, 3 * i + 3), 255]);
  assertEquals([...data], opaque.flat());
  const checks = createPicture(2, 2, Uint8Array.of(0, 0, 0, 90, 90, 90, 90, 90, 90, 0, 0, 0));
  const small = await sharp(bytesOf(pictureUrl(checks, { maxSide: 1 }))).raw().toBuffer();
  assertEquals([...small.subarray(0, 3)], [45, 45, 45]);
  assertEquals(pictureUrl("data:image/webp;base64,AA"), "data:image/webp;base64,AA");
  assertThrows(
    () => pictureUrl("https://a.b/c.png"),
    TypeError,
    'Cannot embed picture: a text must be a data URL of an image, got "https://a.b/c.png"',
  );
});

Deno.test("renderPng() paints cells where the figure has them, in its colours", async () => {
  const figure = plotOrder(planOf(2, 2, "omega")); // cells of 64 pixels from (16, 70); drawn at 1.5 times
  const { data, info } = await sharp(await renderPng(figure)).removeAlpha().raw().toBuffer({
    resolveWithObject: true,
  });
  const above = Math.ceil((1 - (figure.layout.sliders[0]?.y ?? NaN)) * figure.layout.height); // the slider is left out
  assertEquals([info.width, info.height], [figure.layout.width * 1.5, above * 1.5]);
  const at = (
    x: number,
    y: number,
  ) => [...data.subarray((Math.round(y * 1.5) * info.width + Math.round(x * 1.5)) * 3).subarray(0, 3)];
  // The ends of viridis, #440154 and #fde725, up to the reduction to 256 colours.
  const near = (actual: readonly number[], expected: readonly number[]) =>
    assert(
      actual.every((value, i) => Math.abs(value - (expected[i] ?? 0)) <= 10),
      `${actual} is not near ${expected}`,
    );
  near(at(16 + 10, 70 + 10), [0x44, 0x01, 0x54]);
  near(at(16 + 64 + 10, 70 + 64 + 10), [0xfd, 0xe7, 0x25]);
});

Deno.test("renderSvg() says what cells say, and escapes it", () => {
  const figure = plotOrder(planOf(2, 2, "omega"));
  const svg = renderSvg({ ...figure, alt: '<b> & "c"' });
  assert(svg.includes('aria-label="&lt;b&gt; &amp; &quot;c&quot;"'));
  assert(
    svg.includes("<title>step 4 of 4, wave 4\nrow 2, column 2\nsees 3 patches\nnever in the pool</title>"),
    svg,
  );
});

Deno.test("toHtml() needs no network; with Plotly inside it carries the library", async () => {
  const figure = plotPoolBytes([planOf(2, 2, "omega")], { bytesPerPatch: 8 });
  const page = await toHtml([figure, figure]);
  assertEquals(page.replaceAll("http://www.w3.org/2000/svg", "").match(/https?:|src=/g), null);
  assertEquals(page.match(/<svg /g)?.length, 2);
  const whole = await toHtml(figure, { mode: "plotly" });
  assert(whole.length > 4e6 && whole.includes("Plotly.newPlot(place"));
});

Deno.test("figures draw themselves in notebooks: Plotly, a picture without scripts, words", async () => {
  const figure = plotAttention(sampleAttention(planOf(3, 3, "omega"), 4), {
    pictures: [samplePicture(192, 192)],
  });
  const method: unknown = Reflect.get(figure, Symbol.for("Jupyter.display"));
  assert(typeof method === "function");
  const bundle = await method.call(figure);
  assertEquals(Object.keys(bundle), ["application/vnd.plotly.v1+json", "text/html", "text/plain"]);
  assertEquals(bundle, await displayFigure(figure));
  assert(bundle["text/html"].startsWith('<div id="figure-'));
  assertEquals(bundle["text/html"].match(/<img [^>]*src="data:image\/png;base64,/g)?.length, 1);
  assertEquals(bundle["text/plain"], figure.alt);
  assert(JSON.stringify(bundle).length < 400_000);
});

Deno.test("createPlayer() puts a whole run into one small page without addresses", () => {
  const plan = planOf(2, 3, "omega"), picture = samplePicture(128, 192);
  const page = createPlayer({
    plan,
    pictures: [picture],
    patchTokens: PATCH_TOKENS,
    text: "a </script> & more",
    tokens: createTokenGrid(16, 24),
    attention: plan.steps.map((_, step) => sampleAttention(plan, step)),
    statistics: plan.steps.map((_, step) => describeLogits(sampleLogits(plan, step))),
    tiles: createTensor([256, 4, 4, 3], new Uint8Array(256 * 48)),
    bytesPerPatch: 1000,
  });
  assertEquals(page.match(/https?:|src="(?!data:)|<link/g), null);
  assert(page.includes("<title>a &lt;/script&gt; &amp; more</title>"));
  assert(page.length < 1_000_000, String(page.length));
  const json = readRun(page);
  assertEquals(json.pooled, [0, 1, 2, 3, 4, 5, 0]); // an extent of 2 sees all of the canvas to the end
  assertEquals(Object.keys(json.attention).length, 6);
  assertEquals([json.numLayers, json.numHeads], [2, 3]);
  assert(page.includes("Attention of every layer and head: kept for all 6 patches."));
});

/** The run that a page carries. */
function readRun(page: string) {
  const [, base64 = ""] = page.match(/<script type="text\/plain" id="run">(.*?)<\/script>/) ?? [];
  return JSON.parse(new TextDecoder().decode(inflateSync(Uint8Array.fromBase64(base64))));
}

Deno.test("packAttention() keeps weights in 16 steps of their root, queries last, and what is no number", () => {
  const trace = sampleAttention(planOf(1, 2, "omega"), 1), numKeys = 128;
  trace.weights.data[5 * numKeys + 3] = NaN; // layer 0, head 0, query 5, key 3
  const { weights, numLayers, numHeads } = packAttention(trace);
  const bytes = inflateSync(weights);
  assertEquals([numLayers, numHeads, bytes.length], [2, 3, 2 * 3 * 64 * numKeys]);
  assertEquals(bytes[3 * 64 + 5], 255);
  for (const [layer, head, query, key] of [[0, 0, 0, 0], [1, 2, 63, 120], [0, 1, 17, 60]] as const) {
    const weight = trace.weights.data[((layer * 3 + head) * 64 + query) * numKeys + key] ?? NaN;
    const byte = bytes[((layer * 3 + head) * numKeys + key) * 64 + query];
    assertEquals(byte, Math.round(16 * Math.sqrt(weight)));
  }
  const text = {
    ...sampleTextAttention(["a", "b"]),
    weights: createTensor([2, 3, 64, 3], new Float32Array(1152)),
  };
  assertThrows(
    () => packAttention(trace, text),
    TypeError,
    "Cannot pack attention: weights of the text must have shape [2, 3, 64, 2], got [2, 3, 64, 3]",
  );
});

Deno.test("createPlayer() leaves attention of patches out to keep to its size, and says so", () => {
  const plan = planOf(3, 3, "omega"), pictures = [samplePicture(24, 24)];
  const attention = plan.steps.map((_, step) => sampleAttention(plan, step));
  const packed = attention.map((trace) => packAttention(trace));
  const bytes = packed.reduce((sum, { weights }) => sum + weights.length, 0) * 4 / 3;
  const page = createPlayer({ plan, pictures, patchTokens: PATCH_TOKENS, attention }, {
    maxAttentionBytes: bytes / 2.5,
  });
  assert(
    page.includes("Attention of every layer and head: kept for 3 of 9 patches, to keep the page small."),
  );
  assertEquals(Object.keys(readRun(page).attention).length, 3);
  assertThrows(
    () => createPlayer({ plan: cubePlan(), pictures, patchTokens: PATCH_TOKENS }),
    RangeError,
    "Cannot create player: pictures must be one a frame, 3, got 1",
  );
});

Deno.test("createPlayer() takes a million tokens, keeps the candidates of some patches, and says so", () => {
  const plan = planOf(125, 125, "down-right"), bits = new Float64Array(64).fill(3);
  const candidates = Array.from({ length: 64 }, (_, token) => [{ code: token, probability: 0.5 }]);
  const page = createPlayer({
    plan,
    pictures: [samplePicture(125, 125)],
    patchTokens: PATCH_TOKENS,
    tokens: createTokenGrid(1000, 1000, Int32Array.from({ length: 1e6 }, (_, i) => i * 7919 % 1024)),
    statistics: plan.steps.map(({ position }) => {
      return {
        position,
        patchTokens: PATCH_TOKENS,
        tokens: new Int32Array(64),
        surprise: bits,
        entropy: bits,
        candidates,
      };
    }),
  });
  assert(page.length < 8e6, String(page.length));
  assert(
    page.includes("Candidates: kept for 782 of 15,625 patches, to keep the page small."),
    page.slice(-300),
  );
});
