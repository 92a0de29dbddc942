import { assertEquals, assertThrows } from "@std/assert";
import { createPicture, createUniform } from "../../lib/core/mod.ts";
import { initModel, keepCodes, VQGAN_PRESETS } from "../../lib/models/mod.ts";
import { createTokenizer, decode, tokenize } from "../../lib/steps/mod.ts";

const MODEL = initModel({ tokenizer: VQGAN_PRESETS.tiny }, 5);

Deno.test("keepCodes() gives the nearest code that is left, which paints as before", async () => {
  const uniform = createUniform(1);
  const picture = createPicture(
    32,
    48,
    Uint8Array.from({ length: 32 * 48 * 3 }, () => Math.floor(uniform() * 256)),
  );
  const open = ({ config, parameters }: typeof MODEL) =>
    createTokenizer({ config: config.tokenizer, parameters: parameters.tokenizer, device: "cpu" });
  const before = open(MODEL), tokens = await tokenize(before, picture);
  const used = [...new Set(tokens.data)].reverse();
  const after = open(keepCodes(MODEL, used));
  const renamed = await tokenize(after, picture);
  assertEquals(renamed.data.map((code) => used[code] ?? -1), tokens.data); // all that it needs is there
  assertEquals(await decode(after, renamed), await decode(before, tokens));
  const [first = 0] = used, one = open(keepCodes(MODEL, [first]));
  assertEquals(new Set((await tokenize(one, picture)).data), new Set([0]));
  for (const tokenizer of [before, after, one]) await tokenizer.dispose();
});

Deno.test("keepCodes() leaves out what knows the old codes, and refuses codes that are not there", () => {
  assertEquals(keepCodes(MODEL, [2]).config, { tokenizer: { ...VQGAN_PRESETS.tiny, codebookSize: 1 } });
  const last = VQGAN_PRESETS.tiny.codebookSize - 1;
  const cases = [
    [[], "number at least 1, got 0"],
    [[1, last + 1], `be integers from 0 to ${last}, got ${last + 1}`],
    [[0.5], `be integers from 0 to ${last}, got 0.5`],
    [[3, 1, 3], "be different, got 3 twice"],
  ] as const;
  for (const [codes, what] of cases) {
    assertThrows(() => keepCodes(MODEL, codes), RangeError, `Cannot keep codes: codes must ${what}`);
  }
});
