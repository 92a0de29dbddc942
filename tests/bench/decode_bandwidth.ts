import { numPatchTokens } from "nuwa-infinity";
import { countBytesRead } from "./count_flops.ts";
import { measureInTurn } from "./measure_in_turn.ts";
import type { BenchContext, Measurement, Report } from "./measurement.ts";
import { loadWhole, preparePatches } from "./prepare_patches.ts";

/** Elements of the array that is copied: 256 MiB, far more than any cache. */
const COPY_LENGTH = 2 ** 26;

/** Bytes that decoding reads a second against those that a copy moves. */
export const DECODE_BANDWIDTH: Measurement = {
  name: "decode-bandwidth",
  title: "Decoding, batch 1: memory traffic against that of a large copy",
  run: measureDecodeBandwidth,
};

async function measureDecodeBandwidth(context: BenchContext): Promise<Report> {
  const whole = await loadWhole(context);
  const prepared = await preparePatches(whole, context, 1);
  const from = new Float32Array(COPY_LENGTH).fill(1), to = new Float32Array(COPY_LENGTH);
  const seconds = await measureInTurn({ fill: prepared.fill, copy: () => to.set(from) }, {
    clock: context.clock,
    rounds: 11,
  });
  await prepared.dispose();
  const numContext = prepared.plan.maxContext, M = numPatchTokens(whole.transformer);
  const bytesRead = M *
    countBytesRead(whole.transformer, { numContext, textLength: whole.text.maxLength, bytesPerElement: 4 });
  const row = (what: string, bytes: number, time: number) => {
    return { what, MB: bytes / 1e6, ms: 1000 * time, "GB/s": bytes / time / 1e9 };
  };
  const rates = { read: bytesRead / seconds.fill, copy: 2 * from.byteLength / seconds.copy };
  return {
    rows: [
      row(`weights and caches read for ${M} tokens`, bytesRead, seconds.fill),
      row("typed-array copy, read and written", 2 * from.byteLength, seconds.copy),
    ],
    figures: { decode_bandwidth_ratio: rates.read / rates.copy },
    notes: [`Bytes a token = 4 [L 18 d^2 + d K + 2 L d ((${numContext} + 1) M + S)].`],
  };
}
