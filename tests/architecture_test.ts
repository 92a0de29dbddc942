import { assertEquals } from "@std/assert";
import { findViolations, MAY_IMPORT, type SourceFile } from "./_architecture.ts";

/** Files that may be longer than 300 lines, each with its reason. */
const WAIVERS: Readonly<Record<string, string>> = {};

/** Reads all of lib/, whatever the current directory. */
async function readLibrary(folder = "lib"): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(`../${folder}`, import.meta.url))) {
    const path = `${folder}/${name}`;
    if (isDirectory) files.push(...await readLibrary(path));
    else if (/\.[cm]?[jt]sx?$/.test(name)) {
      files.push({ path, text: await Deno.readTextFile(new URL(`../${path}`, import.meta.url)) });
    }
  }
  return files.sort((a, b) => a.path < b.path ? -1 : 1);
}

/** A library of one file besides an empty `mod.ts` in its folder. */
function violationsOf(path: string, text: string): string[] {
  const mod = { path: `lib/${path.split("/")[1]}/mod.ts`, text: "" };
  return findViolations(mod.path === path ? [{ path, text }] : [mod, { path, text }]);
}

Deno.test("lib/ keeps to the layout of the design", async () => {
  assertEquals(findViolations(await readLibrary(), WAIVERS), []);
});

Deno.test("MAY_IMPORT has no cycle: no folder may import one that may import it", () => {
  for (const [folder, others] of Object.entries(MAY_IMPORT)) {
    assertEquals(others.filter((other) => other === folder || MAY_IMPORT[other]?.includes(folder)), []);
  }
});

Deno.test("findViolations() catches imports in the wrong direction, whatever their form", () => {
  const planted = [
    'import { x } from "../models/mod.ts";',
    'import type { X } from "../models/mod.ts";',
    'import {\n  x,\n  y,\n} from "../models/mod.ts";',
    'export * from "../models/mod.ts";',
    'export type { X } from "../models/mod.ts";',
    'import "../models/mod.ts";',
    'const m = await import("../models/mod.ts");',
    'type X = import("../models/mod.ts").X;',
    "import { x } from '../models/mod.ts';",
  ];
  for (const text of planted) {
    assertEquals(violationsOf("lib/core/bad.ts", text), [
      "lib/core/bad.ts: imports lib/models/mod.ts, which its folder may not",
    ], text);
  }
});

Deno.test("findViolations() lets a folder be entered through its mod.ts only", () => {
  assertEquals(violationsOf("lib/direction/x.ts", 'import { Grid } from "../core/mod.ts";'), []);
  assertEquals(
    violationsOf("lib/direction/x.ts", 'import { y } from "./y.ts"; import { z } from "./_z.ts";'),
    [],
  );
  assertEquals(
    violationsOf("lib/data/handscroll/x.ts", 'import { y } from "../y.ts"; import { z } from "../_z.ts";'),
    [],
  );
  assertEquals(violationsOf("lib/direction/x.ts", 'import { Grid } from "../core/grid.ts";'), [
    "lib/direction/x.ts: imports lib/core/grid.ts, past its mod.ts",
  ]);
  assertEquals(violationsOf("lib/data/x.ts", 'import { y } from "./handscroll/_y.ts";'), [
    "lib/data/x.ts: imports the private lib/data/handscroll/_y.ts",
  ]);
  assertEquals(violationsOf("lib/core/x.ts", 'import { y } from "../../mod.ts";'), [
    "lib/core/x.ts: imports mod.ts, outside lib",
  ]);
});

Deno.test("findViolations() knows who may import which package", () => {
  const check = (path: string, specifier: string, expected: string[]) =>
    assertEquals(violationsOf(path, `import * as x from "${specifier}";`), expected);
  check("lib/runtime/x.ts", "onnxruntime-node", []);
  check("lib/steps/x.ts", "onnxruntime-node", ["lib/steps/x.ts: imports onnxruntime-node"]);
  check("lib/steps/x.ts", "npm:onnxruntime-node@1.30.0", [
    "lib/steps/x.ts: imports npm:onnxruntime-node@1.30.0",
  ]);
  for (const folder of ["nn", "models", "onnx", "training", "runtime"]) {
    check(`lib/${folder}/x.ts`, "@jax-js/jax", []);
  }
  check("lib/metrics/x.ts", "@jax-js/jax", ["lib/metrics/x.ts: imports @jax-js/jax"]);
  check("lib/metrics/x.ts", "npm:@jax-js/jax@0.1.25", ["lib/metrics/x.ts: imports npm:@jax-js/jax@0.1.25"]);
  check("lib/media/x.ts", "ndarray", ["lib/media/x.ts: imports ndarray"]);
  check("lib/media/x.ts", "sharp", []);
});

Deno.test("findViolations() catches the rest of the house rules", () => {
  const path = "lib/core/x.ts";
  assertEquals(violationsOf(path, 'throw new Error("no");'), [`${path}: throws a plain Error`]);
  assertEquals(violationsOf(path, 'throw new RangeError("Cannot do: x must be 1, got 2");'), []);
  assertEquals(violationsOf(path, "export default 1;"), [`${path}: has a default export`]);
  assertEquals(violationsOf(path, "export { x as default };"), [`${path}: has a default export`]);
  assertEquals(violationsOf(path, "class A extends B {}"), [`${path}: has a class with inheritance`]);
  assertEquals(violationsOf(path, "class A extends TypeError {}"), []);
  assertEquals(violationsOf(path, "x;\n".repeat(300)), []);
  assertEquals(violationsOf(path, "x;\n".repeat(301)), [`${path}: has 301 lines, more than 300`]);
  assertEquals(
    findViolations([{ path: "lib/core/mod.ts", text: "\n".repeat(400) }], { "lib/core/mod.ts": "a reason" }),
    [],
  );
  assertEquals(violationsOf("lib/core/patchGrid.ts", ""), [
    "lib/core/patchGrid.ts: has a name that is not snake_case",
  ]);
  assertEquals(violationsOf("lib/core/utils.ts", ""), ["lib/core/utils.ts: has a name that says nothing"]);
  assertEquals(violationsOf("lib/extra/mod.ts", ""), [
    "lib/extra/mod.ts: lies in a folder that the design does not have",
  ]);
  assertEquals(findViolations([{ path: "lib/core/grid.ts", text: "" }]), ["lib/core: has no mod.ts"]);
});

Deno.test("findViolations() reads code, not comments, and is not misled by strings", () => {
  const comment =
    '/**\n * import { x } from "nuwa-infinity";\n * throw new Error("")\n */\n// export default 1\n';
  assertEquals(violationsOf("lib/core/x.ts", comment), []);
  assertEquals(violationsOf("lib/core/x.ts", 'const a = "/*"; import "../nn/mod.ts"; const b = "*/";'), [
    "lib/core/x.ts: imports lib/nn/mod.ts, which its folder may not",
  ]);
});
