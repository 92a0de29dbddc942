import { createOutput, type OutputOptions } from "../../lib/jupyter/mod.ts";

/** An output that keeps what is shown. */
export function createRecorder(options: Pick<OutputOptions, "now"> = {}) {
  const shown: { readonly type: string; readonly text: string; readonly html: string }[] = [];
  const output = createOutput({
    ...options,
    kernel: {
      broadcast(type, content) {
        const data = content.data as Readonly<Record<string, string>>; // what the output sends
        shown.push({ type, text: data["text/plain"] ?? "", html: data["text/html"] ?? "" });
      },
    },
    wait: () => Promise.resolve(),
  });
  return { output, shown };
}
