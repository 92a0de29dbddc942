import { assertEquals } from "@std/assert";
import { createTokenGrid, createTokenizer } from "nuwa-infinity";
import { createCanvasPreview } from "../../lib/tasks/mod.ts";
import { createModel } from "./_fixtures.ts";

Deno.test("CanvasPreview.draw() continues a patch beyond its edge where nothing is known", async () => {
  const { config, parameters } = createModel();
  const tokenizer = createTokenizer({ config: config.tokenizer, parameters: parameters.tokenizer });
  const layout = {
    grid: { rows: 3, columns: 3, frames: 1 },
    patchTokens: { height: 2, width: 2 },
    factor: 8,
    extent: { width: 2, height: 2, frames: 0 },
  };
  const full = createTokenGrid(6, 6, new Int32Array(36).fill(3)), middle = { frame: 0, row: 1, column: 1 };
  const alone = createTokenGrid(6, 6);
  for (const y of [2, 3]) for (const x of [2, 3]) alone.set(y, x, 3);
  const draw = async (tokens: typeof full) => {
    const { data, shape: [, width = 0] } = await createCanvasPreview(tokenizer, layout).draw(tokens, [
      middle,
    ]);
    return Array.from(
      { length: 16 },
      (_, y) => [...data.subarray(((16 + y) * width + 16) * 3).subarray(0, 48)],
    );
  };
  // One code everywhere looks the same whether its neighbours are known or not.
  assertEquals(await draw(alone), await draw(full));
  await tokenizer.dispose();
});
