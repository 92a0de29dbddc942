import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { createPicture } from "../../lib/core/mod.ts";
import { drawPictures, drawTable } from "../../lib/jupyter/mod.ts";

Deno.test("drawPictures() shows every picture over its caption", async () => {
  const { html, text } = await drawPictures({ "a < b": createPicture(2, 3), second: createPicture(4, 4) });
  assertEquals(html.match(/<img /g)?.length, 2);
  assertStringIncludes(html, "a &lt; b</figcaption>");
  assertEquals(text, "a < b, second");
});

Deno.test("drawPictures() shares its bytes among the pictures", async () => {
  const noise = Uint8Array.from(
    { length: 300 * 300 * 3 },
    (_, i) => Math.imul(i ^ (i >>> 3), 2654435761) >>> 24,
  );
  const picture = createPicture(300, 300, noise);
  const { html } = await drawPictures({ a: picture, b: picture, c: picture }, { maxBytes: 30_000 });
  assertEquals(html.length < 30_000 * 4 / 3 + 3000, true);
});

Deno.test("drawPictures() refuses to draw nothing", async () => {
  await assertRejects(
    () => drawPictures({}),
    RangeError,
    "Cannot draw pictures: pictures must number at least 1, got 0",
  );
});

Deno.test("drawTable() draws columns under their heads", () => {
  const { text, html } = drawTable("Peaks", [["", "measured", "formula"], ["8 x 152", "18", "18"], [
    "short",
  ]]);
  assertEquals(text, "Peaks\n           measured  formula\n  8 x 152  18        18\n  short");
  assertStringIncludes(html, "measured</th>");
  assertStringIncludes(html, ">18</td>");
});
