import { createTensor, type Tensor } from "../core/mod.ts";
import {
  createFileError,
  decodeSafetensors,
  decodeTensor,
  encodeSafetensors,
  encodeTensor,
  writeFileAside,
} from "../media/mod.ts";
import type { OptimizerState } from "./adamw.ts";

/** Where a run stands after a step: everything that the next step depends on. */
export interface Checkpoint {
  /** Steps done. */
  readonly step: number;
  /** Parameters, moments and average after those steps. */
  readonly state: OptimizerState<Tensor>;
  /** What the recipe remembers from step to step, by name. */
  readonly memory: Readonly<Record<string, Tensor>>;
  /** Seconds trained so far. */
  readonly seconds: number;
}

const LISTS = ["parameters", "firstMoment", "secondMoment", "average"] as const;
const FILE = "checkpoint.safetensors", LOSSES = "losses.jsonl";

/**
 * Writes a checkpoint into a run's folder: whole or not at all.
 *
 * @param fingerprint Identifies config and data; a checkpoint with another one is refused on loading.
 */
export async function saveCheckpoint(
  folder: string,
  checkpoint: Checkpoint,
  fingerprint: string,
): Promise<void> {
  const { step, state, memory, seconds } = checkpoint;
  const lists = LISTS.flatMap((list) =>
    state[list].map((tensor, i) => [`${list}.${i}`, encodeTensor(tensor, "F32")])
  );
  const kept = Object.entries(memory).map(([name, tensor]) => [
    `memory.${name}`,
    encodeTensor(tensor, tensor.data instanceof Float32Array ? "F32" : "I32"),
  ]);
  await writeFileAside(
    `${folder}/${FILE}`,
    encodeSafetensors({
      tensors: Object.fromEntries([...lists, ...kept]),
      metadata: { step: `${step}`, seconds: `${seconds}`, fingerprint },
    }),
  );
}

/**
 * Reads the checkpoint of a run's folder.
 *
 * @returns Nothing if there is none yet.
 * @throws {SyntaxError} If the file is torn, or of another config.
 */
export async function loadCheckpoint(folder: string, fingerprint: string): Promise<Checkpoint | undefined> {
  const path = `${folder}/${FILE}`;
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw createFileError("resume training", path, error);
  }
  const { tensors, metadata } = decodeSafetensors(bytes, path);
  if (metadata.fingerprint !== fingerprint) {
    throw new SyntaxError(
      `Cannot resume training at ${folder}: config and data must be those that the checkpoint was made with; use another --out for a new run`,
    );
  }
  const entries = Object.entries(tensors).map(([name, stored]) =>
    [name, decodeTensor(stored, name)] as const
  );
  const byName = new Map(entries);
  const list = (name: string) => {
    const numTensors = entries.filter(([path]) => path.startsWith(`${name}.`)).length;
    return Array.from(
      { length: numTensors },
      (_, i) => byName.get(`${name}.${i}`) ?? createTensor([0], new Float32Array()),
    );
  };
  const memory = entries.filter(([path]) => path.startsWith("memory."))
    .map(([path, tensor]) => [path.slice("memory.".length), tensor]);
  return {
    step: Number(metadata.step),
    seconds: Number(metadata.seconds),
    memory: Object.fromEntries(memory),
    state: {
      parameters: list("parameters"),
      firstMoment: list("firstMoment"),
      secondMoment: list("secondMoment"),
      average: list("average"),
    },
  };
}

/** One line of the loss curve. */
export interface LossRecord {
  /** 1 for the first. */
  readonly step: number;
  /** Seconds trained before the step, earlier sittings included. */
  readonly seconds: number;
  /** The recipe's loss on the step's batch, before the update. */
  readonly loss: number;
  /** Of this step. */
  readonly learningRate: number;
  /** Norm of all gradients together, before clipping. */
  readonly gradientNorm: number;
  /** Figures of the recipe, e.g. `psnr` in dB. */
  readonly [figure: string]: number;
}

/** Drops what the curve has beyond a step: it will be trained again. */
export async function trimLosses(folder: string, step: number): Promise<void> {
  const records = await readLosses(folder);
  const kept = records.filter((record) => record.step <= step);
  await writeFileAside(`${folder}/${LOSSES}`, kept.map((record) => JSON.stringify(record) + "\n").join(""));
}

/** Appends to the curve. */
export async function appendLosses(folder: string, records: readonly LossRecord[]): Promise<void> {
  const path = `${folder}/${LOSSES}`;
  try {
    await Deno.writeTextFile(path, records.map((record) => JSON.stringify(record) + "\n").join(""), {
      append: true,
    });
  } catch (error) {
    throw createFileError("write losses", path, error);
  }
}

/** Reads the curve; a torn last line is left out. */
export async function readLosses(folder: string): Promise<LossRecord[]> {
  let text: string;
  try {
    text = await Deno.readTextFile(`${folder}/${LOSSES}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw createFileError("read losses", `${folder}/${LOSSES}`, error);
  }
  return text.split("\n").flatMap((line) => {
    try {
      return line === "" ? [] : [JSON.parse(line)];
    } catch {
      return []; // torn by a kill: that step is trained again
    }
  });
}
