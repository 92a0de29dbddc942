import { assertEquals } from "@std/assert";
import * as standIn from "@std/assert";

const ROOT = new URL("../../", import.meta.url);

interface Config {
  readonly imports: Readonly<Record<string, string>>;
  readonly compilerOptions: Readonly<Record<string, unknown>>;
}

function readConfig(path: string): Config {
  return JSON.parse(Deno.readTextFileSync(new URL(path, ROOT)));
}

/** The TypeScript files under `folder`, node_modules aside. */
function* walkSources(folder: URL): Generator<URL> {
  for (const entry of Deno.readDirSync(folder)) {
    if (entry.isDirectory && entry.name !== "node_modules") {
      yield* walkSources(new URL(`${entry.name}/`, folder));
    }
    if (entry.isFile && entry.name.endsWith(".ts")) {
      yield new URL(entry.name, folder);
    }
  }
}

/** The names that `source` imports from `@std/assert`, in code and in doc examples. */
function importedNames(source: string): string[] {
  const imports = source.matchAll(
    /import\s*\{([^}]*)\}\s*from "@std\/assert"/g,
  );
  return [...imports].flatMap(([, names = ""]) => names.split(","))
    .map((name) => name.replaceAll("*", "").trim().replace(/^type /, "").split(" ")[0] ?? "")
    .filter((name) => name !== "");
}

Deno.test("both configurations declare the same imports and compiler options", () => {
  const main = readConfig("deno.json"),
    offline = readConfig("tests/offline/deno.json");
  assertEquals(offline.imports, {
    ...main.imports,
    "nuwa-infinity": "../../mod.ts",
  });
  assertEquals(offline.compilerOptions, main.compilerOptions);
});

Deno.test("tests import @std/assert by its bare name, and only what the stand-in has", () => {
  const missing: string[] = [];
  for (const folder of ["lib/", "tests/"]) {
    for (const file of walkSources(new URL(folder, ROOT))) {
      const source = Deno.readTextFileSync(file);
      if (source.includes(`"jsr${":"}@`)) {
        missing.push(`${file.pathname}: inline jsr: specifier`);
      }
      for (const name of importedNames(source)) {
        if (!(name in standIn)) missing.push(`${file.pathname}: ${name}`);
      }
    }
  }
  assertEquals(missing, []);
});
