/** A device that compiled functions can run on. */
export type DeviceName = "cpu" | "webgpu" | "cuda";

/**
 * Where to run; "auto" takes the fastest device that works.
 *
 * Use "webgpu" from one thread only: ONNX Runtime 1.30 crashes when Workers run it side by side
 * (microsoft/onnxruntime#32561).
 */
export type Device = DeviceName | "auto";

/** Every device, in the order in which they are listed. */
export const DEVICE_NAMES: readonly DeviceName[] = ["cpu", "webgpu", "cuda"];

/**
 * Checks the name of a device.
 *
 * @throws {RangeError} If there is no such device.
 */
export function assertDevice(device: string): asserts device is Device {
  if (device === "auto" || DEVICE_NAMES.some((name) => name === device)) return;
  throw new RangeError(
    `Cannot compile function: device must be one of auto, cpu, cuda, webgpu, got ${device}`,
  );
}

/** Why a device cannot be used, and what to do about it. */
export interface Obstacle {
  /** What is missing or failed. */
  readonly reason: string;
  /** What helps. */
  readonly remedy: string;
}
