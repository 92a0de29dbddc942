import { createHash } from "node:crypto";
import { z } from "zod";
import type { Tensor } from "../core/mod.ts";
import { createFolder } from "./create_folder.ts";
import { createFileError } from "./file_error.ts";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";
import { decodeTensor, encodeTensor } from "./stored_tensor.ts";
import type { TensorRecord } from "./tensor_tree.ts";
import { writeFilesAside } from "./write_file_aside.ts";

/** What {@link saveWeights} writes. */
export interface WeightsToSave {
  /** Everything that rebuilds the model; must survive JSON. The name `weights` is taken. */
  readonly config: object;
  /** Float32 tensors by dotted path. */
  readonly tensors: TensorRecord;
  /** Element type on disk. */
  readonly dtype: "F16" | "F32";
  /** The model card, Markdown. */
  readonly card?: string;
}

/** What {@link loadWeights} reads. */
export interface LoadedWeights {
  /** The config as saved, from a file: to be checked by whoever builds the model. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Float32 tensors by dotted path. */
  readonly tensors: Readonly<Record<string, Tensor<Float32Array>>>;
  /** Of model.safetensors, in hexadecimal. */
  readonly sha256: string;
}

const CONFIG = "config.json", MODEL = "model.safetensors", CARD = "README.md";

const WEIGHTS = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().nonnegative(),
  dtype: z.enum(["F16", "F32"]),
  tensors: z.int().nonnegative(),
  parameters: z.int().nonnegative(),
});

/**
 * Saves a model as a folder of config.json, model.safetensors and README.md. The files are written aside and
 * then renamed; older ones of those names are replaced, other files in the folder stay.
 *
 * @returns The SHA-256 of model.safetensors, in hexadecimal.
 * @throws {FileError} If the folder cannot be written.
 * @throws {RangeError} If a weight is too large for `F16`.
 */
export async function saveWeights(folder: string, weights: WeightsToSave): Promise<string> {
  const { config, tensors, dtype, card } = weights;
  const stored = Object.entries(tensors).map(([path, t]) => [path, encodeTensor(t, dtype, path)] as const);
  const model = encodeSafetensors({
    tensors: Object.fromEntries(stored),
    metadata: { format: "nuwa-infinity" },
  });
  const sha256 = hash(model);
  const parameters = Object.values(tensors).reduce((sum, { data }) => sum + data.length, 0);
  const description = { sha256, bytes: model.length, dtype, tensors: stored.length, parameters };
  await createFolder(folder);
  await writeFilesAside([
    [`${folder}/${MODEL}`, model],
    [`${folder}/${CONFIG}`, JSON.stringify({ ...config, weights: description }, null, 2) + "\n"],
    ...(card === undefined ? [] : [[`${folder}/${CARD}`, card] as const]),
  ]);
  return sha256;
}

/**
 * Loads what {@link saveWeights} saved, and refuses anything else: size, hash, element types and the number of
 * parameters must be those that config.json tells. Shapes are for the model to check, with `assertTensors`.
 *
 * @throws {FileError} If a file is missing or unreadable.
 * @throws {SyntaxError} If a file is not what config.json says.
 */
export async function loadWeights(folder: string): Promise<LoadedWeights> {
  const refuse = (need: string, got: unknown) =>
    new SyntaxError(`Cannot load weights at ${folder}: ${need}, got ${got}`);
  const { weights, ...config } = parseConfig(await readFile(`${folder}/${CONFIG}`), folder);
  const file = await readFile(`${folder}/${MODEL}`);
  if (file.length !== weights.bytes) throw refuse(`${MODEL} must have ${weights.bytes} bytes`, file.length);
  const sha256 = hash(file);
  if (sha256 !== weights.sha256) throw refuse(`${MODEL} must have SHA-256 ${weights.sha256}`, sha256);
  const tensors: [string, Tensor<Float32Array>][] = [];
  for (const [path, stored] of Object.entries(decodeSafetensors(file, `${folder}/${MODEL}`).tensors)) {
    const { shape, data } = decodeTensor(stored, path);
    if (stored.dtype !== weights.dtype || !(data instanceof Float32Array)) {
      throw refuse(`${path} must be ${weights.dtype}`, stored.dtype);
    }
    tensors.push([path, { shape, data }]);
  }
  const parameters = tensors.reduce((sum, [, { data }]) => sum + data.length, 0);
  if (tensors.length !== weights.tensors || parameters !== weights.parameters) {
    const need = `${MODEL} must have ${weights.tensors} tensors of ${weights.parameters} parameters`;
    throw refuse(need, `${tensors.length} of ${parameters}`);
  }
  return { config, tensors: Object.fromEntries(tensors), sha256 };
}

function parseConfig(bytes: Uint8Array, folder: string) {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new SyntaxError(`Cannot load weights at ${folder}: ${CONFIG} must be JSON, got text that is not`);
  }
  const parsed = z.looseObject({ weights: WEIGHTS }).safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new SyntaxError(
    `Cannot load weights at ${folder}: ${CONFIG} must tell its weights, got ${
      issue?.path.join(".")
    }: ${issue?.message}`,
  );
}

function hash(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function readFile(path: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    throw createFileError("load weights", path, error);
  }
}
