/** A Jupyter program on this machine. */
export interface JupyterProgram {
  /** What users call it. */
  readonly name: string;
  /** Its command line. */
  readonly command: readonly [string, ...string[]];
  /** Path of its start page; "" where it has none to look at. */
  readonly page: string;
}

/** Best first: with the newest user interface. */
const PROGRAMS = [
  { name: "JupyterLab", script: "jupyter-lab", module: "jupyterlab", page: "lab" },
  { name: "Jupyter Notebook", script: "jupyter-notebook", module: "notebook", page: "tree" },
  { name: "Jupyter Server", script: "jupyter-server", module: "jupyter_server", page: "" },
] as const;

/** The first Jupyter program that answers, scripts on the PATH before modules of a Python. */
export async function findJupyter(programs = PROGRAMS): Promise<JupyterProgram | undefined> {
  for (const { name, script, module, page } of programs) {
    const commands: [string, ...string[]][] = [[script], ["python3", "-m", module]];
    for (const command of commands) if (await answers(command)) return { name, command, page };
  }
  return undefined;
}

async function answers([program, ...args]: readonly [string, ...string[]]): Promise<boolean> {
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
