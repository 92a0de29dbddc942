import type { Graph } from "../onnx/mod.ts";
import { openSession, type Session } from "./_open_session.ts";
import { assertDevice, type Device, type DeviceName, type Obstacle } from "./device.ts";
import { findAdapter } from "./find_adapter.ts";
import { chooseDevice, explainFailure } from "./list_devices.ts";

/** How a session runs. */
export interface SessionOptions {
  /**
   * Where to run. "auto" takes the fastest device that works; any other is used or refused, never replaced.
   * @default "auto"
   */
  readonly device?: Device;
  /**
   * Threads for one run.
   * @default all cores
   */
  readonly numThreads?: number;
}

/**
 * Loads a graph into ONNX Runtime.
 *
 * @throws {RangeError} If the device does not exist or cannot be used here: says why, and what to do about it.
 */
export async function createSession(graph: Graph, options: SessionOptions = {}): Promise<Session> {
  const { device: wanted = "auto", numThreads } = options;
  assertDevice(wanted);
  const device = wanted === "auto" ? await chooseDevice() : wanted;
  if (device === "cpu") return await openSession(graph, device, numThreads);
  const adapter = await findAdapter(device);
  if ("reason" in adapter) throw refuse(device, adapter);
  try {
    return await openSession(graph, device, numThreads);
  } catch (error) {
    if (wanted === "auto") return await openSession(graph, "cpu", numThreads);
    throw refuse(device, explainFailure(device, error));
  }
}

function refuse(device: DeviceName, { reason, remedy }: Obstacle): RangeError {
  return new RangeError(
    `Cannot compile function: device must be one that works here, got ${device}: ${reason} (${remedy})`,
  );
}
