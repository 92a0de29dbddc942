/** Measures node-llama-cpp: tokens a second after the prompt. */
import { serveRounds } from "./peer_process.ts";

const [library = "", modelPath = "", numPrompt = "", numTokens = ""] = Deno.args;
const { getLlama, LlamaLogLevel } = await import(library);
const llama = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.error });
const model = await llama.loadModel({ modelPath, gpuLayers: 0 });
const length = Number(numPrompt), count = Number(numTokens);
const threads = navigator.hardwareConcurrency;
const context = await model.createContext({ contextSize: length + count + 8, sequences: 1, threads });
const sequence = context.getSequence();
const first = 300; // past bytes and control words
await sequence.evaluateWithoutGeneratingNewTokens(
  Array.from({ length }, (_, index) => first + index * 7 % 700),
);

await serveRounds(async () => {
  const times: number[] = [];
  for await (const _ of sequence.evaluate([first], { temperature: 1, yieldEogToken: true })) {
    if (times.push(performance.now()) > count) break;
  }
  await sequence.eraseContextTokenRanges([{ start: length, end: sequence.nextTokenIndex }]);
  return 1000 * (times.length - 1) / ((times.at(-1) ?? NaN) - (times[0] ?? NaN));
});
Deno.exit(0); // the library keeps threads
