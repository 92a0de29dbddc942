import { sizeOf } from "../core/mod.ts";
import type { ModelConfig } from "./model_config.ts";
import { nearestName } from "./nearest_name.ts";
import { numPatchTokens, type PatchTransformerConfig } from "./patch_transformer_config.ts";

/**
 * What an axis of an activation counts: the M tokens of the patch, each at the place from which it is predicted (the
 * first from the begin token); `keys`, the M tokens of each context patch and then the M inputs of the patch itself;
 * `words` of the text; `channels` of the residual stream; `codes` of the codebook.
 */
export type ActivationAxis =
  | "heads"
  | "tokens"
  | "keys"
  | "words"
  | "headChannels"
  | "channels"
  | "hidden"
  | "codes";

/** One named activation of the patch transformer. */
export interface ActivationInfo {
  /** Its canonical name, e.g. `layers.3.self.weights`. */
  readonly name: string;
  /** What each axis counts. */
  readonly axes: readonly ActivationAxis[];
  /** The length of each axis, for one patch. */
  readonly shape: readonly number[];
  /** What it takes to keep, as float32. */
  readonly bytes: number;
  /** What it is, in words. */
  readonly about: string;
}

/** How much a patch sees. */
export interface ActivationSizes {
  /** Context patches. @default as many as the extent has room for before a patch, in raster order */
  readonly numContext?: number;
}

type Part = readonly [name: string, axes: readonly ActivationAxis[], about: string];

const ATTENTION_PARTS = (keys: "keys" | "words", of: string): readonly Part[] => [
  ["query", ["heads", "tokens", "headChannels"], `what each head asks ${of}`],
  ["weights", ["heads", "tokens", keys], `how each head shares out its attention over ${of}; rows sum to 1`],
  ["read", ["heads", "tokens", "headChannels"], `what each head read of ${of}`],
  ["added", ["tokens", "channels"], "what the branch adds to the residual stream"],
];

const SELF_PARTS: readonly Part[] = [
  ["key", ["heads", "tokens", "headChannels"], "what each own input answers to, before its place is told"],
  ["value", ["heads", "tokens", "headChannels"], "what each own input hands out"],
];

const FORWARD_PARTS: readonly Part[] = [
  ["hidden", ["tokens", "hidden"], "the neurons of the feed-forward, after the gate"],
  ["added", ["tokens", "channels"], "what the branch adds to the residual stream"],
];

/** The parts of a layer, by their names without `layers.N.`, in the order in which they are computed. */
function listParts({ textDim }: PatchTransformerConfig): Part[] {
  const within = (branch: string, parts: readonly Part[]) =>
    parts.map(([name, axes, about]): Part => [`${branch}.${name}`, axes, about]);
  return [
    ...within("self", [...SELF_PARTS, ...ATTENTION_PARTS("keys", "context and own patch")]),
    ...(textDim > 0 ? within("text", ATTENTION_PARTS("words", "the text")) : []),
    ...within("feedForward", FORWARD_PARTS),
    ["residual", ["tokens", "channels"], "the residual stream after the layer"],
  ];
}

/**
 * Every activation of a model's patch transformer under its canonical name, in the order of computation.
 *
 * @throws {TypeError} If the model is a tokenizer alone.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { listActivations, TRANSFORMER_PRESETS, VQGAN_PRESETS } from "nuwa-infinity";
 * const config = { tokenizer: VQGAN_PRESETS.tiny, transformer: TRANSFORMER_PRESETS.tiny };
 * const weights = listActivations(config, { numContext: 3 }).find(({ name }) => name === "layers.1.self.weights");
 * assertEquals(weights?.axes, ["heads", "tokens", "keys"]);
 * assertEquals(weights?.shape, [2, 4, 16]); // 3 context patches of 4 tokens, and the patch's own 4
 * ```
 */
