import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import type { numpy as np } from "@jax-js/jax";
import { createTensor } from "../../lib/core/mod.ts";
import { findAdapter } from "../../lib/runtime/find_adapter.ts";
import { compile, type DeviceName, type DeviceStatus } from "../../lib/runtime/mod.ts";
import { explainFailure, pickFastest } from "../../lib/runtime/list_devices.ts";

const X = createTensor([2], Float32Array.of(1, 2));

// What runs on webgpu is tested in webgpu_test.ts, in a process of its own.
Deno.test("findAdapter() and compile() say why a device does not work, and what to do", async () => {
  assertMatch(JSON.stringify(await findAdapter("cpu")), /^\{"name":"\d+ threads?","isSoftware":false\}$/);
  for (const device of ["webgpu", "cuda"] as const) {
    const adapter = await findAdapter(device);
    if ("name" in adapter) continue;
    const { reason, remedy } = adapter;
    assert(reason !== "" && remedy !== "");
    await assertRejects(
      () => compile((x: np.Array) => x, [X], { device }),
      RangeError,
      `Cannot compile function: device must be one that works here, got ${device}: ${reason} (${remedy})`,
    );
  }
});

Deno.test("pickFastest() takes cuda, then a graphics card that beats the CPU, never software", () => {
  const works = (device: DeviceName, milliseconds: number): DeviceStatus => {
    return { device, isUsable: true, isSoftware: false, adapter: "a", milliseconds };
  };
  const cpu = works("cpu", 2);
  const broken: DeviceStatus = {
    device: "cuda",
    isUsable: false,
    isSoftware: false,
    obstacle: { reason: "r", remedy: "s" },
  };
  assertEquals(pickFastest([cpu]), "cpu");
  assertEquals(pickFastest([cpu, works("webgpu", 1), works("cuda", 9)]), "cuda");
  assertEquals(pickFastest([cpu, works("webgpu", 1), broken]), "webgpu");
  assertEquals(pickFastest([cpu, works("webgpu", 3), broken]), "cpu");
  assertEquals(pickFastest([cpu, { ...works("webgpu", 1), isSoftware: true }]), "cpu");
});

Deno.test("explainFailure() keeps what is wrong of ONNX Runtime's words", () => {
  // As onnxruntime-node 1.30.0 refuses the software driver of Mesa 22.3.6.
  const message = "/onnxruntime_src/onnxruntime/core/providers/webgpu/webgpu_context.cc:136 " +
    "onnxruntime::webgpu::WebGpuContext::Initialize(const onnxruntime::webgpu::WebGpuContextConfig&)::<lambda()> " +
    "adapter_result.status == wgpu::RequestAdapterStatus::Success was false. " +
    "Failed to get a WebGPU adapter: No supported adapters\n";
  const { reason, remedy } = explainFailure("webgpu", new Error(message));
  assertEquals(reason, "Failed to get a WebGPU adapter: No supported adapters");
  assertStringIncludes(remedy, "driver");
  assertEquals(explainFailure("cuda", "a".repeat(999)).reason, `${"a".repeat(200)}…`);
});
