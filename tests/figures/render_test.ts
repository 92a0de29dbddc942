import { assert, assertEquals, assertThrows } from "@std/assert";
import sharp from "sharp";
import {
  createPicture,
  createPlayer,
  createTensor,
  createTokenGrid,
  describeLogits,
  displayFigure,
  pictureUrl,
  plotAttention,
  plotOrder,
  plotPoolBytes,
  renderPng,
  renderSvg,
  toHtml,
} from "nuwa-infinity";
import { cubePlan, PATCH_TOKENS, planOf, sampleAttention, sampleLogits, samplePicture } from "./_fixtures.ts";

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
  assertEquals(page.match(/https?:|src=|<link/g), null);
  assert(page.includes("<title>a &lt;/script&gt; &amp; more</title>"));
  assert(page.length < 3_000_000, String(page.length));
  const json = JSON.parse(page.match(/<script type="application\/json" id="run">(.*)<\/script>/)?.[1] ?? "");
  assertEquals(json.pooled, [0, 1, 2, 3, 4, 5, 0]); // an extent of 2 sees all of the canvas to the end
  assertEquals(Object.keys(json.attention).length, 6);
  assertEquals(json.attention[0].views.length, 1 + 2 + 6);
});

Deno.test("createPlayer() averages attention, then leaves patches out, to keep to its size; and says so", () => {
  const plan = planOf(3, 3, "omega"), pictures = [samplePicture(24, 24)];
  const attention = plan.steps.map((_, step) => sampleAttention(plan, step));
  const write = (maxAttentionBytes: number) =>
    createPlayer({ plan, pictures, patchTokens: PATCH_TOKENS, attention }, { maxAttentionBytes });
  assert(write(1_000_000).includes("attention averaged over heads, to keep the page small"));
  const least = write(100_000);
  assert(
    least.includes(
      "attention averaged over layers and heads, to keep the page small; attention of 3 of 9 patches",
    ),
  );
  assert(least.length < 250_000, String(least.length));
  assertThrows(
    () => createPlayer({ plan: cubePlan(), pictures, patchTokens: PATCH_TOKENS }),
    RangeError,
    "Cannot create player: pictures must be one a frame, 3, got 1",
  );
});
