/** A file of lib/: its path from the top of the project, with slashes, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Which folders of lib/ a folder may import: the table of the design, in its order. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = createTable();

/** Packages that only some folders may import. */
const PACKAGE_OWNERS: Readonly<Record<string, readonly string[]>> = {
  "@jax-js/jax": ["nn", "models", "onnx", "training", "runtime"],
  "onnxruntime-node": ["runtime"],
  "onnxruntime-common": ["runtime"],
  "ndarray": ["core"],
  "nuwa-infinity": [],
  "@std/assert": [],
};

/** Patterns that no file may contain, and what to say. */
const FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  [/\b(?:new|throw)\s+Error\(/, "throws a plain Error"],
  [/\bexport\s+default\b|\bas\s+default\b/, "has a default export"],
  [/\bclass\s+\w+\s+extends\s+(?!\w*Error\b)/, "has a class with inheritance"],
];

const MAX_LINES = 300;

/**
 * Finds everything in lib/ that breaks the layout: imports against the table or past a folder's `mod.ts`, files that
 * are too long, plain errors, default exports, names that are not snake_case.
 *
 * @param files All files of lib/.
 * @param waivers Paths of files that may be longer, each with its reason.
 * @returns One sentence a violation, `path: what`.
 */
export function findViolations(
  files: readonly SourceFile[],
  waivers: Readonly<Record<string, string>> = {},
): string[] {
  const missing = [...new Set(files.map(({ path }) => folderOf(path)))]
    .filter((folder) => folder !== "cli") // a program: nobody imports it
    .filter((folder) => !files.some(({ path }) => path === `lib/${folder}/mod.ts`))
    .map((folder) => `lib/${folder}: has no mod.ts`);
  return [
    ...missing,
    ...files.flatMap((file) => findFileViolations(file, waivers).map((what) => `${file.path}: ${what}`)),
  ];
}

function findFileViolations({ path, text }: SourceFile, waivers: Readonly<Record<string, string>>): string[] {
  const code = removeComments(text);
  const numLines = text.replace(/\n$/, "").split("\n").length;
  const found = listImports(code).flatMap((specifier) => checkImport(path, specifier));
  if (MAY_IMPORT[folderOf(path)] === undefined) found.push("lies in a folder that the design does not have");
  if (numLines > MAX_LINES && waivers[path] === undefined) {
    found.push(`has ${numLines} lines, more than ${MAX_LINES}`);
  }
  if (!path.split("/").every((part) => /^_?[a-z0-9]+(_[a-z0-9]+)*(\.[jt]s)?$/.test(part))) {
    found.push("has a name that is not snake_case");
  }
  if (/\/(utils|index)\.ts$/.test(path)) found.push("has a name that says nothing");
  for (const [pattern, what] of FORBIDDEN) if (pattern.test(code)) found.push(what);
  return found;
}

/** Says what is wrong with an import; nothing where it is allowed. */
function checkImport(path: string, specifier: string): string[] {
  const folder = folderOf(path);
  if (!specifier.startsWith(".")) {
    const name = specifier.replace(/^(npm|jsr):\/?/, "").replace(/(?<=.)@[^/]*/, "");
    const owned = Object.keys(PACKAGE_OWNERS).find((owner) => name === owner || name.startsWith(`${owner}/`));
    const isAllowed = owned === undefined || PACKAGE_OWNERS[owned]?.includes(folder);
    return isAllowed ? [] : [`imports ${specifier}`];
  }
  const target = new URL(specifier, `file:///${path}`).pathname.slice(1);
  const targetFolder = folderOf(target);
  if (!target.startsWith("lib/")) return [`imports ${target}, outside lib`];
  if (targetFolder === folder) {
    const [, directory = "", name = ""] = /^(.*\/)([^/]*)$/.exec(target) ?? [];
    return name.startsWith("_") && !path.startsWith(directory) ? [`imports the private ${target}`] : [];
  }
  if (!MAY_IMPORT[folder]?.includes(targetFolder)) return [`imports ${target}, which its folder may not`];
  return target === `lib/${targetFolder}/mod.ts` ? [] : [`imports ${target}, past its mod.ts`];
}

/** The folder of lib/ that holds a file. */
function folderOf(path: string): string {
  return path.split("/")[1] ?? "";
}

/** Every module that the code names: imports, type imports, re-exports, dynamic and side-effect imports. */
function listImports(code: string): string[] {
  const pattern = /\b(?:from\s*|import\s*\(?\s*)(["'])([^"'\n]+)\1/g;
  return Array.from(code.matchAll(pattern), ([, , specifier = ""]) => specifier);
}

/** Removes comments, whose examples have imports of their own, and keeps strings, which may look like comments. */
function removeComments(text: string): string {
  const pattern = /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
  return text.replace(pattern, (_, string?: string) => string ?? "");
}

function createTable(): Record<string, string[]> {
  const modelling = ["core", "nn", "onnx", "runtime", "media", "direction", "context_pool", "models"];
  return {
    core: [],
    nn: ["core"],
    onnx: ["core"],
    runtime: ["core", "onnx"],
    media: ["core"],
    direction: ["core"],
    context_pool: ["core", "direction"],
    models: ["core", "nn"],
    steps: modelling,
    tasks: [...modelling, "steps"],
    data: ["core", "media"],
    training: [...modelling, "steps", "tasks", "data"],
    metrics: [...modelling, "steps", "tasks", "data", "training"],
    figures: ["core", "direction", "context_pool"],
    jupyter: ["core", "media", "figures"],
    cli: [...modelling, "steps", "tasks", "data", "training", "metrics", "figures", "jupyter"],
  };
}
