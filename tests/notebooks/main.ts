/** `deno task notebooks`: runs notebooks in the real Deno kernel, and keeps what they show. */
import { Command } from "commander";
import { startServer, writeFileAside } from "nuwa-infinity";
import { checkNotebook } from "./check_notebook.ts";
import { formatCode } from "./format_code.ts";
import { formatNotebook, listNotebooks, NOTEBOOKS_FOLDER, parseNotebook } from "./notebook.ts";
import { runNotebook } from "./run_notebook.ts";
import { slimNotebook } from "./slim_notebook.ts";

/** What the command line says. */
interface Options {
  readonly filter: string;
  readonly check?: true;
}

const program = new Command("deno task notebooks")
  .description(
    "Runs the notebooks in fresh Deno kernels of a local Jupyter server, and writes back what they show.",
  )
  .argument("[filter]", "only notebooks with this in their name", "")
  .option("--filter <text>", "the same", "")
  .option("--check", "write nothing: only see that no cell fails and that every one shows what it promises")
  .addHelpText("after", `\nNotebooks: ${listNotebooks().join(", ")}`)
  .parse(Deno.args, { from: "user" });
const [name = ""] = program.args, options = program.opts<Options>();
Deno.exitCode = await runAll(
  listNotebooks().filter((notebook) => {
    return notebook.includes(name) && notebook.includes(options.filter);
  }),
  options,
);

/** Runs notebooks one after another. Returns the exit code: 1 if one failed, or there is none. */
async function runAll(names: readonly string[], { check }: Options): Promise<number> {
  if (names.length === 0) {
    print(`error: the filter must let through one of ${listNotebooks().join(", ")}, got none`);
    return 1;
  }
  await using server = await startServer({ folder: NOTEBOOKS_FOLDER });
  let numFailed = 0;
  for (const name of names) {
    const started = performance.now();
    try {
      const { numBytes, cpuSeconds } = await runOne(server, name, { isKept: check === undefined });
      const seconds = Math.round((performance.now() - started) / 1000);
      print(`${name}: ${seconds} s, ${Math.round(cpuSeconds)} s of CPU, ${Math.round(numBytes / 1000)} kB`);
    } catch (error) {
      numFailed++;
      print(`${name}: failed: ${error instanceof Error ? error.message : error}`);
    }
  }
  print(`${names.length - numFailed} passed, ${numFailed} failed`);
  return numFailed === 0 ? 0 : 1;
}

/** Writes what a notebook shows even where it breaks a rule: one has to see it to mend it. */
async function runOne(
  server: Parameters<typeof runNotebook>[0],
  name: string,
  { isKept }: { readonly isKept: boolean },
): Promise<{ readonly numBytes: number; readonly cpuSeconds: number }> {
  const path = `${NOTEBOOKS_FOLDER}/${name}.ipynb`;
  let cpuSeconds = 0;
  const onEnd = (seconds: number) => cpuSeconds = seconds;
  const whole = await runNotebook(server, parseNotebook(await Deno.readTextFile(path), name), { onEnd });
  const done = await slimNotebook(whole);
  const text = await formatCode(formatNotebook(done));
  if (isKept) await writeFileAside(path, text);
  const complaints = checkNotebook(done, new URL("../../", import.meta.url).pathname.slice(0, -1));
  if (complaints.length > 0) throw new RangeError(complaints.join("; "));
  return { numBytes: text.length, cpuSeconds };
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}
