import {
  initModel,
  numPatchTokens,
  type PatchModelOptions,
  type PatchTransformerConfig,
} from "nuwa-infinity";
import { measureInTurn } from "./measure_in_turn.ts";
import type { BenchContext, Measurement, Report } from "./measurement.ts";
import { loadWhole, preparePatches, type WholeModel } from "./prepare_patches.ts";

/** The local decoders: mask-predict and one shot against token by token. */
export const LOCAL_DECODERS: Measurement = {
  name: "local-decoders",
  title: "Patches a second by local decoder, batch 1, the pool's update included",
  run: measureLocalDecoders,
};

/** Steps of `p-nar` that the figure is for: its default. */
const NUM_STEPS = 8;

/** The decoders by what the table calls them. */
const DECODERS = {
  ar: {},
  nar: { local: "nar" },
  "p-nar, T = 2": { local: "p-nar", numSteps: 2 },
  "p-nar, T = 4": { local: "p-nar", numSteps: 4 },
  [`p-nar, T = ${NUM_STEPS}`]: { local: "p-nar", numSteps: NUM_STEPS },
} as const satisfies Record<string, Pick<PatchModelOptions, "local" | "numSteps">>;

async function measureLocalDecoders(context: BenchContext): Promise<Report> {
  const whole = learnAll(await loadWhole(context));
  const prepared = [];
  for (const [name, decoder] of Object.entries(DECODERS)) {
    prepared.push({ name, ...await preparePatches(whole, context, 1, decoder) });
  }
  const [first] = prepared;
  if (first === undefined) throw new RangeError("Cannot measure local decoders: there must be one");
  const seconds = await measureInTurn(
    Object.fromEntries([...prepared.map(({ name, fill }) => [name, fill]), ["update", first.update]]),
    { clock: context.clock, rounds: 7 },
  );
  for (const { dispose } of prepared) await dispose();
  const timeOf = (name: string) => (seconds[name] ?? NaN) + (seconds.update ?? NaN);
  const rows = prepared.map(({ name, patchModel: { decoder: { numSteps } }, plan: { maxContext } }) => {
    const passes = name === "ar" ? 1 : numSteps;
    const flops = (passes + 1) * countPassFlops(whole.transformer, maxContext, whole.text.maxLength);
    return {
      decoder: name,
      "fill, ms": 1000 * (seconds[name] ?? NaN),
      "update, ms": 1000 * (seconds.update ?? NaN),
      "patches/s": 1 / timeOf(name),
      "over ar": timeOf("ar") / timeOf(name),
      GFLOP: flops / 1e9,
      "GFLOP/s": flops / timeOf(name) / 1e9,
    };
  });
  return {
    rows,
    figures: {
      p_nar_over_ar: timeOf("ar") / timeOf(`p-nar, T = ${NUM_STEPS}`),
      nar_over_ar: timeOf("ar") / timeOf("nar"),
    },
    notes: [
      "GFLOP: passes over the patch's M tokens, the update's among them: 2 for ar and nar, T + 1 for p-nar.",
      "A pass: 2 M [L (18 d^2 + 2 d ((C + 1) M + S)) + d K].",
    ],
  };
}

/** The same sizes with random weights where the given ones have learned `ar` alone: speed does not depend on them. */
function learnAll(whole: WholeModel): WholeModel {
  if (whole.transformer.maskEmbedding) return whole;
  const transformer = { ...whole.transformer, maskEmbedding: true };
  return { ...whole, transformer, model: initModel({ ...whole.model.config, transformer }, 1) };
}

/** Floating-point operations of all layers over the tokens of a patch, two a multiplication. */
function countPassFlops(config: PatchTransformerConfig, numContext: number, textLength: number): number {
  const { embedDim: d, numLayers: L, codebookSize: K } = config, M = numPatchTokens(config);
  const layer = 18 * d ** 2 + 2 * d * ((numContext + 1) * M + textLength);
  return 2 * M * (L * layer + d * K);
}
