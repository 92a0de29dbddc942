import { median } from "./measure_in_turn.ts";
import type { BenchContext, Measurement, Report } from "./measurement.ts";

/** How long a fresh process takes until its first patch is there. */
export const COLD_START: Measurement = {
  name: "cold-start",
  title: "Cold start: a fresh process, from the import of mod.ts to the pixels of a first patch",
  run: measureColdStart,
};

const NUM_PROCESSES = 5;

async function measureColdStart(context: BenchContext): Promise<Report> {
  const runs: Record<string, number>[] = [];
  await runChild(context); // fills the disk's cache
  for (let run = 0; run < NUM_PROCESSES; run++) runs.push(await runChild(context));
  const totals = runs.map((parts) => Object.values(parts).reduce((sum, seconds) => sum + seconds, 0));
  const parts = Object.keys(runs[0] ?? {});
  const rows = parts.map((part) => ({ part, ms: 1000 * median(runs.map((run) => run[part] ?? NaN)) }));
  return {
    rows: [...rows, { part: "all", ms: 1000 * median(totals) }],
    figures: { cold_start_seconds: median(totals) },
    notes: [`Medians of ${NUM_PROCESSES} processes. Seconds, not a ratio: what else runs here counts.`],
  };
}

/** Seconds of each part. */
async function runChild({ weights, device }: BenchContext): Promise<Record<string, number>> {
  const pathOf = (file: string) => new URL(file, import.meta.url).pathname;
  const command = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      `--config=${pathOf("../offline/deno.json")}`,
      ...["--allow-read", "--allow-env", "--allow-ffi", "--allow-sys=homedir"],
      pathOf("cold_start_child.ts"),
      weights,
      device,
    ],
  });
  const { success, stdout, stderr } = await command.output();
  const text = new TextDecoder();
  if (!success) throw new EvalError(`Cannot measure the cold start: ${text.decode(stderr).slice(0, 500)}`);
  return JSON.parse(text.decode(stdout));
}
