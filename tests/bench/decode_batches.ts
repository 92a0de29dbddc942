import { numPatchTokens } from "nuwa-infinity";
import { measureInTurn } from "./measure_in_turn.ts";
import type { BenchContext, Measurement, Report } from "./measurement.ts";
import { loadWhole, preparePatches } from "./prepare_patches.ts";

/** Tokens a second when patches are filled together. */
export const DECODE_BATCHES: Measurement = {
  name: "decode-batches",
  title: "Filling patches with full context, one stream, by batch",
  run: measureDecodeBatches,
};

async function measureDecodeBatches(context: BenchContext): Promise<Report> {
  const whole = await loadWhole(context);
  const one = await preparePatches(whole, context, 1);
  const four = await preparePatches(whole, context, 4);
  const sixteen = await preparePatches(whole, context, 16);
  const seconds = await measureInTurn({ one: one.fill, four: four.fill, sixteen: sixteen.fill }, {
    clock: context.clock,
    rounds: 7,
  });
  await Promise.all([one, four, sixteen].map((prepared) => prepared.dispose()));
  const M = numPatchTokens(whole.transformer);
  const row = (batch: number, time: number) => {
    const rate = batch * M / time;
    return { batch, "ms a run": 1000 * time, "tokens/s": rate, "over batch 1": rate / (M / seconds.one) };
  };
  return {
    rows: [row(1, seconds.one), row(4, seconds.four), row(16, seconds.sixteen)],
    figures: { batch16_over_batch1: 16 * seconds.one / seconds.sixteen },
  };
}
