/**
 * Layers as pure jax-js functions over trees of parameters, and their starting values. Parameters are `type`s, not
 * interfaces, because only those are accepted as a `Tree`.
 */
export * from "./activations.ts";
export * from "./attention.ts";
export * from "./conv.ts";
export * from "./feed_forward.ts";
export * from "./initializers.ts";
export * from "./linear.ts";
export * from "./norm.ts";
export * from "./rotary.ts";
