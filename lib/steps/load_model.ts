import { assertTensors, loadWeights } from "../media/mod.ts";
import { buildModel, type Model, modelShapes, parseModelConfig } from "../models/mod.ts";

/** A model from a folder, and which one it is. */
export interface LoadedModel {
  /** Its config and its parameters, in host memory. */
  readonly model: Model;
  /** SHA-256 of its parameters' file, in hexadecimal. */
  readonly sha256: string;
}

/**
 * Loads a model from a weights folder; sizes, dtypes and the hash are checked first.
 *
 * @throws {SyntaxError} If a file is torn, or not what the config says.
 * @throws {TypeError} If a parameter is missing, too many, or of another shape.
 * @throws {FileError} If a file cannot be read.
 */
export async function loadModel(folder: string): Promise<LoadedModel> {
  const { config: json, tensors, sha256 } = await loadWeights(folder);
  const config = parseModelConfig(json, `${folder}/config.json`);
  assertTensors(tensors, modelShapes(config), folder);
  return { model: buildModel(config, tensors), sha256 };
}
