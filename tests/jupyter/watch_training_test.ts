import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { createPicture } from "../../lib/core/mod.ts";
import { type CurvePoint, follow, watchTraining } from "../../lib/jupyter/mod.ts";
import { createRecorder } from "./_recorder.ts";

async function* count(to: number, signal: AbortSignal) {
  for (let n = 1; n <= to && !signal.aborted; n++) {
    await new Promise((resolve) => setTimeout(resolve));
    yield n;
  }
}

Deno.test("follow() draws in one output while work goes on, and the last in any case", async () => {
  const { output, shown } = createRecorder({ now: () => 0 });
  const last = await follow((signal) => count(5, signal), (n, { status }) => `${n} ${status}`, {
    output,
    interval: 1e6,
  });
  assertEquals(last, 5);
  assertEquals(shown.map(({ type, text }) => `${type}: ${text}`), [
    "display_data: 1 going",
    "update_display_data: 5 done",
  ]);
});

Deno.test("follow() says when it was stopped or failed, and throws what failed", async () => {
  const { output, shown } = createRecorder({ now: () => 0 }), stop = new AbortController();
  const draw = (n: number, { status, reason }: { status: string; reason: string }) => {
    if (n === 3) stop.abort();
    return `${n} ${status} ${reason}`;
  };
  const options = { output, interval: 0, signal: stop.signal };
  assertEquals(await follow((signal) => count(9, signal), draw, options), 3);
  assertEquals(shown.at(-1)?.text, "3 stopped ");
  const failing = async function* () {
    yield* count(2, new AbortController().signal);
    throw new RangeError("no memory");
  };
  await assertRejects(() => follow(failing, draw, { output }), RangeError, "no memory");
  assertEquals(shown.at(-1)?.text, "2 failed no memory");
});

Deno.test("follow() of work that yields nothing shows nothing", async () => {
  const { output, shown } = createRecorder({ now: () => 0 });
  assertEquals(await follow((signal) => count(0, signal), String, { output }), undefined);
  assertEquals(shown, []);
});

/** A training of ten steps that only counts. */
function createFakeTraining(onStep: (step: number) => void = () => {}) {
  let step = 0;
  const records: CurvePoint[] = [];
  return {
    numSteps: 10,
    records,
    get checkpoint() {
      return { step };
    },
    async *advance({ signal, until }: { readonly signal: AbortSignal; readonly until: number }) {
      while (step < until && !signal.aborted) {
        await new Promise((resolve) => setTimeout(resolve));
        records.push({
          step: ++step,
          seconds: step,
          loss: 1 / step,
          bitsPerToken: 8 / step,
          gradientNorm: 1,
        });
        onStep(step);
        yield;
      }
    },
  };
}

Deno.test("watchTraining() shows curves and samples in one output, without seconds in the end", async () => {
  const { output, shown } = createRecorder({ now: () => 0 }), training = createFakeTraining();
  const sample = () => Promise.resolve(createPicture(2, 2));
  const samples = await watchTraining(training, { output, interval: 0, sample, sampleEvery: 4 });
  assertEquals(samples.map(({ step }) => step), [0, 4, 8, 10]);
  assertEquals(new Set(shown.slice(1).map(({ type }) => type)), new Set(["update_display_data"]));
  assertStringIncludes(shown.at(5)?.text ?? "", "steps a second");
  const { text = "", html = "" } = shown.at(-1) ?? {};
  assertEquals(
    text,
    [
      "step 10 of 10 · 2.34 bits a token (the last 10 steps)", // 8 H(10) / 10
      "training, 10 steps",
      "loss: 1 to 0.1",
      "bits per token: 8 to 0.8",
      "gradient norm: 1 to 1",
    ].join("\n"),
  );
  assertEquals([...html.matchAll(/step \d+<\/figcaption>/g)].length, 4);
});

Deno.test("watchTraining() ends when it is stopped, says so, and goes on with its samples", async () => {
  const { output, shown } = createRecorder({ now: () => 0 }), stop = new AbortController();
  const training = createFakeTraining((step) => step === 3 && stop.abort());
  const options = { output, sampleEvery: 4, sample: () => Promise.resolve(createPicture(2, 2)) };
  const first = await watchTraining(training, { ...options, signal: stop.signal });
  assertEquals([training.checkpoint.step, first.map(({ step }) => step)], [3, [0]]);
  assertStringIncludes(shown.at(-1)?.text ?? "", "step 3 of 10");
  assertStringIncludes(shown.at(-1)?.text ?? "", "stopped: watch it again to go on");
  const half = await watchTraining(training, { ...options, samples: first, until: 5 });
  assertEquals([training.checkpoint.step, half.map(({ step }) => step)], [5, [0, 4, 5]]);
});

Deno.test("watchTraining() shows how far a training came that fails, and throws its error", async () => {
  const { output, shown } = createRecorder({ now: () => 0 });
  const training = createFakeTraining((step) => {
    if (step === 2) throw new RangeError("loss must be finite");
  });
  await assertRejects(() => watchTraining(training, { output }), RangeError, "loss must be finite");
  assertStringIncludes(shown.at(-1)?.text ?? "", "failed: loss must be finite");
});
