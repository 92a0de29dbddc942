import { median } from "./measure_in_turn.ts";
import type { BenchContext, Measurement, Report } from "./measurement.ts";

/** How long a fresh process takes until its first patch is there. */
export const COLD_START: Measurement = {
  name: "cold-start",
  title: "Cold start: a fresh process, from the import of mod.ts to the pixels of a first patch",
  run: measureColdStart,
};

const NUM_PROCESSES = 5;

/** What a part of a start took, in seconds: by the clock on the wall, and computing. */
interface Part {
  readonly part: string;
  readonly wall: number;
  readonly cpu: number;
}

async function measureColdStart(context: BenchContext): Promise<Report> {
  const runs: Part[][] = [];
  await runChild(context); // fills the disk's cache
  for (let run = 0; run < NUM_PROCESSES; run++) runs.push(sumUp(await runChild(context)));
  const medianOf = (index: number, clock: "wall" | "cpu") =>
    median(runs.map((run) => run[index]?.[clock] ?? NaN));
  const [first = []] = runs;
  const rows = first.map(({ part }, index) => {
    return { part, ms: 1000 * medianOf(index, "wall"), "computing, ms": 1000 * medianOf(index, "cpu") };
  });
  return {
    rows,
    figures: { cold_start_seconds: medianOf(first.length - 1, "wall") },
    notes: [`Medians of ${NUM_PROCESSES} processes. Seconds, not a ratio: what else runs here counts.`],
  };
}

/** The parts, and all of them together. */
function sumUp(parts: readonly Part[]): Part[] {
  const sum = (clock: "wall" | "cpu") => parts.reduce((seconds, part) => seconds + part[clock], 0);
  return [...parts, { part: "all", wall: sum("wall"), cpu: sum("cpu") }];
}

async function runChild({ weights, device }: BenchContext): Promise<Part[]> {
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
