import { assertEquals, assertLess } from "@std/assert";
import sharp from "sharp";
import { createPicture } from "../../lib/core/mod.ts";
import { renderWindow } from "../../lib/data/mod.ts";
import { drawClip, drawValue, toBundle } from "../../lib/jupyter/mod.ts";

function bytesIn(html: string): Uint8Array {
  return Uint8Array.fromBase64(/base64,([^"]+)"/.exec(html)?.[1] ?? "");
}

Deno.test("drawValue() plays pictures of one size as a clip, and no others", async () => {
  const white = createPicture(4, 6, new Uint8Array(72).fill(255)); // equal frames would become one, shown longer
  const draw = drawValue([createPicture(4, 6), white]);
  const { "text/html": html, "text/plain": text } = await toBundle(await draw?.());
  assertEquals(text, "2 frames, 6 x 4 pixels");
  assertEquals((await sharp(bytesIn(String(html)), { animated: true }).metadata()).pages, 2);
  assertEquals(drawValue([createPicture(4, 6), createPicture(5, 6)]), undefined);
  assertEquals(drawValue([1, 2]), undefined);
});

Deno.test("drawClip() makes the river of the world fit, and says so", async () => {
  const frames = [0, 1, 2].map((time) =>
    renderWindow({ seed: 1 }, { x: 0, y: 256, width: 256, height: 256, time })
  );
  const { html, text } = await drawClip(frames, { maxBytes: 6000, caption: "a <river>" });
  const bytes = bytesIn(html);
  assertLess(bytes.length, 6001);
  assertEquals(text, "a <river>");
  assertEquals(/alt="a &lt;river&gt; \(shown at \d+ x \d+\)"/.test(html), true);
  assertEquals((await sharp(bytes, { animated: true }).metadata()).pages, 3);
});
