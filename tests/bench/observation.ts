import { createOutput, listActivations, startRun, watch } from "nuwa-infinity";
import { measureInTurn } from "./measure_in_turn.ts";
import type { BenchContext, Measurement, Report } from "./measurement.ts";
import { loadWhole } from "./prepare_patches.ts";

/** What it costs to look: a run with all activations captured, and one that is drawn as it grows, over one that nobody sees. */
export const OBSERVATION: Measurement = {
  name: "observation",
  title: "A picture of 8 patches, looked at as it is made, over the same unseen",
  run: measureObservation,
};

/** What a notebook would send, and nobody gets. */
const KERNEL = { broadcast: () => {} };

async function measureObservation({ weights, device, clock, peers }: BenchContext): Promise<Report> {
  const { model } = await loadWhole({ weights, device, clock, peers });
  const settings = { width: 256, height: 128, text: "hills above a river", seed: 7, device } as const;
  const weightsAlone = ["layers.*.self.weights", "layers.*.text.weights", "logits"];
  const captures = { attention: weightsAlone, all: listActivations(model.config).map(({ name }) => name) };
  const unseen = await startRun(model, settings);
  const some = await startRun(model, { ...settings, capture: captures.attention });
  const all = await startRun(model, { ...settings, capture: captures.all });
  const output = createOutput({ kernel: KERNEL });
  const makeAgain = async (run: typeof unseen) => {
    await run.rewind(0);
    for await (const _ of run.advance());
    await run.decode(); // which a live view ends with
  };
  const seconds = await measureInTurn({
    "nothing": () => makeAgain(unseen),
    "a live view": async () => {
      await unseen.rewind(0);
      await watch(unseen, { output });
    },
    "attention and logits captured": () => makeAgain(some),
    [`all ${captures.all.length} activations captured`]: () => makeAgain(all),
  }, { clock, rounds: 5, warmup: 1 });
  for (const run of [unseen, some, all]) await run.dispose();
  return {
    rows: Object.entries(seconds).map(([looking, time]) => ({
      looking,
      seconds: time,
      "over nothing": time / (seconds["nothing"] ?? NaN),
    })),
    notes: ["Capturing runs every finished patch once more, all of its tokens in parallel."],
  };
}
