import { probeDevice } from "./_probe_device.ts";
import { SOFTWARE_DRIVER } from "./_vulkan_adapters.ts";
import { DEVICE_NAMES, type DeviceName, type Obstacle } from "./device.ts";
import { findAdapter } from "./find_adapter.ts";

/** A device as it was found: used by running a small graph on it. */
export interface DeviceStatus {
  /** What `device` options call it. */
  readonly device: DeviceName;
  /** Whether a small graph ran on it and gave the right result. */
  readonly isUsable: boolean;
  /** What does the work, e.g. the name of the graphics card; absent where nothing was found. */
  readonly adapter?: string;
  /** Whether the adapter is a program that plays a graphics card on the CPU: good for tests, slow. */
  readonly isSoftware: boolean;
  /** What a run of the small graph took; absent for software, which gets a smaller one, and where it did not run. */
  readonly milliseconds?: number;
  /** Why it cannot be used, and what to do about it; absent where it can be used. */
  readonly obstacle?: Obstacle;
}

/** What there is to compute on. */
export interface DeviceList {
  /** Every device: cpu, webgpu, cuda. */
  readonly devices: readonly DeviceStatus[];
  /** The one that "auto" takes. */
  readonly auto: DeviceName;
}

/**
 * Tries every device with a small graph.
 *
 * @returns What can be used, why the rest cannot, and what "auto" takes.
 *
 * @example Usage
 * ```ts ignore
 * import { listDevices } from "nuwa-infinity";
 * const { devices, auto } = await listDevices();
 * for (const { device, isUsable, obstacle } of devices) console.log(device, isUsable, obstacle?.reason ?? "");
 * ```
 */
export async function listDevices(): Promise<DeviceList> {
  const devices: DeviceStatus[] = [];
  for (const device of DEVICE_NAMES) devices.push(await tryDevice(device));
  return { devices, auto: pickFastest(devices) };
}

/**
 * The device that "auto" stands for: CUDA where it works; else WebGPU, if a graphics card does the work and did the
 * small graph faster than the CPU; else the CPU.
 */
export function pickFastest(devices: readonly DeviceStatus[]): DeviceName {
  const timeOf = (name: DeviceName) => {
    const status = devices.find(({ device }) => device === name);
    return status?.isUsable && !status.isSoftware ? status.milliseconds ?? Infinity : Infinity;
  };
  if (timeOf("cuda") < Infinity) return "cuda";
  return timeOf("webgpu") < timeOf("cpu") ? "webgpu" : "cpu";
}

let chosen: Promise<DeviceName> | undefined;

/** Finds once what "auto" stands for; where there is no graphics card, nothing is run for it. */
export function chooseDevice(): Promise<DeviceName> {
  return chosen ??= (async () => {
    const devices: DeviceStatus[] = [];
    for (const device of ["cuda", "webgpu"] as const) {
      const adapter = await findAdapter(device);
      if ("name" in adapter && !adapter.isSoftware) devices.push(await tryDevice(device));
    }
    return devices.length === 0 ? "cpu" : pickFastest([...devices, await tryDevice("cpu")]);
  })();
}

async function tryDevice(device: DeviceName): Promise<DeviceStatus> {
  const adapter = await findAdapter(device);
  if ("reason" in adapter) return { device, isUsable: false, isSoftware: false, obstacle: adapter };
  const { name, isSoftware } = adapter;
  const status = { device, adapter: name, isSoftware };
  try {
    const milliseconds = await probeDevice(device, isSoftware ? 1 : 16);
    return { ...status, isUsable: true, ...(isSoftware ? {} : { milliseconds }) };
  } catch (error) {
    return { ...status, isUsable: false, obstacle: explainFailure(device, error) };
  }
}

/** What is in the way, from an error. */
export function explainFailure(device: DeviceName, error: unknown): Obstacle {
  const message = error instanceof Error ? error.message : String(error);
  // ONNX Runtime writes "<its source> <the failed condition> was false. <what is wrong>".
  const [line = ""] = message.replace(/^[\s\S]* was false\. /, "").split("\n");
  const reason = line.length > 200 ? `${line.slice(0, 200)}…` : line;
  const remedy = device === "cuda"
    ? "check that driver, CUDA 12 and cuDNN 9 fit together"
    : `update the graphics card's driver; ${SOFTWARE_DRIVER}`;
  return { reason, remedy };
}
