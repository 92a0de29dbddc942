import * as ort from "onnxruntime-node";
import { findCudaAdapter } from "./_cuda_adapter.ts";
import { type Adapter, findVulkanAdapter } from "./_vulkan_adapters.ts";
import type { DeviceName, Obstacle } from "./device.ts";

/**
 * Finds what would do the work of a device, or what is in the way, without ONNX Runtime: its providers print warnings
 * of their own, and their errors do not say what to do.
 */
export async function findAdapter(device: DeviceName): Promise<Adapter | Obstacle> {
  if (device === "cpu") return { name: countThreads(navigator.hardwareConcurrency), isSoftware: false };
  const { os, arch } = Deno.build;
  if (!ort.listSupportedBackends().some(({ name }) => name === device)) {
    return {
      reason: `onnxruntime-node ${ort.env.versions.node} has no ${device} for ${os} on ${arch}`,
      remedy: "use another device",
    };
  }
  if (device === "cuda") return await findCudaAdapter();
  return os === "linux" ? findVulkanAdapter() : await findWebAdapter();
}

/** Elsewhere WebGPU is part of the system, and Deno's own finds what ONNX Runtime's will find. */
async function findWebAdapter(): Promise<Adapter | Obstacle> {
  const info = (await navigator.gpu.requestAdapter({ powerPreference: "high-performance" }))?.info;
  if (info === undefined) {
    return { reason: "no graphics adapter is found", remedy: "install your graphics card's driver" };
  }
  return { name: info.description || info.vendor || "unnamed", isSoftware: info.isFallbackAdapter };
}

function countThreads(count: number): string {
  return count === 1 ? "1 thread" : `${count} threads`;
}
