import { createTensor, type PatchPosition, philox4x32 } from "../core/mod.ts";
import type { ContextPool } from "../context_pool/mod.ts";
import type { Plan } from "../direction/mod.ts";
import { numPatchTokens } from "../models/mod.ts";
import { describeRow, layOutRows, type PatchRow, stepAt } from "./_row_inputs.ts";
import { shareRuns } from "./_share_runs.ts";
import type { Intervention } from "./intervene.ts";
import type { PatchModel } from "./patch_model.ts";
import type { Prompt } from "./prompt.ts";

/** How tokens are drawn. */
export interface Sampling {
  /** 0 takes the most likely token. @default 1 */
  readonly temperature: number;
  /** How many of the most likely tokens may be drawn; 0 allows all. @default 0 */
  readonly topK: number;
  /** Tokens are kept until their probabilities first exceed this sum; 1 keeps all. @default 1 */
  readonly topP: number;
  /** How strongly the text steers; 1 is no guidance. @default 2 */
  readonly guidance: number;
  /**
   * Of `p-nar`: noise on the log-probabilities by which a step chooses the tokens that it keeps, falling to 1 / 4.5 of it.
   * 0 keeps the most confident; 4.5 is the paper's, under which what is flat is kept first and pictures fade to mist.
   * @default 100
   */
  readonly choiceTemperature: number;
}

/** Draws from the whole distribution, with guidance. */
export const SAMPLING: Sampling = { temperature: 1, topK: 0, topP: 1, guidance: 2, choiceTemperature: 100 };

/** A patch that has been filled. */
export interface FilledPatch {
  /** Index of its step in the plan. */
  readonly stepIndex: number;
  /** Where it lies on the canvas, in patches. */
  readonly position: PatchPosition;
  /** Codebook indices in raster order, `[M]`. */
  readonly tokens: Int32Array;
}

/** What {@link fillPatch} needs besides the model. */
export interface FillPatchOptions {
  /** The order of the whole canvas, with the context of each step. */
  readonly plan: Plan;
  /** Steps of the plan to fill together: one wave, or part of it. */
  readonly stepIndices: readonly number[];
  /** Holds the context of those steps. */
  readonly pool: ContextPool;
  /** What `encodePrompt` made of the text, with the same patch model. */
  readonly prompt: Prompt;
  /** Any safe integer >= 0. */
  readonly seed: number;
  /** How tokens are drawn. @default SAMPLING, field by field */
  readonly sampling?: Partial<Sampling>;
  /** Gives another view in place of what each patch sees. @default the view as it is */
  readonly intervene?: Intervention;
}

/**
 * Fills patches: decodes their M tokens with the local decoder, all patches side by side. Calls that are made at
 * the same time share runs, whatever picture they are for: `Promise.all` over pictures takes less time than one after
 * another.
 *
 * The random number of a token depends on seed, place and token alone, and so does a row of a run on that row alone: a
 * patch comes out the same whether it is filled alone, in a wave, or among other pictures.
 *
 * Source: NUWA-Infinity, arXiv:2207.09814, algorithm 2.
 *
 * @throws {RangeError} If sampling makes no sense, a step is not in the plan, or a forced token or code does not exist.
 */
export async function fillPatch(patchModel: PatchModel, options: FillPatchOptions): Promise<FilledPatch[]> {
  const { stepIndices, seed, ...source } = options;
  const sampling = checkSampling({ ...SAMPLING, ...options.sampling }, patchModel.config.codebookSize);
  const M = numPatchTokens(patchModel.config), { numDraws } = patchModel.decoder;
  const requests = await Promise.all(stepIndices.map(async (stepIndex): Promise<DrawRequest> => {
    const { position } = stepAt(source.plan, stepIndex);
    return {
      row: await describeRow(patchModel, { ...source, stepIndex }),
      uniforms: Float32Array.from({ length: numDraws * M }, (_, draw) => tokenUniform(seed, position, draw)),
      sampling,
    };
  }));
  const tokens = await Promise.all(requests.map((request) => drawPatch(patchModel, request)));
  return stepIndices.map((stepIndex, place) => ({
    stepIndex,
    position: stepAt(source.plan, stepIndex).position,
    tokens: tokens[place] ?? new Int32Array(),
  }));
}

