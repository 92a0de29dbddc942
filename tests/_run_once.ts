import type { Tensor, Tree } from "../lib/core/mod.ts";
import { createInitializer } from "../lib/nn/mod.ts";
import type { Traceable } from "../lib/onnx/mod.ts";
import { compile, type TensorsOf } from "../lib/runtime/mod.ts";

/** Compiles a function for the CPU, runs it, and frees it. */
export async function runOnce<F extends Traceable>(
  f: F,
  ...args: readonly Tree<Tensor>[]
): Promise<TensorsOf<ReturnType<F>>> {
  const compiled = await compile(f, args, { device: "cpu" });
  try {
    return await compiled(...args);
  } finally {
    await compiled.dispose();
  }
}

/** Seeded numbers from the normal distribution. */
export function createRandom(shape: readonly number[], seed = 1): Tensor<Float32Array> {
  return createInitializer(seed).normal(shape, 1);
}
