/** Compiling jax-js functions for ONNX Runtime, and running them. */
export { UnsupportedPrimitiveError } from "../onnx/mod.ts";
export { compile, type Compiled, type CompileOptions, type CompileStats, type TensorsOf } from "./compile.ts";
export { compileLoop, type Loop, type LoopResult, type LoopStart, type LoopStep } from "./compile_loop.ts";
export type { Device, DeviceName, Obstacle } from "./device.ts";
export { type DeviceList, type DeviceStatus, listDevices } from "./list_devices.ts";
export { type Precision, PRECISIONS } from "./precision.ts";
export type { SessionOptions } from "./session.ts";
