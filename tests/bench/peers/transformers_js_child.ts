/** Measures `generate` of @huggingface/transformers: tokens a second after the prompt. */
import { serveRounds } from "./peer_process.ts";

const [library = "", folder = "", dtype = "fp32", numPrompt = "", numTokens = ""] = Deno.args;
const { AutoModelForCausalLM, BaseStreamer, Tensor, env } = await import(library);
env.allowRemoteModels = false;
env.localModelPath = `${folder}/`;
const model = await AutoModelForCausalLM.from_pretrained("decoder", { dtype, device: "cpu" });
const length = Number(numPrompt), count = Number(numTokens);
const prompt = BigInt64Array.from({ length }, (_, index) => BigInt(index * 7 % 1000));

await serveRounds(async () => {
  const times: number[] = [];
  const streamer = new BaseStreamer();
  streamer.put = () => times.push(performance.now()); // the prompt, then every token
  streamer.end = () => {};
  await model.generate({
    inputs: new Tensor("int64", prompt, [1, length]),
    attention_mask: new Tensor("int64", new BigInt64Array(length).fill(1n), [1, length]),
    max_new_tokens: count + 1,
    do_sample: true,
    temperature: 1,
    top_k: 0,
    streamer,
  });
  // From the first token, which the prompt's run gives, to the last.
  return 1000 * count / ((times.at(-1) ?? NaN) - (times[1] ?? NaN));
});