export function listActivations(config: ModelConfig, sizes: ActivationSizes = {}): ActivationInfo[] {
  const { transformer, text } = config;
  if (transformer === undefined) {
    throw new TypeError("Cannot list activations: model must have a transformer, got a tokenizer alone");
  }
  const { embedDim, numHeads, codebookSize, extent } = transformer;
  const nearby = (2 * extent.width + 1) * (2 * extent.height + 1);
  const { numContext = (nearby - 1) / 2 + nearby * extent.frames } = sizes;
  const M = numPatchTokens(transformer);
  const lengths: Readonly<Record<ActivationAxis, number>> = {
    heads: numHeads,
    tokens: M,
    keys: (numContext + 1) * M,
    words: text?.maxLength ?? 1,
    headChannels: embedDim / numHeads,
    channels: embedDim,
    hidden: 4 * embedDim,
    codes: codebookSize,
  };
  const describe = ([name, axes, about]: Part): ActivationInfo => {
    const shape = axes.map((axis) => lengths[axis]);
    return { name, axes, shape, bytes: 4 * sizeOf(shape), about };
  };
  const layers = Array.from({ length: transformer.numLayers }, (_, layer) => {
    return listParts(transformer).map(([name, ...rest]) => describe([`layers.${layer}.${name}`, ...rest]));
  });
  return [
    describe(["input", ["tokens", "channels"], "the residual stream before the first layer"]),
    ...layers.flat(),
    describe(["logits", ["tokens", "codes"], "scores of every code, before guidance and temperature"]),
  ];
}

/**
 * The activations that names stand for; `*` stands for any layer, or any part between dots.
 *
 * @returns In the order of {@link listActivations}, each once.
 * @throws {RangeError} If a name is not that of an activation; the nearest one is suggested.
 *
 * @example Usage
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { matchActivations, TRANSFORMER_PRESETS, VQGAN_PRESETS } from "nuwa-infinity";
 * const config = { tokenizer: VQGAN_PRESETS.tiny, transformer: TRANSFORMER_PRESETS.tiny };
 * const names = matchActivations(config, ["layers.*.self.weights"]).map(({ name }) => name);
 * assertEquals(names, ["layers.0.self.weights", "layers.1.self.weights"]);
 * assertThrows(() => matchActivations(config, ["layers.0.self.wieghts"]), RangeError, "try layers.0.self.weights");
 * ```
 */
export function matchActivations(
  config: ModelConfig,
  names: readonly string[],
  sizes: ActivationSizes = {},
): ActivationInfo[] {
  const all = listActivations(config, sizes);
  const patterns = names.map((name) => {
    const found = all.filter((info) => isMatch(name, info.name));
    if (found.length > 0) return found;
    const nearest = nearestName(name, all.map((info) => info.name));
    throw new RangeError(
      `Cannot find activation: name must be one of the ${all.length} that listActivations gives, got ${name}; ` +
        `try ${nearest}`,
    );
  });
  const chosen = new Set(patterns.flat());
  return all.filter((info) => chosen.has(info));
}

/** Whether a pattern, with `*` for any part between dots, is a name's. */
function isMatch(pattern: string, name: string): boolean {
  const wanted = pattern.split("."), parts = name.split(".");
  return wanted.length === parts.length && wanted.every((want, i) => want === "*" || want === parts[i]);
}

/** What keeping activations takes. */
export interface ActivationBill {
  /** Of one patch, for each stream. */
  readonly bytes: number;
  /** The activations, the largest first. */
  readonly items: readonly ActivationInfo[];
  /** In words: how many, how many MB, and which one takes most. */
  readonly text: string;
}

/**
 * What it takes to keep the named activations of one patch, before anything is run or kept.
 *
 * @throws {RangeError} If a name is not that of an activation.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { billActivations, TRANSFORMER_PRESETS, VQGAN_PRESETS } from "nuwa-infinity";
 * const config = { tokenizer: VQGAN_PRESETS.tiny, transformer: TRANSFORMER_PRESETS.base };
 * const { text } = billActivations(config, ["layers.*.self.weights"], { numContext: 12 });
 * assertEquals(text, "16 activations, 654.3 MB a patch; layers.0.self.weights alone takes 40.9 MB");
 * ```
 */
export function billActivations(
  config: ModelConfig,
  names: readonly string[],
  sizes: ActivationSizes = {},
): ActivationBill {
  const items = matchActivations(config, names, sizes).sort((a, b) => b.bytes - a.bytes);
  const bytes = items.reduce((sum, item) => sum + item.bytes, 0);
  const [most] = items;
  if (most === undefined) return { bytes, items, text: "no activations, 0 MB" };
  const count = items.length === 1 ? "1 activation" : `${items.length} activations`;
  return {
    bytes,
    items,
    text: `${count}, ${inMegabytes(bytes)} a patch` +
      (items.length === 1 ? "" : `; ${most.name} alone takes ${inMegabytes(most.bytes)}`),
  };
}

/** Millions of bytes. */
function inMegabytes(bytes: number): string {
  const value = bytes / 1e6;
  return `${value >= 0.1 ? value.toFixed(1) : value.toPrecision(1)} MB`;
}
