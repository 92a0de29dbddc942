import type { CellOutput, Notebook } from "./notebook.ts";

/**
 * What is kept of a run: figures without the script that draws them again in the place of their picture. Plotly's form of
 * them lies beside it, and viewers of untrusted notebooks would not run it.
 */
export function slimNotebook(notebook: Notebook): Notebook {
  return {
    ...notebook,
    cells: notebook.cells.map((cell) =>
      cell.outputs === undefined ? cell : { ...cell, outputs: cell.outputs.map(slimOutput) }
    ),
  };
}

function slimOutput(output: CellOutput): CellOutput {
  const { data } = output as { readonly data?: Readonly<Record<string, unknown>> }; // as the file format says
  const html = data?.["text/html"];
  if (typeof html !== "string" || !("application/vnd.plotly.v1+json" in (data ?? {}))) return output;
  return { ...output, data: { ...data, "text/html": html.replaceAll(/<script>.*?<\/script>/gs, "") } };
}
