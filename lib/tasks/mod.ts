/** Whole tasks on top of the five steps. */
export * from "./canvas_layout.ts";
export * from "./generate.ts";
