/** Training: losses, AdamW, the loop, checkpoints, recipes. */
export * from "./adamw.ts";
export * from "./canvas_batches.ts";
export * from "./compile_training_step.ts";
export * from "./losses.ts";
export * from "./recipe_config.ts";
export * from "./revive_codes.ts";
export * from "./schedule.ts";
export * from "./token_batches.ts";
export * from "./train_decoder.ts";
export * from "./train_loop.ts";
export * from "./train_tokenizer.ts";
export * from "./train_transformer.ts";
export * from "./training.ts";
export * from "./training_folder.ts";
export * from "./likelihood.ts";
