/** Compiling jax-js functions for ONNX Runtime, and running them. */
export { UnsupportedPrimitiveError } from "../onnx/mod.ts";
export { compile, type Compiled, type CompileOptions, type CompileStats, type TensorsOf } from "./compile.ts";
export type { Device } from "./device.ts";
export type { SessionOptions } from "./session.ts";
