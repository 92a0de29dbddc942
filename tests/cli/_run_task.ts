const ROOT = new URL("../../", import.meta.url).pathname;

/** How a task ended. */
export interface TaskResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a task of deno.json by its own words, so with just the permissions that users give it. */
export async function runTask(
  task: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<TaskResult> {
  const { code, stdout, stderr } = await (await createTask(task, args, env)).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Starts a task as {@link runTask} does; whoever starts it sees to its end. */
export async function startTask(task: string, args: readonly string[]): Promise<Deno.ChildProcess> {
  return (await createTask(task, args, {})).spawn();
}

async function createTask(
  task: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Deno.Command> {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  const [, subcommand, ...words]: string[] = tasks[task].split(" ");
  return new Deno.Command(Deno.execPath(), {
    args: [subcommand ?? "run", "--quiet", "--no-prompt", ...words, ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
    stdout: "piped",
    stderr: "piped",
  });
}

/** Throws unless a task ended as bad input must: code 2, nothing printed, one clear line. */
export async function assertBadInput(task: string, args: readonly string[], message: string): Promise<void> {
  const { code, stdout, stderr } = await runTask(task, args);
  const clear = stderr.startsWith("error: ") && stderr.trimEnd().split("\n").length === 1;
  if (code === 2 && stdout === "" && clear && stderr.length < 600 && stderr.includes(message)) return;
  const words = args.map((arg) => arg.slice(0, 60)).join(" ");
  throw new Error(
    `${task} ${words}: expected code 2 and "${message}", got ${code}, "${stdout}", "${stderr}"`,
  );
}
