import { createTensor, type Tensor } from "../core/mod.ts";
import { tokenizeText } from "../models/mod.ts";
import type { PatchModel } from "./patch_model.ts";

/** A text as the patch model reads it, encoded once for all patches. */
export interface Prompt {
  /** As it was given; none for a picture of anything. */
  readonly text: string | undefined;
  /** States and bias of every stream: `[streams, S, d]`, `[streams, S]`. */
  readonly encoded: { readonly states: Tensor; readonly bias: Tensor };
  /** Sentences for the user, e.g. about words that the model does not know. */
  readonly warnings: readonly string[];
}

/**
 * Encodes a text for `fillPatch`. With guidance the second stream reads "no text".
 *
 * @param text Leave it out for a picture of anything.
 * @throws {RangeError} If the text is longer than 10,000 characters.
 */
export async function encodePrompt(patchModel: PatchModel, text: string | undefined): Promise<Prompt> {
  const { config: { text: config, vocabulary: words = [] } } = patchModel.model;
  const length = config?.maxLength ?? 1;
  const tokens = tokenizeText({ words }, length, text);
  const without = tokenizeText({ words }, length, undefined);
  const streams = [tokens, without].slice(0, patchModel.numStreams);
  const ids = Int32Array.from(streams.flatMap((stream) => [...stream.ids]));
  const warnings = config === undefined
    ? (tokens.ids[0] === without.ids[0] ? [] : ["the model takes no text; the prompt has no effect"])
    : [
      ...(tokens.unknown.length > 0
        ? [`words that the model does not know: ${tokens.unknown.slice(0, 20).join(", ")}`]
        : []),
      ...(tokens.truncated ? [`the text is longer than ${length} words; the rest is left out`] : []),
    ];
  return {
    text,
    encoded: await patchModel.encodeText(createTensor([streams.length, length], ids)),
    warnings,
  };
}
