import { z } from "zod";

const LINES = z.union([z.string(), z.array(z.string())]).transform((lines) => [lines].flat().join(""));

const OUTPUT = z.looseObject({ "output_type": z.string() });

const CELL = z.looseObject({
  "cell_type": z.enum(["code", "markdown"]),
  id: z.string(),
  source: LINES,
  outputs: z.array(OUTPUT).optional(),
});

const NOTEBOOK = z.looseObject({
  cells: z.array(CELL),
  metadata: z.looseObject({ kernelspec: z.looseObject({ name: z.string() }) }),
  nbformat: z.literal(4),
  "nbformat_minor": z.number(),
});

/** What a cell shows, as a file keeps it. */
export type CellOutput = z.infer<typeof OUTPUT>;

/** A cell; its source is one text. */
export type Cell = z.infer<typeof CELL>;

/** A notebook as its file has it; fields that nobody asks for are kept. */
export type Notebook = z.infer<typeof NOTEBOOK>;

/** Where the notebooks are. */
export const NOTEBOOKS_FOLDER: string = new URL("../../notebooks", import.meta.url).pathname;

/** The names of all notebooks, without their ending, in their order. */
export function listNotebooks(folder = NOTEBOOKS_FOLDER): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name }) =>
    name.endsWith(".ipynb") ? [name.slice(0, -".ipynb".length)] : []
  ).sort();
}

/**
 * Reads a notebook.
 *
 * @throws {SyntaxError} If the text is none.
 */
export function parseNotebook(text: string, where: string): Notebook {
  const { success, data, error } = NOTEBOOK.safeParse(JSON.parse(text));
  if (success) return data;
  throw new SyntaxError(`Cannot read notebook at ${where}: ${z.prettifyError(error)}`);
}

/**
 * The text of a notebook's file as `deno fmt` leaves it: a line of source each, and an output on one line, since indented
 * figures take twice the room.
 */
export function formatNotebook(notebook: Notebook): string {
  const outputs: CellOutput[] = [];
  const cells = notebook.cells.map((cell) => ({
    ...cell,
    ...(cell.outputs === undefined
      ? {}
      : { outputs: cell.outputs.map((output) => `@${outputs.push(output) - 1}@`) }),
    source: cell.source.split(/(?<=\n)/),
  }));
  const text = JSON.stringify({ ...notebook, cells }, null, 1);
  return text.replaceAll(/^( +)"@(\d+)@"(,?)$/gm, (_, indent, index, comma) => {
    return `${indent}${JSON.stringify(outputs[Number(index)])}${comma}`;
  });
}

/** The code cells of a notebook. */
export function listCode({ cells }: Notebook): Cell[] {
  return cells.filter((cell) => cell["cell_type"] === "code");
}

/** The code of all cells as one module, each under its place in the notebook. */
export function joinCode({ cells }: Notebook): string {
  return cells.flatMap((cell, place) =>
    cell["cell_type"] === "code" ? [`// cell ${place + 1}\n${cell.source}\n`] : []
  ).join("\n");
}

/** Statements that show nothing, by their first words. */
const SILENT =
  /^(import|export|const|let|function|async|interface|type|for|if|while|using|await using|[})\]])/;

/** Calls that return nothing, or end something. */
const ENDS = /\b(setUpNotebook|dispose|shutdown|close|reconnect|rewind|remove)\(|^\w+ = /;

/** Whether a cell shows something: its last statement is an expression, and not the end of something. */
export function promisesOutput({ source }: Pick<Cell, "source">): boolean {
  const lines = source.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("//"));
  let start = lines.length - 1;
  while (start > 0 && /^[\s})\]]/.test(lines[start] ?? "")) start--;
  const first = lines[start] ?? "";
  return first !== "" && !SILENT.test(first) && !ENDS.test(first);
}
