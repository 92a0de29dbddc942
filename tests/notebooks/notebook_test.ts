import { assertEquals, assertThrows } from "@std/assert";
import sharp from "sharp";
import { checkNotebook } from "./check_notebook.ts";
import { type Cell, joinCode, type Notebook, parseNotebook, promisesOutput } from "./notebook.ts";
import { slimNotebook } from "./slim_notebook.ts";

function code(source: string, ...outputs: Record<string, unknown>[]): Cell {
  return {
    "cell_type": "code",
    id: "c",
    source,
    outputs: outputs.map((output) => ({ "output_type": "display_data", ...output })),
  };
}

function createNotebook(...cells: Cell[]): Notebook {
  const text = (source: string): Cell => ({ "cell_type": "markdown", id: "m", source });
  return {
    cells: [
      text("arXiv:2207.09814"),
      code('import * as nuwa from "nuwa-infinity";'),
      ...cells,
      text("## Exercises"),
    ],
    metadata: { kernelspec: { name: "deno" } },
    nbformat: 4,
    "nbformat_minor": 5,
  };
}

Deno.test("promisesOutput() knows expressions from statements", () => {
  const promising = [
    "plan;",
    "const a = 1;\na;",
    "nuwa.plotOrder(plan, {\n  pictures: [],\n});",
    "await nuwa.watch(run);",
  ];
  const silent = [
    "const a = {\n  b: 1,\n};",
    "nuwa.setUpNotebook();",
    "for (const a of b) {\n  c(a);\n}",
    "await a.dispose();",
    "await Deno.remove(folder, { recursive: true });",
    "pool = next;",
  ];
  assertEquals(promising.map((source) => promisesOutput({ source })), promising.map(() => true));
  assertEquals(silent.map((source) => promisesOutput({ source })), silent.map(() => false));
});

Deno.test("parseNotebook() joins lines of source, and refuses what is no notebook", () => {
  const cell = { "cell_type": "code", id: "c", source: ["a;\n", "b;"] };
  const { cells } = parseNotebook(JSON.stringify({ ...createNotebook(), cells: [cell] }), "x");
  assertEquals(cells[0]?.source, "a;\nb;");
  assertThrows(() => parseNotebook("{}", "x"), SyntaxError, "Cannot read notebook at x: ");
});

Deno.test("joinCode() names the cell of each part", () => {
  assertEquals(
    joinCode(createNotebook(code("a;"))),
    '// cell 2\nimport * as nuwa from "nuwa-infinity";\n\n// cell 3\na;\n',
  );
});

Deno.test("checkNotebook() finds what breaks the rules", () => {
  assertEquals(checkNotebook(createNotebook(), "/home/me/project"), []);
  const figure = { "application/vnd.plotly.v1+json": {}, "text/html": "<svg>" };
  const bad = createNotebook(
    code("a;", { data: figure }, { "output_type": "error" }, { text: "at /home/me/project/mod.ts" }),
    code("b;", { data: { "text/plain": "x".repeat(200_001) } }),
  );
  assertEquals(checkNotebook({ ...bad, cells: bad.cells.slice(1) }, "/home/me/project"), [
    "does not open by citing the paper",
    "names a folder of this machine in an output",
    "cell 2 shows a figure without a picture",
    "cell 2 shows an error",
    "cell 3 shows 200056 bytes",
  ]);
});

Deno.test("slimNotebook() keeps the picture of a figure, and no times", async () => {
  const html = "<img><script>draw()</script>", plotly = "application/vnd.plotly.v1+json";
  const figure = { [plotly]: {}, "text/html": html };
  const live = {
    "text/html": "<b>3 of 4 · 30 tokens/s · 1 min 2 s · 2 in the pool</b>",
    "text/plain": "4 of 4 · 9 s",
  };
  const { cells } = await slimNotebook(
    createNotebook(code("a;", ...[figure, { "text/html": html }, live].map((data) => ({ data })))),
  );
  assertEquals(cells[2]?.outputs?.map(({ data }) => data), [
    { "text/html": "<img>" },
    { "text/html": html },
    { "text/html": "<b>3 of 4 · 2 in the pool</b>", "text/plain": "4 of 4" },
  ]);
});

Deno.test("slimNotebook() makes large pictures smaller, and leaves small ones alone", async () => {
  let state = 1; // xorshift: noise that no format makes small
  const noise = Uint8Array.from({ length: 200 * 200 * 4 }, () => {
    for (const shift of [13, -17, 5]) state ^= shift > 0 ? state << shift : state >>> -shift;
    return state & 255;
  });
  const encode = async (channels: 3 | 4, side: number) => {
    const raw = noise.slice(0, side * side * channels);
    const png = await sharp(raw, { raw: { width: side, height: side, channels } }).png().toBuffer();
    return `<img src="data:image/png;base64,${png.toString("base64")}">`;
  };
  const pages = [await encode(3, 200), await encode(4, 200), await encode(3, 16)];
  const { cells } = await slimNotebook(
    createNotebook(code("a;", ...pages.map((html) => ({ data: { "text/html": html } })))),
  );
  const shown =
    cells[2]?.outputs?.map(({ data }) => String((data as Record<string, unknown>)["text/html"])) ?? [];
  assertEquals(shown.map((html) => html.slice(0, 22)), [
    '<img src="data:image/j',
    '<img src="data:image/p',
    '<img src="data:image/p',
  ]);
  assertEquals(shown.map((html, i) => html.length < (pages[i]?.length ?? 0)), [true, true, false]);
});
