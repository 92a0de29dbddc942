import { assertEquals, assertLess, assertNotEquals } from "@std/assert";
import { findAdapter } from "../../lib/runtime/find_adapter.ts";
import type { Report } from "./_webgpu_child.ts";

/** Debian's chromium-common has a Vulkan driver that needs no graphics card. */
const SWIFTSHADER = "/usr/lib/chromium/vk_swiftshader_icd.json";
const ROOT = new URL("../../", import.meta.url);

/** What to add to the environment so that webgpu finds an adapter, or what is in the way. */
async function findDriver(): Promise<Record<string, string> | { reason: string; remedy: string }> {
  const adapter = await findAdapter("webgpu");
  if ("name" in adapter) return {};
  const isThere = Deno.build.os === "linux" && await Deno.stat(SWIFTSHADER).catch(() => undefined);
  return isThere ? { VK_DRIVER_FILES: SWIFTSHADER } : adapter;
}

const driver = await findDriver();
const obstacle = "reason" in driver ? ` (${driver.reason}; ${driver.remedy})` : "";

// .ci/run installs a driver and takes an ignored test for a failed one.
Deno.test({
  name: `webgpu gives what cpu gives within 1e-3 of the largest value${obstacle}`,
  ignore: obstacle !== "",
  async fn(t) {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--no-prompt", "--config", "tests/offline/deno.json"],
        ...["--allow-read", "--allow-env", "--allow-ffi", "--allow-sys=homedir"],
        "tests/runtime/_webgpu_child.ts",
      ],
      cwd: ROOT,
      env: { NO_COLOR: "1", ..."reason" in driver ? {} : driver },
    }).output();
    const decoder = new TextDecoder();
    assertEquals(code, 0, decoder.decode(stderr));
    const { list, errors }: Report = JSON.parse(decoder.decode(stdout));
    await t.step("listDevices() finds it, and auto takes it only if it is no software", () => {
      const webgpu = list.devices.find(({ device }) => device === "webgpu");
      assertEquals([webgpu?.isUsable, webgpu?.obstacle], [true, undefined]);
      if (webgpu?.isSoftware) assertNotEquals(list.auto, "webgpu");
    });
    assertEquals(Object.keys(errors).length, 11);
    for (const [name, error] of Object.entries(errors)) {
      await t.step(name, () => assertLess(error ?? Infinity, 1e-3));
    }
  },
});
