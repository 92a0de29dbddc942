/** The tokenizer (VQGAN), the text encoder and the patch transformer: configs, parameters, pure functions. */
export * from "./canvas_logits.ts";
export * from "./canvas_mask.ts";
export * from "./context_memory.ts";
export * from "./decode_layer.ts";
export * from "./decode_patch.ts";
export * from "./discriminator.ts";
export * from "./encode_patch.ts";
export * from "./model.ts";
export * from "./model_config.ts";
export * from "./patch_transformer.ts";
export * from "./patch_transformer_config.ts";
export * from "./patch_transformer_parameters.ts";
export * from "./sample_token.ts";
export * from "./text_encoder.ts";
export * from "./vocabulary.ts";
export * from "./vqgan.ts";
export * from "./vqgan_config.ts";
