import {
  createPicture,
  createTokenGrid,
  createUniform,
  type Picture,
  type TokenGrid,
} from "../../lib/core/mod.ts";
import { initVqgan, type VqganConfig } from "../../lib/models/mod.ts";
import { createInitializer, initConv } from "../../lib/nn/mod.ts";
import { createTokenizer, type Tokenizer, type TokenizerOptions } from "../../lib/steps/mod.ts";

/** f = 4, a halo of 3 tokens. */
export const CONFIG: VqganConfig = {
  stem: 2,
  channels: [6, 8],
  numBlocks: { encoder: 1, decoder: 1 },
  codebookSize: 32,
  codeDim: 4,
};

/** The shape and the weights of a tokenizer. */
type Parts = Pick<TokenizerOptions, "config" | "parameters">;

/** Random weights. */
const PARTS: Parts = { config: CONFIG, parameters: initVqgan(CONFIG, 5) };

/** Random weights with a last stage at full resolution that reaches 5 pixels further. */
export function createRefinedParts(): Parts {
  const config = { ...CONFIG, refinement: { channels: 4, numLayers: 3 } };
  const { decoder, ...rest } = initVqgan(config, 5);
  if (decoder.refinement === undefined) throw new TypeError("Cannot refine: the decoder has no last stage");
  const output = initConv(createInitializer(6), 4, 3, { kernel: 3 });
  return {
    config,
    parameters: { ...rest, decoder: { ...decoder, refinement: { ...decoder.refinement, output } } },
  };
}

/** Runs `use` with a tokenizer of random weights, on the CPU. */
export async function withTokenizer(
  use: (tokenizer: Tokenizer) => Promise<void>,
  parts: Parts = PARTS,
): Promise<void> {
  const tokenizer = createTokenizer({ ...parts, device: "cpu" });
  try {
    await use(tokenizer);
  } finally {
    await tokenizer.dispose();
  }
}

/** A picture of seeded noise. */
export function createNoise(height: number, width: number, seed = 1): Picture {
  const uniform = createUniform(seed);
  const bytes = Uint8Array.from({ length: height * width * 3 }, () => Math.floor(uniform() * 256));
  return createPicture(height, width, bytes);
}

/** Seeded random tokens, one in `unknownEvery` unknown. */
export function createRandomTokens(height: number, width: number, unknownEvery = Infinity): TokenGrid {
  const uniform = createUniform(2);
  const ids = Int32Array.from(
    { length: height * width },
    (_, i) => i % unknownEvery === unknownEvery - 1 ? -1 : Math.floor(uniform() * CONFIG.codebookSize),
  );
  return createTokenGrid(height, width, ids);
}
