import {
  type CanvasBatch,
  compileLikelihood,
  createBatchSampler,
  createHandscrollSource,
  HELD_OUT_SEED,
  numPatchTokens,
  type Precision,
  PRECISIONS,
  type Tensor,
} from "nuwa-infinity";
import { measureInTurn } from "./measure_in_turn.ts";
import type { BenchContext, Measurement, Report } from "./measurement.ts";
import { loadWhole, preparePatches, type WholeModel } from "./prepare_patches.ts";

/** What rounding the weights saves, and what it costs. */
export const PRECISION: Measurement = {
  name: "precision",
  title: "Weights rounded to 8 and 4 bits: patches with full context, one stream",
  run: measurePrecision,
};

/** Batches of four held-out canvases of 4 x 4 patches. */
const NUM_BATCHES = 4;
/** Patches filled together. */
const BATCHES = [1, 8] as const;

async function measurePrecision(context: BenchContext): Promise<Report> {
  const whole = await loadWhole(context);
  const canvases = await sampleCanvases(whole, context);
  const speeds = [];
  for (const batch of BATCHES) speeds.push(await measureSpeed(whole, context, batch));
  const rows = [];
  let exact = NaN;
  for (const precision of PRECISIONS) {
    const { bytes, bits } = await measureBits(whole, context, { canvases, precision });
    if (precision === "float32") exact = bits;
    rows.push({
      precision,
      "model, MB": bytes / 1e6,
      "bits a token": bits.toFixed(4),
      lost: (bits - exact).toFixed(4),
      ...Object.assign({}, ...speeds.map((columns) => columns[precision])),
    });
  }
  const notes = [
    "The model's tables of embeddings stay float32; so does its tokenizer, which is not counted.",
  ];
  return { rows, notes };
}

async function sampleCanvases({ model, transformer }: WholeModel, { device }: BenchContext) {
  const sample = createBatchSampler(
    { seed: 1000, batchSize: 4, canvasPatches: 4, orders: ["down-right"], textDropout: 0 },
    {
      config: { ...model.config, transformer },
      tokenizer: model,
      source: createHandscrollSource({ count: 24, firstSeed: HELD_OUT_SEED }),
      device,
    },
  );
  const canvases: CanvasBatch<Tensor>[] = [];
  for (let batch = 0; batch < NUM_BATCHES; batch++) canvases.push(await sample(batch));
  return canvases;
}

/** Bytes of the weights, and mean bits a token. */
async function measureBits({ model }: WholeModel, { device }: BenchContext, { canvases, precision }: {
  readonly canvases: readonly CanvasBatch<Tensor>[];
  readonly precision: Precision;
}) {
  const [batch] = canvases;
  if (batch === undefined) throw new RangeError("Cannot measure bits: canvases must be given, got none");
  const likelihood = await compileLikelihood(model, { batch, device, precision });
  let sum = 0;
  for (const canvas of canvases) sum += await likelihood(canvas);
  await likelihood.dispose();
  return { bytes: likelihood.stats.bytes, bits: sum / canvases.length };
}

/** Columns of the table, by precision. */
async function measureSpeed(
  whole: WholeModel,
  context: BenchContext,
  batch: number,
): Promise<Record<Precision, Readonly<Record<string, number>>>> {
  const float32 = await preparePatches(whole, context, batch);
  const int8 = await preparePatches(whole, context, batch, { precision: "int8" });
  const int4 = await preparePatches(whole, context, batch, { precision: "int4" });
  const seconds = await measureInTurn({ float32: float32.fill, int8: int8.fill, int4: int4.fill }, {
    clock: context.clock,
    rounds: 7,
  });
  await Promise.all([float32, int8, int4].map((prepared) => prepared.dispose()));
  const M = numPatchTokens(whole.transformer);
  const columns = (time: number) => ({
    [`tokens/s, batch ${batch}`]: batch * M / time,
    [`batch ${batch} over float32`]: seconds.float32 / time,
  });
  return { float32: columns(seconds.float32), int8: columns(seconds.int8), int4: columns(seconds.int4) };
}
