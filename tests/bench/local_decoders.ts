import type { Measurement, Report } from "./measurement.ts";

/** The local decoders: mask-predict and one shot against token by token. */
export const LOCAL_DECODERS: Measurement = {
  name: "local-decoders",
  title: "Patches a second by local decoder",
  run: measureLocalDecoders,
};

/** Nothing yet: the shipped weights decode token by token. */
function measureLocalDecoders(): Promise<Report> {
  return Promise.resolve({
    rows: [],
    figures: { p_nar_over_ar: null, nar_over_ar: null },
    notes: ["The weights have no local decoder but ar."],
  });
}
