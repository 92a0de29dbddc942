import { assertEquals, assertStringIncludes } from "@std/assert";
import { runTask } from "./_run_task.ts";

Deno.test("lab says how to install Jupyter where there is none", async () => {
  const empty = await Deno.makeTempDir();
  try {
    const { code, stderr } = await runTask("lab", ["--folder", empty], { PATH: empty });
    assertEquals(code, 2);
    assertStringIncludes(
      stderr,
      "Cannot start Jupyter: one must be installed, got none. Install it: pip install jupyterlab",
    );
  } finally {
    await Deno.remove(empty);
  }
});
