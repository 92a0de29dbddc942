import * as ort from "onnxruntime-node";
import { type Adapter, readName } from "./_vulkan_adapters.ts";
import type { Obstacle } from "./device.ts";

/** What ONNX Runtime's CUDA provider links, and what holds it. */
const LIBRARIES: readonly (readonly [file: string, holder: string])[] = [
  ["libcudart.so.12", "CUDA 12"],
  ["libcublas.so.12", "CUDA 12"],
  ["libcublasLt.so.12", "CUDA 12"],
  ["libcurand.so.10", "CUDA 12"],
  ["libcufft.so.11", "CUDA 12"],
  ["libcudnn.so.9", "cuDNN 9"],
];

const FUNCTIONS = {
  cuInit: { parameters: ["u32"], result: "i32" },
  cuDeviceGet: { parameters: ["buffer", "i32"], result: "i32" },
  cuDeviceGetName: { parameters: ["buffer", "i32", "i32"], result: "i32" },
} as const;

/** Asks NVIDIA's driver for its first card, and looks for the libraries that ONNX Runtime needs besides. */
export async function findCudaAdapter(): Promise<Adapter | Obstacle> {
  const name = findCard();
  if (typeof name !== "string") return name;
  const provider = new URL(
    "../bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so",
    import.meta.resolve("onnxruntime-node"),
  );
  if (await Deno.stat(provider).catch(() => undefined) === undefined) {
    return {
      reason: "ONNX Runtime's CUDA provider is not installed",
      remedy: `run deno run -A npm:onnxruntime-node@${ort.env.versions.node}/script/install.js ` +
        "--onnxruntime-node-install=cuda12",
    };
  }
  const missing = LIBRARIES.filter(([file]) => !isLoadable(file));
  if (missing.length === 0) return { name, isSoftware: false };
  return {
    reason: `${missing.map(([file]) => file).join(", ")} cannot be loaded`,
    remedy: `install ${[...new Set(missing.map(([, holder]) => holder))].join(" and ")}, ` +
      "or name their folders in LD_LIBRARY_PATH",
  };
}

/** The name of the first card. */
function findCard(): string | Obstacle {
  let cuda: Deno.DynamicLibrary<typeof FUNCTIONS>;
  try {
    cuda = Deno.dlopen("libcuda.so.1", FUNCTIONS); // stays open: drivers do not like to be unloaded
  } catch {
    return {
      reason: "NVIDIA's driver library libcuda.so.1 is missing",
      remedy: "install NVIDIA's driver, if the machine has an NVIDIA card",
    };
  }
  const { cuInit, cuDeviceGet, cuDeviceGetName } = cuda.symbols;
  const status = cuInit(0), device = new Int32Array(1), name = new Uint8Array(256);
  if (status !== 0 || cuDeviceGet(device, 0) !== 0) {
    return {
      reason: `NVIDIA's driver finds no card (cuInit gives ${status})`,
      remedy: "check that nvidia-smi lists one, and that CUDA_VISIBLE_DEVICES does not hide it",
    };
  }
  cuDeviceGetName(name, name.length, device[0] ?? 0);
  return readName(name);
}

function isLoadable(file: string): boolean {
  try {
    Deno.dlopen(file, {}); // stays open: the provider is about to want it
    return true;
  } catch {
    return false;
  }
}