/** One patch to be drawn. */
interface DrawRequest {
  readonly row: PatchRow;
  /** `numDraws` numbers a token, `[numDraws * M]`. */
  readonly uniforms: Float32Array;
  readonly sampling: Sampling;
}

/** Draws the tokens `[M]` of a patch. */
const drawPatch = shareRuns(drawPatches, (one, other) => haveSameSampling(one.sampling, other.sampling));

async function drawPatches(
  patchModel: PatchModel,
  requests: readonly DrawRequest[],
): Promise<readonly Int32Array[]> {
  const { batchSize, config, decoder: { numDraws } } = patchModel;
  const M = numPatchTokens(config);
  const uniforms = new Float32Array(numDraws * M * batchSize);
  const forced = new Int32Array(M * batchSize).fill(-1);
  requests.forEach((request, place) => {
    request.uniforms.forEach((uniform, draw) => uniforms[draw * batchSize + place] = uniform);
    request.row.forced.forEach((code, token) => forced[token * batchSize + place] = code);
  });
  const { temperature, topK, topP, guidance, choiceTemperature } = requests[0]?.sampling ?? SAMPLING;
  const scalar = (value: number) => createTensor([], Float32Array.of(value));
  const tokens = await patchModel.decode({
    ...layOutRows(patchModel, requests.map(({ row }) => row)),
    uniforms: createTensor([numDraws, M, batchSize], uniforms),
    forced: createTensor([M, batchSize], forced),
    sampling: {
      temperature: scalar(temperature),
      topK: createTensor([], Int32Array.of(topK)),
      topP: scalar(topP),
    },
    guidance: scalar(guidance),
    choiceTemperature: scalar(choiceTemperature),
  }); // [M, batchSize]
  return requests.map((_, place) =>
    Int32Array.from({ length: M }, (_, token) => tokens.data[token * batchSize + place] ?? 0)
  );
}

/** A run has one setting for all its rows. */
function haveSameSampling(one: Sampling, other: Sampling): boolean {
  return one.temperature === other.temperature && one.topK === other.topK && one.topP === other.topP &&
    one.guidance === other.guidance && one.choiceTemperature === other.choiceTemperature;
}

/**
 * The uniform number in [0, 1) of a token, with the 24 bits that float32 keeps exactly.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { tokenUniform } from "nuwa-infinity";
 * assertEquals(tokenUniform(0, { frame: 0, row: 0, column: 0 }, 0), 0x6627e8 / 2 ** 24);
 * ```
 */
export function tokenUniform(seed: number, { frame, row, column }: PatchPosition, token: number): number {
  const [word] = philox4x32([frame, row, column, token], [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0]);
  return Math.floor(word / 256) / 2 ** 24;
}

/** Turns "all" and "the most likely" into numbers that the program takes. */
function checkSampling(sampling: Sampling, codebookSize: number): Sampling {
  const { temperature, topK, topP, guidance, choiceTemperature } = sampling;
  const refuse = (name: string, need: string, got: number) =>
    new RangeError(`Cannot fill patch: ${name} must be ${need}, got ${got}`);
  if (!(temperature >= 0 && temperature < Infinity)) {
    throw refuse("temperature", "a number >= 0", temperature);
  }
  if (!Number.isInteger(topK) || topK < 0) throw refuse("topK", "an integer >= 0", topK);
  if (!(topP > 0 && topP <= 1)) throw refuse("topP", "in (0, 1]", topP);
  if (!Number.isFinite(guidance)) throw refuse("guidance", "a finite number", guidance);
  if (!(choiceTemperature >= 0 && choiceTemperature < Infinity)) {
    throw refuse("choiceTemperature", "a number >= 0", choiceTemperature);
  }
  if (temperature === 0) return { ...sampling, temperature: 1, topK: 1 };
  return {
    ...sampling,
    topK: topK === 0 ? codebookSize : Math.min(topK, codebookSize),
    topP: topP === 1 ? 2 : topP,
  };
}
