import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";

const CONFIG = fileURLToPath(new URL("../offline/deno.json", import.meta.url));

/** A Jupyter that says too much, and ends. */
const BABBLER = `#!/bin/sh
[ "$1" = --version ] && exit 0
echo "cannot use the token $JUPYTER_TOKEN" >&2
exit 1
`;

Deno.test("startServer() says what a server said that did not come up, and what to install where there is none", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/jupyter-server`, BABBLER, { mode: 0o755 });
    const code = `import { startServer } from "${new URL("../../lib/jupyter/mod.ts", import.meta.url)}";
      const sayWhy = (error) => console.log(error.name, error.message.replace(/:\\d+/, ""));
      await startServer().catch(sayWhy);
      console.log([...Deno.readDirSync("${folder}")].map(({ name }) => name).join());
      Deno.env.set("PATH", "/nowhere");
      await startServer().catch(sayWhy);`;
    await Deno.writeTextFile(`${folder}/main.ts`, code);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "--config", CONFIG, "--allow-all", `${folder}/main.ts`],
      env: { NO_COLOR: "1", PATH: folder, TMPDIR: folder },
    }).output();
    const [said, complained] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assertEquals([said?.split("\n"), complained], [[
      "TimedOut Cannot start Jupyter Server: it must answer at http://127.0.0.1/, got: cannot use the token ...",
      "jupyter-server,main.ts",
      "NotFound Cannot start Jupyter: one must be installed, got none. Install it: pip install jupyterlab (or, on Debian: " +
      "apt-get install jupyter-notebook)",
      "",
    ], ""]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
