import { createTensor, sizeOf } from "../core/mod.ts";
import { GraphBuilder } from "../onnx/mod.ts";
import { openSession } from "./_open_session.ts";
import type { DeviceName } from "./device.ts";

const ROWS = 64, WIDTH = 256, SIDE = 16, KERNEL = 3, CHANNELS = 8;
const NUM_RUNS = 3;

/**
 * Runs a small graph of what our models are made of, dependent layers and a convolution, whose result is known.
 *
 * @param numLayers 16 are like a small decoder's; a software adapter takes seconds for them.
 * @returns The milliseconds of a run, the fastest of a few after the first.
 * @throws {RangeError} If the result is wrong; else what ONNX Runtime throws.
 */
export async function probeDevice(device: DeviceName, numLayers: number): Promise<number> {
  const session = await openSession(probeGraph(numLayers), device);
  try {
    const inputs = [[ROWS, WIDTH], [1, CHANNELS, SIDE, SIDE]].map((shape) => {
      return createTensor(shape, new Float32Array(sizeOf(shape)).fill(1));
    });
    let fastest = Infinity;
    for (let run = 0; run <= NUM_RUNS; run++) {
      const start = performance.now();
      const results = await session.run(inputs);
      if (run > 0) fastest = Math.min(fastest, performance.now() - start);
      const wrong = results.flatMap(({ data }) => [...data]).find((value) => Math.abs(value - 1) > 1e-3);
      if (wrong !== undefined) {
        throw new RangeError(`Cannot use ${device}: a small graph must give 1, got ${wrong}`);
      }
    }
    return fastest;
  } finally {
    await session.dispose();
  }
}

/** Maps ones to ones: every weight is one over the number of terms that are added up. */
function probeGraph(numLayers: number) {
  const graph = new GraphBuilder();
  const mean = (shape: readonly number[], numTerms: number) =>
    graph.initializer("float32", shape, new Float32Array(sizeOf(shape)).fill(1 / numTerms));
  let x = graph.input("rows", "float32", [ROWS, WIDTH]);
  const weight = mean([WIDTH, WIDTH], WIDTH);
  for (let layer = 0; layer < numLayers; layer++) {
    x = graph.node("Relu", [graph.node("MatMul", [x, weight])]); // [ROWS, WIDTH]
  }
  const picture = graph.input("picture", "float32", [1, CHANNELS, SIDE, SIDE]);
  const kernel = mean([CHANNELS, CHANNELS, KERNEL, KERNEL], CHANNELS * KERNEL ** 2);
  const side = SIDE - KERNEL + 1;
  return graph.finish("probe", [
    { name: x, dtype: "float32", dims: [ROWS, WIDTH] },
    {
      name: graph.node("Conv", [picture, kernel]),
      dtype: "float32",
      dims: [1, CHANNELS, side, side],
    },
  ]);
}
