/** The five steps: tokenize, schedule, fill, update the pool, decode. */
export { decode } from "./decode.ts";
export { type TilingOptions, tokenize } from "./tokenize.ts";
export { createTokenizer, type Tokenizer, type TokenizerOptions } from "./tokenizer.ts";
