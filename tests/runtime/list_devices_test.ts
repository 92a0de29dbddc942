import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { numpy as np } from "@jax-js/jax";
import { createTensor } from "../../lib/core/mod.ts";
import { compile, type DeviceName, type DeviceStatus, listDevices } from "../../lib/runtime/mod.ts";
import { explainFailure, pickFastest } from "../../lib/runtime/list_devices.ts";

const X = createTensor([2], Float32Array.of(1, 2));

Deno.test("listDevices() says of every device that it works, or why not and what to do", async () => {
  const { devices, auto } = await listDevices();
  assertEquals(devices.map(({ device }) => device), ["cpu", "webgpu", "cuda"]);
  assertEquals(devices[0]?.isUsable, true);
  assert(devices.find(({ device }) => device === auto)?.isUsable, `auto takes ${auto}`);
  for (const { device, isUsable, obstacle, adapter } of devices) {
    assertEquals(isUsable, obstacle === undefined, device);
    assert(isUsable ? adapter !== undefined : obstacle?.reason !== "" && obstacle?.remedy !== "", device);
  }
});

Deno.test("compile() uses what listDevices() promises, and refuses the rest with its reason", async () => {
  const { devices, auto } = await listDevices();
  const double = (x: np.Array) => np.add(x.ref, x);
  for (const { device, obstacle } of devices) {
    if (obstacle !== undefined) {
      const { message } = await assertRejects(() => compile(double, [X], { device }), RangeError);
      const expected = `Cannot compile function: device must be one that works here, got ${device}: `;
      assertEquals(message, `${expected}${obstacle.reason} (${obstacle.remedy})`);
      continue;
    }
    const compiled = await compile(double, [X], { device });
    assertEquals([compiled.stats.device, ...(await compiled(X)).data], [device, 2, 4]);
    await compiled.dispose();
  }
  const compiled = await compile(double, [X]);
  assertEquals(compiled.stats.device, auto);
  await compiled.dispose();
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
