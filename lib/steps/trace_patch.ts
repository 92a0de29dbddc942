import { createTensor, type PatchPosition, sizeOf, type Tensor } from "../core/mod.ts";
import type { Activation, Activations, PatchInspection } from "./inspect_patch.ts";

/** Where the tokens of a patch looked: what `plotAttention` and its kin take. */
export interface PatchAttention extends Pick<PatchInspection, "position" | "context" | "patchTokens"> {
  /** `[L, heads, M, N M + M]`, rows sum to 1. */
  readonly weights: Tensor<Float32Array>;
}

/** Which words the tokens of a patch looked at: what `plotTextAttention` takes. */
export interface PatchTextAttention {
  /** The patch. */
  readonly position: PatchPosition;
  /** The words; shape `[T]`. */
  readonly words: readonly string[];
  /** `[L, heads, M, T]`, rows sum to 1. */
  readonly weights: Tensor<Float32Array>;
}

/** What was predicted for the tokens of a patch: what `plotSurprise` and its kin take. */
export interface PatchLogits extends Pick<PatchInspection, "position" | "patchTokens" | "tokens"> {
  /** Guidance included, temperature not: `[M, K]`. */
  readonly logits: Tensor<Float32Array>;
}

/**
 * One captured activation.
 *
 * @throws {RangeError} If it was not captured.
 */
export function activationOf(inspection: PatchInspection, name: string): Activation {
  return pick(inspection.activations, name);
}

function pick(activations: Activations, name: string): Activation {
  const found = activations[name];
  if (found !== undefined) return found;
  throw new RangeError(
    `Cannot read activation: name must be one that was captured, such as ${
      Object.keys(activations)[0]
    }, got ${name}`,
  );
}

/**
 * The attention over context and own patch, in all layers.
 *
 * @throws {RangeError} Unless `layers.*.self.weights` were captured.
 */
export function traceAttention(inspection: PatchInspection): PatchAttention {
  const { position, context, patchTokens } = inspection;
  return { position, context, patchTokens, weights: stackLayers(inspection, "self.weights") };
}

/**
 * The attention over the text, in all layers.
 *
 * @throws {RangeError} Unless `layers.*.text.weights` were captured.
 */
export function traceTextAttention(inspection: PatchInspection): PatchTextAttention {
  const { position, words } = inspection;
  return { position, words, weights: stackLayers(inspection, "text.weights") };
}

/** A part of every layer, on a new first axis. */
function stackLayers(inspection: PatchInspection, part: string): Tensor<Float32Array> {
  const nameOf = (layer: number) => `layers.${layer}.${part}`;
  const layers = [activationOf(inspection, nameOf(0)).tensor];
  for (let next; (next = inspection.activations[nameOf(layers.length)]) !== undefined;) {
    layers.push(next.tensor);
  }
  const shape = layers[0]?.shape ?? [], size = sizeOf(shape);
  const data = new Float32Array(layers.length * size);
  layers.forEach((layer, index) => data.set(layer.data, index * size));
  return createTensor([layers.length, ...shape], data);
}

/**
 * The logits that tokens were drawn from: `u + guidance (c - u)`, where there is a stream without text.
 *
 * @param guidance As it was given to `fillPatch`. @default 2
 * @throws {RangeError} Unless `logits` were captured.
 */
export function traceLogits(inspection: PatchInspection, guidance = 2): PatchLogits {
  const { position, patchTokens, tokens, withoutText } = inspection;
  const { tensor } = activationOf(inspection, "logits");
  const other = withoutText === undefined ? tensor : pick(withoutText, "logits").tensor;
  const guided = tensor.data.map((c, i) => {
    const u = other.data[i] ?? c;
    return u + guidance * (c - u);
  });
  return { position, patchTokens, tokens, logits: createTensor(tensor.shape, guided) };
}

/**
 * How unlikely a code was in the place of a token: `-log2 p`, in bits, at temperature 1.
 *
 * @param token Raster index in the patch.
 * @param options.code Another code than the one that is there. @default the patch's own
 * @param options.guidance As it was given to `fillPatch`. @default 2
 * @throws {RangeError} Unless `logits` were captured, or if there is no such token or code.
 */
export function tokenSurprise(
  inspection: PatchInspection,
  token: number,
  options: { readonly code?: number; readonly guidance?: number } = {},
): number {
  const { logits: { shape: [M = 0, K = 0], data } } = traceLogits(inspection, options.guidance);
  const { code = inspection.tokens[token] ?? 0 } = options;
  for (const [name, index, count] of [["token", token, M], ["code", code, K]] as const) {
    if (!Number.isInteger(index) || index < 0 || index >= count) {
      throw new RangeError(`Cannot measure surprise: ${name} must be an index of ${count}, got ${index}`);
    }
  }
  const row = data.subarray(token * K, (token + 1) * K);
  const most = row.reduce((a, b) => Math.max(a, b), -Infinity);
  const sum = row.reduce((sum, logit) => sum + Math.exp(logit - most), 0);
  return (Math.log(sum) + most - (row[code] ?? 0)) / Math.LN2;
}
