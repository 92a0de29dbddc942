import { createUniform } from "nuwa-infinity";

/** Sizes of a decoder as llama.cpp knows them. */
export interface GgufSizes {
  readonly numLayers: number;
  readonly embedDim: number;
  readonly numHeads: number;
  readonly feedForwardDim: number;
  readonly vocabularySize: number;
  /** The most tokens that it is run on. */
  readonly maxLength: number;
}

/** Numbers of the format's types of metadata that are used here. */
const UINT32 = 4, INT32 = 5, FLOAT32 = 6, STRING = 8, ARRAY = 9;
const ALIGNMENT = 32;

/**
 * A GGUF file of architecture "llama" with random float32 weights and a vocabulary of words without meaning.
 *
 * Source: the GGUF specification, version 3.
 */
export function encodeGguf(sizes: GgufSizes): Uint8Array {
  const { numLayers, embedDim: d, feedForwardDim, vocabularySize, numHeads, maxLength } = sizes;
  const vocabulary = createVocabulary(vocabularySize);
  const metadata: Uint8Array[] = [
    entry("general.architecture", STRING, text("llama")),
    entry("llama.block_count", UINT32, uint32(numLayers)),
    entry("llama.context_length", UINT32, uint32(maxLength)),
    entry("llama.embedding_length", UINT32, uint32(d)),
    entry("llama.feed_forward_length", UINT32, uint32(feedForwardDim)),
    entry("llama.attention.head_count", UINT32, uint32(numHeads)),
    entry("llama.attention.layer_norm_rms_epsilon", FLOAT32, float32(1e-5)),
    entry("llama.vocab_size", UINT32, uint32(vocabularySize)),
    entry("tokenizer.ggml.model", STRING, text("llama")),
    entry("tokenizer.ggml.tokens", ARRAY, list(STRING, vocabulary.map(({ word }) => text(word)))),
    entry("tokenizer.ggml.scores", ARRAY, list(FLOAT32, vocabulary.map((_, id) => float32(-id)))),
    entry("tokenizer.ggml.token_type", ARRAY, list(INT32, vocabulary.map(({ kind }) => uint32(kind)))),
  ];
  // The first side is the one that lies densely.
  const layer = (index: number): [name: string, dims: number[]][] => [
    [`blk.${index}.attn_norm.weight`, [d]],
    [`blk.${index}.attn_q.weight`, [d, d]],
    [`blk.${index}.attn_k.weight`, [d, d]],
    [`blk.${index}.attn_v.weight`, [d, d]],
    [`blk.${index}.attn_output.weight`, [d, d]],
    [`blk.${index}.ffn_norm.weight`, [d]],
    [`blk.${index}.ffn_gate.weight`, [d, feedForwardDim]],
    [`blk.${index}.ffn_up.weight`, [d, feedForwardDim]],
    [`blk.${index}.ffn_down.weight`, [feedForwardDim, d]],
  ];
  const tensors: [name: string, dims: number[]][] = [
    ["token_embd.weight", [d, vocabularySize]],
    ...Array.from({ length: numLayers }, (_, index) => layer(index)).flat(),
    ["output_norm.weight", [d]],
    ["output.weight", [d, vocabularySize]],
  ];
  let end = 0;
  const infos = tensors.map(([name, dims]) => {
    const info = join([text(name), uint32(dims.length), ...dims.map(uint64), uint32(0), uint64(end)]);
    end += Math.ceil(4 * lengthOf(dims) / ALIGNMENT) * ALIGNMENT;
    return info;
  });
  const magic = new TextEncoder().encode("GGUF");
  const counts = [uint64(tensors.length), uint64(metadata.length)];
  const header = join([magic, uint32(3), ...counts, ...metadata, ...infos]);
  const start = Math.ceil(header.length / ALIGNMENT) * ALIGNMENT;
  return join([
    header,
    new Uint8Array(start - header.length),
    drawWeights(tensors.map(([, dims]) => dims), end),
  ]);
}

/** Words and their kinds: 1 normal, 2 unknown, 3 control, 6 byte. The library insists on the bytes. */
function createVocabulary(size: number): { readonly word: string; readonly kind: number }[] {
  const controls = [{ word: "<unk>", kind: 2 }, { word: "<s>", kind: 3 }, { word: "</s>", kind: 3 }];
  const bytes = Array.from({ length: 256 }, (_, byte) => {
    return { word: `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`, kind: 6 };
  });
  const first = controls.length + bytes.length;
  const rest = Array.from({ length: Math.max(0, size - first) }, (_, id) => ({ word: `▁w${id}`, kind: 1 }));
  return [...controls, ...bytes, ...rest];
}

function drawWeights(tensors: readonly (readonly number[])[], numBytes: number): Uint8Array {
  const uniform = createUniform(1);
  const data = new Float32Array(numBytes / 4);
  let at = 0;
  for (const dims of tensors) {
    const length = lengthOf(dims);
    for (let index = 0; index < length; index++) {
      data[at + index] = dims.length === 1 ? 1 : 0.2 * uniform() - 0.1;
    }
    at += Math.ceil(4 * length / ALIGNMENT) * ALIGNMENT / 4;
  }
  return new Uint8Array(data.buffer);
}

function lengthOf(dims: readonly number[]): number {
  return dims.reduce((product, side) => product * side, 1);
}

function entry(key: string, type: number, value: Uint8Array): Uint8Array {
  return join([text(key), uint32(type), value]);
}

function list(type: number, items: readonly Uint8Array[]): Uint8Array {
  return join([uint32(type), uint64(items.length), ...items]);
}

function text(value: string): Uint8Array {
  const bytes = new TextEncoder().encode(value);
  return join([uint64(bytes.length), bytes]);
}

function uint32(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

function uint64(value: number): Uint8Array {
  return new Uint8Array(BigUint64Array.of(BigInt(value)).buffer);
}

function float32(value: number): Uint8Array {
  return new Uint8Array(Float32Array.of(value).buffer);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
