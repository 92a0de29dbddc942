import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import OFFLINE from "../offline/deno.json" with { type: "json" };
import { checkNotebook } from "./check_notebook.ts";
import { formatCode } from "./format_code.ts";
import { formatNotebook, joinCode, listNotebooks, NOTEBOOKS_FOLDER, parseNotebook } from "./notebook.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** All notebooks by their names. */
const NOTEBOOKS = listNotebooks().map((name) => {
  const text = Deno.readTextFileSync(`${NOTEBOOKS_FOLDER}/${name}.ipynb`);
  return { name, text, notebook: parseNotebook(text, name) };
});

Deno.test("notebooks keep to the house rules", () => {
  const complaints = NOTEBOOKS.flatMap(({ name, notebook }) =>
    checkNotebook(notebook, ROOT.slice(0, -1)).map((complaint) => `${name} ${complaint}`)
  );
  assertEquals(complaints, []);
});

Deno.test("notebooks are formatted as deno task notebooks leaves them", async () => {
  for (const { name, notebook, text } of NOTEBOOKS) {
    assertEquals(await formatCode(formatNotebook(notebook)) === text, true, `${name} is not formatted`);
  }
});

/** Cells are for reading: an element of a list is taken to be there. */
const COMPILER_OPTIONS = { ...OFFLINE.compilerOptions, noUncheckedIndexedAccess: false };

Deno.test("the code of every notebook fits the toolkit's types", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const { "@std/assert": _, "nuwa-infinity": toolkit, ...imports } = OFFLINE.imports;
    const map = {
      ...imports,
      "nuwa-infinity": new URL(toolkit, new URL("../offline/", import.meta.url)).href,
    };
    const config = { imports: map, lock: false, compilerOptions: COMPILER_OPTIONS };
    await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify(config));
    for (const { name, notebook } of NOTEBOOKS) {
      await Deno.writeTextFile(`${folder}/${name}.ts`, `${joinCode(notebook)}\nexport {};\n`);
    }
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--quiet", "--config", `${folder}/deno.json`, `${folder}/`],
      env: { NO_COLOR: "1" },
      stdout: "null",
      stderr: "piped",
    }).output();
    assertEquals({ success, errors: success ? "" : new TextDecoder().decode(stderr) }, {
      success: true,
      errors: "",
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
