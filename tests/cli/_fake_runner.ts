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
    generate(request, onProgress) {
      requests.push(request);
      onProgress(1, 1);
      const { width, height } = request.size;
      const picture = createPicture(height, width, new Uint8Array(width * height * 3).fill(request.seed));
      return Promise.resolve({ picture, figures: { seconds: 2, tokens_per_second: 50, device: "cpu" } });
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
