/** Records and small functions that every folder shares. */
export * from "./grid.ts";
export * from "./philox.ts";
export * from "./picture.ts";
export * from "./pixels.ts";
export * from "./tensor.ts";
export * from "./tree.ts";
