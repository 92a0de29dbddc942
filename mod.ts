/**
 * NUWA-Infinity as composable steps: tokenize, schedule an order, fill patches, update the context pool, decode.
 *
 * @module
 */
export * from "./lib/core/mod.ts";
