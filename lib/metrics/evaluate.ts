import { createTensor, createUniform, type Picture, type Tensor } from "../core/mod.ts";
import type { CropSource } from "../data/mod.ts";
import { HIDDEN, type Model, numPatchTokens } from "../models/mod.ts";
import type { Device, Precision } from "../runtime/mod.ts";
import { createTokenizer, decode, tokenize } from "../steps/mod.ts";
import { type CanvasBatch, compileLikelihood, createBatchSampler } from "../training/mod.ts";
import { codebookUse, countDeadCodes, countTokens, unigramEntropy } from "./codebook_use.ts";
import { psnr } from "./psnr.ts";
import { ssim } from "./ssim.ts";

/** How to evaluate. */
export interface EvaluateOptions {
  /** Held-out crops. */
  readonly source: CropSource;
  /** Where to run. */
  readonly device: Device;
  /** How exactly the transformer's weights are kept. @default "float32" */
  readonly precision?: Precision;
  /** Crops to reconstruct. @default 64 */
  readonly numWindows?: number;
  /** Batches of four canvases, one order each, all orders in turn. @default 16 */
  readonly numBatches?: number;
  /** Called after each crop and each batch: how many are done, of how many. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** What the tokenizer keeps of held-out crops. */
export interface TokenizerFigures {
  /** Mean over crops, in dB. */
  readonly psnr: number;
  /** Mean over crops. */
  readonly ssim: number;
  /** Perplexity of the codes over the size of the codebook. */
  readonly codebookUse: number;
  /** Entries of the codebook, 0 to K, that no token of the crops took. */
  readonly deadCodes: number;
  /** Crops that were reconstructed. */
  readonly windows: number;
  /** The device that computed them: what "auto" chose, or what was asked for. */
  readonly device: Device;
}

/** Mean bits per token on held-out canvases. */
export interface LikelihoodFigures {
  /** The model as it is: every patch sees its context and the caption. */
  readonly bitsPerToken: number;
  /** (a) A model that knows only how frequent each code is: the unigram entropy. */
  readonly bitsUnigram: number;
  /** (b) The same model with an empty context pool. */
  readonly bitsEmptyPool: number;
  /** (c) The same model with the caption of another canvas. */
  readonly bitsWrongCaption: number;
  /** How exactly the transformer's weights were kept. */
  readonly precision: Precision;
  /** Tokens of all canvases together. */
  readonly tokens: number;
}

const BATCH = 4, CANVAS_PATCHES = 4;

/** Measures a model on held-out crops: its tokenizer and, if it has one, its transformer. */
export async function evaluate(
  model: Model,
  options: EvaluateOptions,
): Promise<TokenizerFigures & Partial<LikelihoodFigures>> {
  const { numWindows = 64, numBatches = 16, onProgress } = options;
  const hasTransformer = model.config.transformer !== undefined;
  const total = numWindows + (hasTransformer ? numBatches : 0);
  const tokenizer = await evaluateTokenizer(model, numWindows, options, (done) => onProgress?.(done, total));
  if (!hasTransformer) return tokenizer;
  const likelihood = await evaluateLikelihood(
    model,
    numBatches,
    options,
    (done) => onProgress?.(numWindows + done, total),
  );
  return { ...tokenizer, ...likelihood };
}

async function evaluateTokenizer(
  model: Model,
  numWindows: number,
  { source, device }: EvaluateOptions,
  onProgress: (done: number) => void,
): Promise<TokenizerFigures> {
  const { tokenizer: config } = model.config;
  const tokenizer = createTokenizer({ config, parameters: model.parameters.tokenizer, device });
  const counts = new Float64Array(config.codebookSize);
  let psnrSum = 0, ssimSum = 0;
  for (let i = 0; i < numWindows; i++) {
    const { picture } = await source.sampleCrop(createUniform(1, i), { size: 256 });
    const tokens = await tokenize(tokenizer, picture);
    const decoded: Picture = await decode(tokenizer, tokens);
    psnrSum += psnr(picture, decoded);
    ssimSum += ssim(picture, decoded);
    countTokens(tokens, config.codebookSize).forEach((count, code) =>
      counts[code] = (counts[code] ?? 0) + count
    );
    onProgress(i + 1);
  }
  await tokenizer.dispose();
  return {
    psnr: psnrSum / numWindows,
    ssim: ssimSum / numWindows,
    codebookUse: codebookUse(counts),
    deadCodes: countDeadCodes(counts),
    windows: numWindows,
    device: tokenizer.device,
  };
}

async function evaluateLikelihood(
  model: Model,
  numBatches: number,
  { source, device, precision = "float32" }: EvaluateOptions,
  onProgress: (done: number) => void,
): Promise<LikelihoodFigures> {
  const { transformer } = model.config;
  if (transformer === undefined) {
    throw new TypeError("Cannot evaluate likelihood: model must have a transformer");
  }
  const orders = ["down-right", "down-left", "right-down", "right-up"] as const;
  const samplers = orders.map((order) =>
    createBatchSampler(
      { seed: 1000, batchSize: BATCH, canvasPatches: CANVAS_PATCHES, orders: [order], textDropout: 0 },
      { config: { ...model.config, transformer }, tokenizer: model, source, device },
    )
  );
  const counts = new Float64Array(transformer.codebookSize);
  const sums = { own: 0, empty: 0, wrong: 0 };
  let likelihood: Awaited<ReturnType<typeof compileLikelihood>> | undefined;
  for (let i = 0; i < numBatches; i++) {
    const batch = await samplers[i % samplers.length]?.(i);
    if (batch === undefined) continue;
    likelihood ??= await compileLikelihood(model, { batch, device, precision });
    sums.own += await likelihood(batch);
    sums.empty += await likelihood({
      ...batch,
      mask: hideOthers(batch.mask, numPatchTokens(transformer) + 1),
      edges: { above: hideTokens(batch.edges.above), left: hideTokens(batch.edges.left) },
    });
    sums.wrong += await likelihood({ ...batch, words: rotateRows(batch.words) });
    const ids = Int32Array.from(batch.tokenIds.data);
    countTokens(ids, counts.length).forEach((count, code) => counts[code] = (counts[code] ?? 0) + count);
    onProgress(i + 1);
  }
  await likelihood?.dispose();
  return {
    bitsPerToken: sums.own / numBatches,
    bitsUnigram: unigramEntropy(counts),
    bitsEmptyPool: sums.empty / numBatches,
    bitsWrongCaption: sums.wrong / numBatches,
    precision,
    tokens: counts.reduce((sum, count) => sum + count, 0),
  };
}

/** The mask of an empty pool: a patch sees itself alone. */
function hideOthers(mask: Tensor, patchLength: number): CanvasBatch<Tensor>["mask"] {
  const [side = 0] = mask.shape;
  const data = Float32Array.from(mask.data, (value, index) => {
    const row = Math.floor(Math.floor(index / side) / patchLength);
    const column = Math.floor(index % side / patchLength);
    return row === column ? value : HIDDEN;
  });
  return createTensor(mask.shape, data);
}

/** Edges of patches without neighbours. */
function hideTokens({ shape, data }: Tensor): Tensor {
  return createTensor(shape, new Int32Array(data.length).fill(-1));
}

/** Every canvas gets the caption of the one before it. */
function rotateRows(words: Tensor): Tensor {
  const [rows = 1, length = 1] = words.shape;
  const data = Int32Array.from(
    { length: rows * length },
    (_, index) => words.data[(index + (rows - 1) * length) % (rows * length)] ?? 0,
  );
  return createTensor(words.shape, data);
}
