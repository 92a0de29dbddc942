/**
 * A fresh process: imports the library, loads weights, fills and decodes one patch, prints what each part took: the
 * seconds that passed, and those that its threads computed.
 */
import { CLOCKS } from "./measure_in_turn.ts";

const marks: { readonly part: string; readonly wall: number; readonly cpu: number }[] = [];
const mark = (part: string) =>
  void marks.push({ part, wall: CLOCKS.wall() / 1000, cpu: CLOCKS.cpu() / 1000 });
mark("start");
const nuwa = await import("nuwa-infinity");
mark("import mod.ts");
const [weights = "", device = "cpu"] = Deno.args;
const { model } = await nuwa.loadModel(weights);
mark("load weights");
const { transformer, tokenizer: config } = model.config;
if (transformer === undefined) throw new TypeError("Cannot fill a patch: model must have a transformer");
const { extent, patchTokens } = transformer;
const plan = nuwa.scheduleOrder({ grid: { rows: 4, columns: 4, frames: 1 }, order: "down-right", extent });
const patchModel = await nuwa.compilePatchModel(model, {
  maxContext: plan.maxContext,
  batchSize: nuwa.chooseBatchSize(plan),
  isGuided: true,
  // The parent passes a name that it has checked.
  device: device as import("nuwa-infinity").Device,
});
mark("compile");
const prompt = await nuwa.encodePrompt(patchModel, "snow");
const pool = nuwa.emptyPool();
const filled = await nuwa.fillPatch(patchModel, { plan, stepIndices: [0], pool, prompt, seed: 1 });
mark("fill the first patch");
const canvas = nuwa.createTokenGrid(patchTokens.height, patchTokens.width);
nuwa.placePatches(canvas, filled, patchTokens);
await nuwa.decode(
  nuwa.createTokenizer({ config, parameters: model.parameters.tokenizer, device: "cpu" }),
  canvas,
);
mark("decode its pixels");
const parts = marks.slice(1).map(({ part, wall, cpu }, index) => {
  return { part, wall: wall - (marks[index]?.wall ?? 0), cpu: cpu - (marks[index]?.cpu ?? 0) };
});
// deno-lint-ignore no-console -- the parent reads this line
console.log(JSON.stringify(parts));
