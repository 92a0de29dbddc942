import {
  type AttentionTrace,
  createPicture,
  createUniform,
  type LogitsTrace,
  type Picture,
  type Plan,
  scheduleOrder,
  type TextAttentionTrace,
} from "nuwa-infinity";

/** The paper's setting for pictures. */
export const PICTURE_EXTENT = { width: 2, height: 2, frames: 0 };

/** A plan on one frame. */
export function planOf(rows: number, columns: number, order: string): Plan {
  return scheduleOrder({ grid: { rows, columns, frames: 1 }, order, extent: PICTURE_EXTENT });
}

/** The worked example of PAPER.md: 3 x 3 x 3 patches, omega, extent (1, 1, 1). */
export function cubePlan(): Plan {
  return scheduleOrder({
    grid: { rows: 3, columns: 3, frames: 3 },
    order: "omega",
    extent: { width: 1, height: 1, frames: 1 },
  });
}

/** The spiral of outpainting of PAPER.md: 2 x 2 known patches, 52 generated, 7 x 8 in the end. */
export function spiralPlan(): Plan {
  const known = [2, 3].flatMap((row) => [3, 4].map((column) => ({ frame: 0, row, column })));
  return scheduleOrder({
    grid: { rows: 7, columns: 8, frames: 1 },
    order: "outward",
    known,
    extent: PICTURE_EXTENT,
  });
}

/** A smooth picture. */
export function samplePicture(height: number, width: number): Picture {
  const picture = createPicture(height, width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const wave = 0.5 + 0.5 * Math.sin(x / 19) * Math.cos(y / 13);
      picture.set(y, x, 0, Math.round(40 + 150 * wave));
      picture.set(y, x, 1, Math.round(60 + 120 * y / height));
      picture.set(y, x, 2, Math.round(200 - 150 * wave));
    }
  }
  return picture;
}

/** The size of the patches of all traces here. */
export const PATCH_TOKENS = { height: 8, width: 8 };

/**
 * Attention as a step of a plan could have it: each token looks at what is close to it, closer in later heads, and a little
 * at the begin token.
 */
export function sampleAttention(plan: Plan, stepIndex: number, numLayers = 2, numHeads = 3): AttentionTrace {
  const step = plan.steps[stepIndex];
  if (step === undefined) throw new RangeError(`no step ${stepIndex}`);
  const { height, width } = PATCH_TOKENS, M = height * width, numKeys = (step.context.length + 1) * M;
  const data = new Float32Array(numLayers * numHeads * M * numKeys);
  for (let view = 0; view < numLayers * numHeads; view++) {
    for (let query = 0; query < M; query++) {
      const row = data.subarray((view * M + query) * numKeys, (view * M + query + 1) * numKeys);
      [...step.context, step.position].forEach((patch, i) => {
        const isOwn = i === step.context.length;
        for (let k = 0; k < M; k++) {
          const token = isOwn ? k - 1 : k;
          if (isOwn && token >= query) continue;
          const dy = (patch.row - step.position.row) * height + Math.floor(token / width) -
            Math.floor(query / width);
          const dx = (patch.column - step.position.column) * width + token % width - query % width;
          const back = step.position.frame - patch.frame;
          row[i * M + k] = token < 0
            ? 0.02
            : Math.exp(-(Math.abs(dy) + Math.abs(dx) * (view + 1) + 4 * back) / 4);
        }
      });
      const sum = row.reduce((total, value) => total + value, 0);
      row.forEach((value, k) => row[k] = value / sum);
    }
  }
  return {
    position: step.position,
    context: step.context,
    patchTokens: PATCH_TOKENS,
    weights: { shape: [numLayers, numHeads, M, numKeys], data },
  };
}

/** Attention over the words of a text, uneven. */
export function sampleTextAttention(
  words: readonly string[],
  numLayers = 2,
  numHeads = 3,
): TextAttentionTrace {
  const M = 64, T = words.length, uniform = createUniform(7);
  const data = new Float32Array(numLayers * numHeads * M * T);
  for (let row = 0; row < data.length; row += T) {
    const values = words.map((word) => uniform() ** 3 * word.length);
    const sum = values.reduce((total, value) => total + value, 0);
    values.forEach((value, i) => data[row + i] = value / sum);
  }
  return {
    position: { frame: 0, row: 0, column: 0 },
    words,
    weights: { shape: [numLayers, numHeads, M, T], data },
  };
}

/** Logits that favour one token each, which is drawn most of the time. */
export function sampleLogits(plan: Plan, stepIndex: number, codebookSize = 256): LogitsTrace {
  const step = plan.steps[stepIndex];
  if (step === undefined) throw new RangeError(`no step ${stepIndex}`);
  const M = PATCH_TOKENS.height * PATCH_TOKENS.width, uniform = createUniform(stepIndex + 1);
  const logits = Float32Array.from({ length: M * codebookSize }, () => 2 * uniform());
  const tokens = new Int32Array(M);
  for (let token = 0; token < M; token++) {
    const favourite = Math.floor(uniform() * codebookSize);
    logits[token * codebookSize + favourite] = 3 + 6 * uniform();
    tokens[token] = uniform() < 0.7 ? favourite : Math.floor(uniform() * codebookSize);
  }
  return {
    position: step.position,
    patchTokens: PATCH_TOKENS,
    tokens,
    logits: { shape: [M, codebookSize], data: logits },
  };
}
