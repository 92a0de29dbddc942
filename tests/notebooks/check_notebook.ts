import { listCode, type Notebook } from "./notebook.ts";

/** The most cells, bytes of one output and bytes of a file. */
const MAX_CELLS = 25, MAX_OUTPUT_BYTES = 200_000, MAX_FILE_BYTES = 500_000;

/**
 * Holds a notebook against the house rules.
 *
 * @param folder The project's, which no output may name.
 * @returns Sentences about what is wrong; none if all is well.
 */
export function checkNotebook(notebook: Notebook, folder: string): string[] {
  const { cells, metadata: { kernelspec } } = notebook, code = listCode(notebook);
  const numBytes = JSON.stringify(notebook).length;
  const outputs = code.flatMap(({ outputs = [] }) => outputs);
  const imports = code.filter(({ source }) => /^import .* from "nuwa-infinity"/m.test(source));
  const isText = (cell = cells[0]) => cell?.["cell_type"] === "markdown";
  const rules: readonly (readonly [isBroken: boolean, complaint: string])[] = [
    [cells.length > MAX_CELLS, `has ${cells.length} cells, more than ${MAX_CELLS}`],
    [!isText(cells[0]) || !cells[0]?.source.includes("2207.09814"), "does not open by citing the paper"],
    [!isText(cells.at(-1)) || !/exercises/i.test(cells.at(-1)?.source ?? ""), "does not end with exercises"],
    [imports.length !== 1, `has ${imports.length} cells that import nuwa-infinity, not 1`],
    [kernelspec.name !== "deno", `asks for the kernel ${kernelspec.name}, not deno`],
    [numBytes > MAX_FILE_BYTES, `takes ${numBytes} bytes, more than ${MAX_FILE_BYTES}`],
    [JSON.stringify(outputs).includes(folder), "names a folder of this machine in an output"],
  ];
  return [
    ...rules.flatMap(([isBroken, complaint]) => isBroken ? [complaint] : []),
    ...cells.flatMap(({ outputs = [] }, place) =>
      outputs.flatMap((output) => {
        const { data = {} } = output as { readonly data?: Readonly<Record<string, unknown>> }; // its file format
        const bytes = JSON.stringify(output).length, html = String(data["text/html"] ?? "");
        return [
          ...(bytes > MAX_OUTPUT_BYTES ? [`cell ${place + 1} shows ${bytes} bytes`] : []),
          ...(output["output_type"] === "error" ? [`cell ${place + 1} shows an error`] : []),
          ...("application/vnd.plotly.v1+json" in data && !html.includes("data:image/")
            ? [`cell ${place + 1} shows a figure without a picture`]
            : []),
        ];
      })
    ),
  ];
}
