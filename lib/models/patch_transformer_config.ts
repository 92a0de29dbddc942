import type { Extent } from "../core/mod.ts";

/** Shape of a patch transformer, the paper's vision decoder. */
export interface PatchTransformerConfig {
  /** L */
  readonly numLayers: number;
  /** d */
  readonly embedDim: number;
  /** Heads of each attention; must divide d. */
  readonly numHeads: number;
  /** K, the number of codes of the tokenizer. */
  readonly codebookSize: number;
  /** Tokens along the sides of a patch; M = height * width. */
  readonly patchTokens: { readonly height: number; readonly width: number };
  /** Which finished patches a patch sees. */
  readonly extent: Extent;
  /**
   * How keys tell where their patch lies: an offset adds a vector of its own, or one number in every channel (as
   * HORIZON's code does), or queries and keys are turned by their places, so that every pair of tokens knows its
   * distance, across patches as within one (ours; it learns joins faster). All these come before attention; `bias` comes
   * after it, one number added to the scores, and is there to be ablated: it trains, but does not generate.
   */
  readonly offsetEmbedding: "vector" | "scalar" | "rotary" | "bias";
  /** Tokens enter as rows of a learned table, or as codes of the frozen codebook of this width under a linear map. */
  readonly tokenEmbedding: "learned" | { readonly codeDim: number };
  /**
   * Whether the input for a token also holds the token above it and, in the first column, the one to its left, those of
   * finished patches included. The paper's model has to find them by attention, which takes far more training than a
   * laptop has.
   */
  readonly neighbourEmbedding: boolean;
  /** Whether a token may enter as unknown, which the local decoders `p-nar` and `nar` need. */
  readonly maskEmbedding: boolean;
  /** Bands of the canvas height that a patch is told apart by; 0 for none (the paper). */
  readonly rowBands: number;
  /** Where the learned scale of each residual branch starts. */
  readonly layerScale: number;
  /** Width of the text encoder's output, or 0 for a model without text (and without cross-attention). */
  readonly textDim: number;
}

const LAPTOP = {
  codebookSize: 1024,
  patchTokens: { height: 8, width: 8 },
  extent: { width: 2, height: 2, frames: 0 },
  offsetEmbedding: "rotary",
  tokenEmbedding: "learned",
  neighbourEmbedding: true,
  maskEmbedding: true,
  rowBands: 8,
  layerScale: 0.3,
} as const;

const PAPER = {
  codebookSize: 16384,
  patchTokens: { height: 16, width: 16 },
  extent: { width: 2, height: 2, frames: 0 },
  offsetEmbedding: "scalar",
  tokenEmbedding: { codeDim: 256 },
  neighbourEmbedding: false,
  maskEmbedding: false,
  rowBands: 0,
  layerScale: 0.1,
  textDim: 512,
} as const;

/** Sizes by name; `base` and `large` are the paper's 202 M and 809 M. */
export const TRANSFORMER_PRESETS = {
  tiny: {
    ...LAPTOP,
    numLayers: 2,
    embedDim: 32,
    numHeads: 2,
    codebookSize: 64,
    patchTokens: { height: 2, width: 2 },
    textDim: 16,
  },
  small: { ...LAPTOP, numLayers: 6, embedDim: 192, numHeads: 3, textDim: 128 },
  base: { ...PAPER, numLayers: 16, embedDim: 768, numHeads: 12 },
  large: { ...PAPER, numLayers: 24, embedDim: 1280, numHeads: 20 },
} as const satisfies Record<string, PatchTransformerConfig>;

/** M, the number of tokens of a patch. */
export function numPatchTokens(config: PatchTransformerConfig): number {
  return config.patchTokens.height * config.patchTokens.width;
}
