import { cropPicture } from "../media/mod.ts";
import { createTokenizer, decode, loadModel, tokenize } from "../steps/mod.ts";
import { partsOfTokenizer } from "../tasks/mod.ts";
import type { Runners } from "./runners.ts";

/** Loads the weights, turns a picture into codes and back, and counts the codes. */
export const runReconstruction: Runners["reconstruct"] = async ({ picture, weights, device }, onProgress) => {
  const { model, sha256 } = await loadModel(weights);
  const tokenizer = createTokenizer({ ...partsOfTokenizer(model), device });
  const started = performance.now();
  try {
    const codes = await tokenize(tokenizer, picture, {
      onProgress: (done, total) => onProgress(done, 2 * total),
    });
    const whole = await decode(tokenizer, codes, {
      onProgress: (done, total) => onProgress(total + done, 2 * total),
    });
    const [height = 0, width = 0] = picture.shape;
    return {
      picture: cropPicture(whole, { x: 0, y: 0, width, height }),
      figures: {
        seconds: (performance.now() - started) / 1000,
        tokens: codes.size,
        codes_used: new Set(codes.data).size,
        codebook_size: tokenizer.config.codebookSize,
        device: tokenizer.device,
        weights_sha256: sha256,
      },
    };
  } finally {
    await tokenizer.dispose();
  }
};
