/** The Nearby Context Pool: select, add, remove. */
export * from "./add_to_pool.ts";
export * from "./context_pool.ts";
export * from "./remove_unused.ts";
export * from "./select_context.ts";
