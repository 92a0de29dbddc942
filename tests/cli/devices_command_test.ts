import { assertEquals, assertStringIncludes } from "@std/assert";
import { createDevicesCommand } from "../../lib/cli/devices_command.ts";
import type { DeviceList } from "../../lib/runtime/mod.ts";
import { capturePrinted } from "./_fake_runner.ts";
import { runTask } from "./_run_task.ts";

const LIST: DeviceList = {
  auto: "cpu",
  devices: [
    { device: "cpu", isUsable: true, adapter: "2 threads", isSoftware: false, milliseconds: 1.25 },
    { device: "webgpu", isUsable: true, adapter: "SwiftShader", isSoftware: true },
    {
      device: "cuda",
      isUsable: false,
      isSoftware: false,
      obstacle: { reason: "the driver is missing", remedy: "install it" },
    },
  ],
};

Deno.test("devices prints what works, and for the rest why not and what to do", async () => {
  const run = (args: readonly string[]) =>
    capturePrinted(() =>
      createDevicesCommand(() => Promise.resolve(LIST)).parseAsync(args, { from: "user" })
    );
  assertEquals(
    await run([]),
    `cpu     works: 2 threads; a small graph takes 1.3 ms; what auto takes
webgpu  works: SwiftShader; software: slow, for tests
cuda    does not work: the driver is missing
        what to do: install it
`,
  );
  assertEquals(JSON.parse(await run(["--json"])), {
    auto: "cpu",
    devices: [
      { device: "cpu", usable: true, adapter: "2 threads", software: false, milliseconds: 1.25 },
      { device: "webgpu", usable: true, adapter: "SwiftShader", software: true },
      {
        device: "cuda",
        usable: false,
        software: false,
        reason: "the driver is missing",
        remedy: "install it",
      },
    ],
  });
});

Deno.test("devices runs with the permissions of its task", async () => {
  const { code, stdout, stderr } = await runTask("devices", ["--json"], { VK_DRIVER_FILES: "/nowhere" });
  assertEquals([code, stderr], [0, ""]);
  const { auto, devices } = JSON.parse(stdout);
  assertEquals(devices.map(({ device }: { device: string }) => device), ["cpu", "webgpu", "cuda"]);
  assertEquals(devices.find(({ device }: { device: string }) => device === auto)?.usable, true);
  if (Deno.build.os === "linux") assertStringIncludes(devices[1].reason, "Vulkan");
});
