import { createTensor } from "../core/mod.ts";
import type { Model } from "./model.ts";

/**
 * A tokenizer with some of its codes alone: a smaller alphabet, which a transformer learns sooner and which paints more
 * coarsely. Pictures get the nearest code that is left.
 *
 * @param model Its other parts, which know the old codes, are left out.
 * @param codes Which codes to keep, in their new order.
 * @throws {RangeError} If there is none, one is named twice, or the model has it not.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initModel, keepCodes, VQGAN_PRESETS } from "nuwa-infinity";
 * const model = keepCodes(initModel({ tokenizer: VQGAN_PRESETS.tiny }, 1), [7, 3]);
 * assertEquals(model.config.tokenizer.codebookSize, 2);
 * ```
 */
export function keepCodes(model: Model, codes: readonly number[]): Model {
  const { config: { tokenizer: config }, parameters: { tokenizer: parameters } } = model;
  const { codebookSize, codeDim } = config;
  const refuse = (need: string, got: unknown) =>
    new RangeError(`Cannot keep codes: codes must ${need}, got ${got}`);
  if (codes.length === 0) throw refuse("number at least 1", 0);
  const seen = new Set<number>();
  for (const code of codes) {
    if (!Number.isInteger(code) || code < 0 || code >= codebookSize) {
      throw refuse(`be integers from 0 to ${codebookSize - 1}`, code);
    }
    if (seen.has(code)) throw refuse("be different", `${code} twice`);
    seen.add(code);
  }
  const data = new Float32Array(codes.length * codeDim); // [K, codeDim]
  for (const [i, code] of codes.entries()) {
    data.set(parameters.codebook.data.subarray(code * codeDim, (code + 1) * codeDim), i * codeDim);
  }
  return {
    config: { tokenizer: { ...config, codebookSize: codes.length } },
    parameters: { tokenizer: { ...parameters, codebook: createTensor([codes.length, codeDim], data) } },
  };
}
