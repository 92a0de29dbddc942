import { createPicture, createTokenizer, createUniform, decode, tokenize } from "nuwa-infinity";
import { measureInTurn } from "./measure_in_turn.ts";
import type { BenchContext, Measurement, Report } from "./measurement.ts";
import { loadWhole } from "./prepare_patches.ts";

/** Side of the picture, in pixels. */
const SIDE = 512;

/** Pictures to tokens and back. */
export const TOKENIZER_SPEED: Measurement = {
  name: "tokenizer",
  title: `The tokenizer on ${SIDE} x ${SIDE} pixels`,
  run: measureTokenizer,
};

async function measureTokenizer(context: BenchContext): Promise<Report> {
  const { model } = await loadWhole(context);
  const { config: { tokenizer: config }, parameters: { tokenizer: parameters } } = model;
  const tokenizer = createTokenizer({ config, parameters, device: context.device });
  const uniform = createUniform(1);
  const picture = createPicture(SIDE, SIDE);
  for (let index = 0; index < picture.data.length; index++) picture.data[index] = 256 * uniform();
  const tokens = await tokenize(tokenizer, picture);
  const seconds = await measureInTurn({
    encode: () => tokenize(tokenizer, picture),
    decode: () => decode(tokenizer, tokens),
  }, { clock: context.clock, rounds: 5, warmup: 1 });
  await tokenizer.dispose();
  const row = (what: string, time: number) => {
    return { what, ms: 1000 * time, "megapixels/s": SIDE ** 2 / time / 1e6 };
  };
  return { rows: [row("pixels to tokens", seconds.encode), row("tokens to pixels", seconds.decode)] };
}
