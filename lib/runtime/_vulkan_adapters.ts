import type { Obstacle } from "./device.ts";

/** A graphics card, or a program that stands in for one. */
export interface Adapter {
  /** As the driver calls it. */
  readonly name: string;
  /** Whether the CPU does the work. */
  readonly isSoftware: boolean;
}

/** What to install where no graphics card works. */
export const SOFTWARE_DRIVER = "to only try it, install a software driver " +
  "(Debian: apt-get install libvulkan1 chromium-common) and set " +
  "VK_DRIVER_FILES=/usr/lib/chromium/vk_swiftshader_icd.json";

const FUNCTIONS = {
  vkCreateInstance: { parameters: ["buffer", "pointer", "buffer"], result: "i32" },
  vkEnumeratePhysicalDevices: { parameters: ["pointer", "buffer", "buffer"], result: "i32" },
  vkGetPhysicalDeviceProperties: { parameters: ["pointer", "buffer"], result: "void" },
  vkDestroyInstance: { parameters: ["pointer", "pointer"], result: "void" },
} as const;

/**
 * Asks the Vulkan loader for its adapters, best first: ONNX Runtime's WebGPU works through Vulkan on Linux, and says
 * neither what it uses nor what it lacks.
 */
export function findVulkanAdapter(): Adapter | Obstacle {
  let vulkan: Deno.DynamicLibrary<typeof FUNCTIONS>;
  try {
    vulkan = Deno.dlopen("libvulkan.so.1", FUNCTIONS); // stays open: drivers do not like to be unloaded
  } catch {
    return {
      reason: "the Vulkan loader libvulkan.so.1 is missing",
      remedy: `install libvulkan1 and your graphics card's driver; ${SOFTWARE_DRIVER}`,
    };
  }
  const [best] = listAdapters(vulkan.symbols);
  return best ?? {
    reason: "Vulkan finds no driver",
    remedy: `install your graphics card's driver, or name it in VK_DRIVER_FILES; ${SOFTWARE_DRIVER}`,
  };
}

/** Sizes and offsets are those of vulkan_core.h for 64 bits. */
const CREATE_INFO_BYTES = 64, PROPERTIES_BYTES = 824, TYPE_OFFSET = 16, NAME_OFFSET = 20, NAME_BYTES = 256;
/** VK_PHYSICAL_DEVICE_TYPE: discrete, integrated, virtual, other, CPU. */
const BEST_FIRST = [2, 1, 3, 0, 4], CPU_TYPE = 4;

function listAdapters(vulkan: Deno.DynamicLibrary<typeof FUNCTIONS>["symbols"]): Adapter[] {
  const createInfo = new Uint32Array(CREATE_INFO_BYTES / 4);
  createInfo[0] = 1; // VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO
  const handle = new BigUint64Array(1), count = new Uint32Array(1);
  if (vulkan.vkCreateInstance(createInfo, null, handle) !== 0) return [];
  const instance = Deno.UnsafePointer.create(handle[0] ?? 0n);
  try {
    if (vulkan.vkEnumeratePhysicalDevices(instance, count, null) !== 0) return [];
    const devices = new BigUint64Array(count[0] ?? 0);
    if (vulkan.vkEnumeratePhysicalDevices(instance, count, devices) !== 0) return [];
    const found = Array.from(devices, (device) => {
      const properties = new Uint8Array(PROPERTIES_BYTES);
      vulkan.vkGetPhysicalDeviceProperties(Deno.UnsafePointer.create(device), properties);
      const type = new DataView(properties.buffer).getUint32(TYPE_OFFSET, true);
      return { type, name: readName(properties.subarray(NAME_OFFSET, NAME_OFFSET + NAME_BYTES)) };
    });
    found.sort((a, b) => BEST_FIRST.indexOf(a.type) - BEST_FIRST.indexOf(b.type));
    return found.map(({ type, name }) => ({ name, isSoftware: type === CPU_TYPE }));
  } finally {
    vulkan.vkDestroyInstance(instance, null);
  }
}

/** A text in C, up to its zero. */
export function readName(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(bytes.subarray(0, end < 0 ? bytes.length : end));
}
