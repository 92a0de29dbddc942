import { assertEquals, assertStringIncludes } from "@std/assert";
import sharp from "sharp";
import { createPicture, createTensor, createTokenGrid } from "../../lib/core/mod.ts";
import { addToPool, emptyPool } from "../../lib/context_pool/mod.ts";
import { scheduleOrder } from "../../lib/direction/mod.ts";
import { drawCurves, drawPicture, drawTree, drawValue, saveView, toBundle } from "../../lib/jupyter/mod.ts";
import { plan, startRun } from "../../lib/tasks/mod.ts";
import { createModel, generateAtOnce, OPTIONS } from "../tasks/_fixtures.ts";

const model = createModel();

async function htmlOf(value: unknown): Promise<string> {
  return String((await toBundle(value))["text/html"]);
}

async function textOf(value: unknown): Promise<string> {
  return String((await toBundle(value))["text/plain"]);
}

/** The pixels of the first picture in a page. */
async function pixelsOf(html: string) {
  const [, data = ""] = /src="data:image\/\w+;base64,([^"]+)"/.exec(html) ?? [];
  const { data: pixels, info } = await sharp(Uint8Array.fromBase64(data)).raw().toBuffer({
    resolveWithObject: true,
  });
  return { pixels: [...pixels], width: info.width, height: info.height };
}

Deno.test("drawValue() draws a picture with its own pixels and words for those who cannot see it", async () => {
  const picture = createPicture(1, 2, Uint8Array.of(255, 0, 0, 0, 0, 255));
  const html = await htmlOf(picture);
  assertEquals(await pixelsOf(html), { pixels: [255, 0, 0, 0, 0, 255], width: 2, height: 1 });
  assertStringIncludes(html, 'alt="2 x 1 pixels"');
  assertEquals(html.includes("<script"), false);
});

Deno.test("drawPicture() shows large pictures smaller, and stays below its bytes whatever the picture", async () => {
  const noise = Uint8Array.from(
    { length: 900 * 1500 * 3 },
    (_, i) => Math.imul(i ^ (i >>> 3), 2654435761) >>> 24,
  );
  const view = await drawPicture(createPicture(900, 1500, noise), { maxBytes: 50_000, caption: "<noise>" });
  assertEquals(view.html.length < 50_000 * 4 / 3 + 1000, true);
  assertStringIncludes(view.html, "&lt;noise&gt; (shown at ");
  const { width } = await pixelsOf(view.html);
  assertEquals(width <= 1024, true);
});

Deno.test("drawValue() draws a half-filled canvas: codes have colours, the rest is chequered", async () => {
  const tokens = createTokenGrid(1, 4, Int32Array.of(-1, -1, 3, 4));
  const { pixels } = await pixelsOf(await htmlOf(tokens));
  assertEquals(pixels.slice(0, 6), [0xd0, 0xd0, 0xd0, 0xe0, 0xe0, 0xe0]);
  assertEquals(pixels.slice(6, 9).join() === pixels.slice(9, 12).join(), false);
  assertEquals(await textOf(tokens), "codes, 4 x 1 tokens, 2 of 4 known");
});

Deno.test("drawValue() draws plans, pools, dry runs, generated pictures and runs", async () => {
  const order = scheduleOrder({
    grid: { rows: 2, columns: 3, frames: 1 },
    order: "down-right",
    extent: { width: 2, height: 2, frames: 0 },
  });
  assertStringIncludes(await textOf(order), "down-right");
  const caches = createTensor([1, 1, 2, 1, 4, 2], new Float32Array(16));
  const pool = addToPool(emptyPool(), [{ position: { frame: 0, row: 1, column: 2 }, caches }]);
  assertEquals(await textOf(pool), "pool of 1 patches, 64 B, caches [1, 1, 2, 1, 4, 2]");
  assertStringIncludes(await textOf(emptyPool()), "pool of 0 patches, 0 B");
  assertStringIncludes(await textOf(plan(model, OPTIONS)), "patches            12: 3 x 4");
  assertStringIncludes(await textOf(await generateAtOnce(model, OPTIONS)), "62 x 48 pixels, 12 patches");
  await using run = await startRun(model, OPTIONS);
  assertEquals(await textOf(run), "snow river, seed 5: 0 of 12 patches");
});

Deno.test("drawTree() shows shapes and ranges, and never hides NaN", () => {
  const { text, html } = drawTree({
    layers: [{ weight: createTensor([2, 2], Float32Array.of(1, 3, NaN, Infinity)) }],
    dims: [4, 8],
  });
  assertStringIncludes(text, "weight: float32 [2, 2], 1 to 3, mean 2 ± 1, 2 NaN or infinite");
  assertStringIncludes(text, "dims: [4, 8]");
  assertStringIncludes(text, "record: 1 tensors, 4 numbers");
  assertStringIncludes(html, "<details open");
  assertStringIncludes(drawTree({ "<b>": "<i>" }).html, "&lt;b&gt;");
});

Deno.test("drawTree() shows whole models, and thins out what is too long", async () => {
  assertStringIncludes(await textOf(model), "embedDim: 32");
  const long = drawTree(Array.from({ length: 1000 }, (_, i) => ({ i })));
  assertStringIncludes(long.text, "... 800 more");
});

Deno.test("drawCurves() draws each number over the steps, thinned, and counts what is not finite", () => {
  const points = Array.from(
    { length: 5000 },
    (_, i) => ({ step: i + 1, loss: i === 7 ? NaN : 5 - i / 1000, seconds: i }),
  );
  const { text, html } = drawCurves(points);
  assertEquals(text, "training, 5000 steps\nloss: 5 to 0.001, 1 not finite");
  const [, svg = ""] = /base64,([^"]+)/.exec(html) ?? [];
  const numPoints = new TextDecoder().decode(Uint8Array.fromBase64(svg)).match(/points="([^"]*)"/)?.[1]
    ?.split(" ").length;
  assertEquals(numPoints, 295); // 4999 in groups of 17
  assertEquals(drawValue(points) === undefined, false);
});

Deno.test("drawValue() leaves other values alone", () => {
  for (const value of [undefined, 7, "x", [], {}, [1, 2], { step: 1 }, new Map(), new Date(0)]) {
    assertEquals(drawValue(value), undefined);
  }
});

Deno.test("saveView() writes a page that needs nothing else", async () => {
  const path = await Deno.makeTempFile({ suffix: ".html" });
  try {
    await saveView(path, drawTree({ a: 1 }));
    assertStringIncludes(await Deno.readTextFile(path), "<title>record: </title>");
  } finally {
    await Deno.remove(path);
  }
});
