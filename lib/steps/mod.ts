/** The five steps: tokenize, schedule, fill, update the pool, decode. */
export * from "./choose_batch_size.ts";
export { scheduleOrder } from "../direction/mod.ts";
export { decode } from "./decode.ts";
export { decodeTiles } from "./decode_tiles.ts";
export * from "./fill_canvas.ts";
export * from "./fill_patch.ts";
export {
  type Activation,
  type Activations,
  inspectPatch,
  type InspectPatchOptions,
  type PatchInspection,
} from "./inspect_patch.ts";
export { compileInspector, type Inspector, type InspectorOptions } from "./inspector.ts";
export * from "./intervene.ts";
export { type LoadedModel, loadModel } from "./load_model.ts";
export {
  assertLocalDecoder,
  DEFAULT_STEPS,
  LOCAL_DECODERS,
  type LocalDecoder,
  type LocalDecoderName,
} from "./local_decoder.ts";
export { compilePatchModel, type PatchModel, type PatchModelOptions } from "./patch_model.ts";
export * from "./place_patches.ts";
export { encodePrompt, type Prompt } from "./prompt.ts";
export { type TilingOptions, tokenize } from "./tokenize.ts";
export * from "./trace_patch.ts";
export { createTokenizer, type TileDirection, type Tokenizer, type TokenizerOptions } from "./tokenizer.ts";
export * from "./update_context_pool.ts";
