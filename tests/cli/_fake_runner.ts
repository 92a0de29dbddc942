import { createPicture } from "nuwa-infinity";
import type { GenerateRequest, Runners } from "../../lib/cli/runners.ts";

/** A runner that makes flat pictures and writes down what it was asked for. */
export function createFakeGenerate(): {
  readonly generate: Runners["generate"];
  readonly requests: GenerateRequest[];
} {
  const requests: GenerateRequest[] = [];
  return {
    requests,
    async *generate(request, onProgress) {
      requests.push(request);
      const { size: { width, height }, seed, numSamples } = request;
      for (let i = 0; i < numSamples; i++) {
        onProgress(i + 1, numSamples);
        const picture = createPicture(height, width, new Uint8Array(width * height * 3).fill(seed + i));
        const figures = { seconds: 2, tokens: 100, "tokens_per_second": 50, device: "cpu" };
        yield await Promise.resolve({ picture, figures });
      }
    },
  };
}

/** Runs `work` and gives what it wrote to standard output, which it keeps off the terminal. */
export async function capturePrinted(work: () => Promise<unknown>): Promise<string> {
  const { writeSync } = Deno.stdout;
  let printed = "";
  Deno.stdout.writeSync = (bytes) => {
    printed += new TextDecoder().decode(bytes);
    return bytes.length;
  };
  try {
    await work();
  } finally {
    Deno.stdout.writeSync = writeSync;
  }
  return printed;
}
