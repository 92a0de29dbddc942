/** Whole tasks on top of the five steps. */
export * from "./generate.ts";
