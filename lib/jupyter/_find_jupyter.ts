/** A Jupyter program on this machine. */
export interface JupyterProgram {
  /** What users call it. */
  readonly name: string;
  /** Its command line. */
  readonly command: Command;
  /** Path of its start page; "" where it has none to look at. */
  readonly page: string;
}

/** Best first: with the newest user interface. */
const PROGRAMS = [
  { name: "JupyterLab", script: "jupyter-lab", module: "jupyterlab", page: "lab" },
  { name: "Jupyter Notebook", script: "jupyter-notebook", module: "notebook", page: "tree" },
  { name: "Jupyter Server", script: "jupyter-server", module: "jupyter_server", page: "" },
] as const;

/** The best Jupyter program that answers: among scripts on the PATH, or else among modules of its Python. */
export async function findJupyter(): Promise<JupyterProgram | undefined> {
  const scripts = PROGRAMS.map(({ script }): Command => [script]);
  const modules = PROGRAMS.map(({ module }): Command => ["python3", "-m", module]);
  for (const commands of [scripts, modules]) {
    for (const [index, command] of commands.entries()) {
      const program = PROGRAMS[index];
      if (program !== undefined && await answers(command)) {
        return { name: program.name, page: program.page, command };
      }
    }
  }
  return undefined;
}

type Command = readonly [string, ...string[]];

/** Whether a program is installed: it tells its version. */
export async function answers([program, ...args]: Command): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(program, {
      args: [...args, "--version"],
      stdout: "null",
      stderr: "null",
    })
      .output();
    return success;
  } catch {
    return false; // not installed
  }
}
