/** Where a compiled function runs. */
export type Device = "cpu" | "webgpu" | "cuda" | "auto";

/** The devices that "auto" tries, fastest first. */
const AUTOMATIC: readonly Device[] = ["cuda", "cpu"];

/** Devices to try in order; only "auto" has more than one. */
export function candidateDevices(device: Device): readonly Device[] {
  if (device === "auto") return AUTOMATIC;
  if (device === "cpu" || device === "webgpu" || device === "cuda") return [device];
  throw new RangeError(
    `Cannot compile function: device must be one of auto, cpu, cuda, webgpu, got ${device}`,
  );
}
