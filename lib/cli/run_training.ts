import { createHash } from "node:crypto";
import { dirname, resolve } from "node:path";
import {
  createFolderSource,
  createHandscrollSource,
  type CropSource,
  HANDSCROLL_VOCABULARY,
  openPictureFolder,
} from "../data/mod.ts";
import { createFolder, flattenTensors, removeFilesAside, saveWeights } from "../media/mod.ts";
import { buildVocabulary, type Model } from "../models/mod.ts";
import { loadModel } from "../steps/mod.ts";
import {
  type Checkpoint,
  decoderAt,
  type DecoderRecipe,
  fixedPart,
  loadCheckpoint,
  modelAt,
  parseDecoderRecipe,
  parseTokenizerRecipe,
  parseTransformerRecipe,
  prepareDecoderTraining,
  prepareTokenizerTraining,
  prepareTransformerTraining,
  type Recipe,
  refinedModel,
  startDecoder,
  startTokenizer,
  startTransformer,
  tokenizerAt,
  type TokenizerRecipe,
  trainLoop,
  transformerModelConfig,
  type TransformerRecipe,
} from "../training/mod.ts";
import { printError } from "./print.ts";
import type { Figures, OnProgress, TrainRequest } from "./runners.ts";

/** One part's training, before anything is compiled. */
interface Plan {
  /** The recipe as checked. */
  readonly recipe: TokenizerRecipe | DecoderRecipe | TransformerRecipe;
  /** Identifies whatever else the result depends on. */
  readonly depends: readonly unknown[];
  start(): Checkpoint;
  modelAt(checkpoint: Checkpoint): Model;
  prepare(): Promise<Recipe>;
}

/**
 * Trains as a request says: from the start or from the last checkpoint, until done, out of time or interrupted.
 * With every checkpoint the folder of the run holds weights that `--weights` takes.
 */
export async function runTraining(request: TrainRequest, onProgress: OnProgress): Promise<Figures> {
  const { out, minutes } = request;
  const plan = await planPart(request);
  const fingerprint = hash(JSON.stringify([request.part, fixedPart(plan.recipe), plan.depends]));
  const found = request.resume ? await loadCheckpoint(out, fingerprint) : undefined;
  const prepared = await plan.prepare();
  await createFolder(out);
  if (request.resume) await removeFilesAside(out);
  const recipe: Recipe = {
    ...prepared,
    onCheckpoint: async (checkpoint) => {
      const { config, parameters } = plan.modelAt(checkpoint);
      const card = describeRun(request, plan.recipe, checkpoint);
      await saveWeights(out, { config, tensors: flattenTensors(parameters), dtype: "F16", card });
    },
  };
  return await withInterrupt(async (signal) => {
    const checkpoint = await trainLoop(recipe, found ?? plan.start(), {
      folder: out,
      fingerprint,
      signal,
      checkpointSeconds: plan.recipe.checkpointSeconds,
      ...(minutes === undefined ? {} : { maxMinutes: minutes }),
      onProgress: ({ record, numSteps, secondsLeft }) => {
        const { step, seconds: _, learningRate: _rate, gradientNorm: _norm, ...figures } = record;
        const note = Object.entries(figures).map(([name, value]) => `${name} ${value.toPrecision(4)}`).join(
          ", ",
        );
        onProgress(step, numSteps, { note, secondsLeft });
      },
    });
    return { out, steps: checkpoint.step, minutes: Number((checkpoint.seconds / 60).toFixed(1)) };
  });
}

/** A tokenizer's recipe that starts from finished weights goes on with their decoder. */
function planPart(request: TrainRequest): Promise<Plan> {
  if (request.part === "transformer") return planTransformer(request);
  const { config } = request;
  const isDecoder = typeof config === "object" && config !== null && "from" in config;
  return isDecoder ? planDecoder(request) : planTokenizer(request);
}

