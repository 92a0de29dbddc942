/**
 * NUWA-Infinity as composable steps: tokenize, schedule an order, fill patches, update the context pool, decode.
 *
 * @module
 */
export * from "./lib/core/mod.ts";
export * from "./lib/context_pool/mod.ts";
export * from "./lib/direction/mod.ts";
export * from "./lib/media/mod.ts";
export * from "./lib/metrics/mod.ts";
export * from "./lib/runtime/mod.ts";