async function planTokenizer(request: TrainRequest): Promise<Plan> {
  const recipe = parseTokenizerRecipe(request.config, request.configPath);
  const { source, identity } = await openData(request.data, recipe.numScrolls);
  return {
    recipe,
    depends: [identity],
    start: () => startTokenizer(recipe),
    modelAt: (checkpoint) => tokenizerAt(recipe, checkpoint),
    prepare: () => prepareTokenizerTraining(recipe, { source, device: request.device }),
  };
}

async function planDecoder(request: TrainRequest): Promise<Plan> {
  const recipe = parseDecoderRecipe(request.config, request.configPath);
  const { source, identity } = await openData(request.data, recipe.numScrolls);
  const { model: from, sha256 } = await loadModel(resolve(dirname(request.configPath), recipe.from));
  const model = refinedModel(recipe, from);
  return {
    recipe,
    depends: [identity, sha256],
    start: () => startDecoder(recipe, model),
    modelAt: (checkpoint) => decoderAt(recipe, model, checkpoint),
    prepare: () => prepareDecoderTraining(recipe, { model, source, device: request.device }),
  };
}

async function planTransformer(request: TrainRequest): Promise<Plan> {
  const recipe = parseTransformerRecipe(request.config, request.configPath);
  const { source, captions, identity } = await openData(request.data, recipe.numScrolls);
  const { model: tokenizer, sha256 } = await loadModel(
    resolve(dirname(request.configPath), recipe.tokenizer),
  );
  const config = transformerModelConfig(recipe, tokenizer, buildVocabulary(captions).words);
  const from = recipe.from === undefined
    ? undefined
    : await loadModel(resolve(dirname(request.configPath), recipe.from));
  const start = startTransformer(config, recipe.seed, { tokenizer, from: from?.model });
  return {
    recipe,
    depends: from === undefined ? [identity, sha256] : [identity, sha256, from.sha256],
    start: () => start,
    modelAt: (checkpoint) => modelAt(config, tokenizer, checkpoint),
    prepare: () => prepareTransformerTraining(recipe, { config, tokenizer, source, device: request.device }),
  };
}

/** Data to train on. */
interface TrainingData {
  readonly source: CropSource;
  /** Texts with every word that the captions use. */
  readonly captions: readonly string[];
  /** Differs from that of other data; stays when the folder is moved. */
  readonly identity: unknown;
}

async function openData(data: string, numScrolls: number): Promise<TrainingData> {
  if (data === "handscroll") {
    return {
      identity: data,
      source: createHandscrollSource({ count: numScrolls, firstSeed: 1 }),
      captions: HANDSCROLL_VOCABULARY,
    };
  }
  const folder = await openPictureFolder(data);
  return {
    identity: folder.entries.map(({ path, caption }) => [path.slice(data.length), caption]),
    source: createFolderSource(folder),
    captions: folder.entries.flatMap(({ caption }) => caption ?? []),
  };
}

/** Lets the first Ctrl-C stop `work` in good order; a second one, once the step is done, ends the process. */
async function withInterrupt<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const interrupt = () => {
    Deno.removeSignalListener("SIGINT", interrupt);
    printError("\nstopping after this step, with a checkpoint\n");
    controller.abort();
  };
  Deno.addSignalListener("SIGINT", interrupt);
  try {
    return await work(controller.signal);
  } finally {
    if (!controller.signal.aborted) Deno.removeSignalListener("SIGINT", interrupt);
  }
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The model card of weights as they come out of a run. */
function describeRun(request: TrainRequest, recipe: Plan["recipe"], { step, seconds }: Checkpoint): string {
  const { part, configPath, data, out } = request;
  return `# ${part === "tokenizer" ? "Tokenizer" : "Patch transformer with its tokenizer"}

Trained on ${data} for ${step} steps, ${(seconds / 3600).toFixed(2)} hours, with

    deno task train ${part} --config ${configPath} --out ${out} --data ${data}

The loss of every step is in losses.jsonl. The recipe:

\`\`\`json
${JSON.stringify(recipe, null, 2)}
\`\`\`
`;
}
