/** `deno task bench`: measures, prints a table for each measurement, and writes the figures where asked. */
import { tmpdir } from "node:os";
import { Command, Option } from "commander";
import type { Device } from "nuwa-infinity";
import { CANVAS_GROWTH } from "./canvas_growth.ts";
import { COLD_START } from "./cold_start.ts";
import { COMPILE_TIME } from "./compile_time.ts";
import { CONVOLUTIONS } from "./convolutions.ts";
import { DECODE_BANDWIDTH } from "./decode_bandwidth.ts";
import { DECODE_BATCHES } from "./decode_batches.ts";
import { DECODE_IN_GRAPH } from "./decode_in_graph.ts";
import { collectFigures, formatReport } from "./format_report.ts";
import { LOCAL_DECODERS } from "./local_decoders.ts";
import { CLOCKS } from "./measure_in_turn.ts";
import { MEDIA } from "./media.ts";
import type { BenchContext, Measurement, Report } from "./measurement.ts";
import { OBSERVATION } from "./observation.ts";
import { PEERS } from "./peers.ts";
import { installPeers } from "./peers/install_peers.ts";
import { PRECISION } from "./precision.ts";
import { TOKENIZER_SPEED } from "./tokenizer_speed.ts";
import { TRAINING_STEP } from "./training_step.ts";

/** Everything that is measured, in this order. */
const MEASUREMENTS: readonly Measurement[] = [
  TRAINING_STEP,
  DECODE_IN_GRAPH,
  DECODE_BANDWIDTH,
  DECODE_BATCHES,
  LOCAL_DECODERS,
  OBSERVATION,
  PRECISION,
  PEERS,
  CANVAS_GROWTH,
  COLD_START,
  COMPILE_TIME,
  TOKENIZER_SPEED,
  CONVOLUTIONS,
  MEDIA,
];

/** What the command line says. */
interface Options {
  readonly json?: string;
  readonly filter?: string;
  readonly peer?: true;
  readonly installPeers?: true;
  readonly peers: string;
  readonly device: Device;
  readonly clock: keyof typeof CLOCKS;
  readonly weights: string;
}

const program = new Command("deno task bench")
  .description("Measures speed: ratios, each of one run. Times depend on what else the machine does.")
  .option("--json <file>", "write one flat object of figures, null where one was not measured")
  .option("--filter <text>", "only measurements with this in their name")
  .option("--peer", "also measure other libraries, where they are installed")
  .option("--install-peers", "install them with npm first")
  .option("--peers <folder>", "where they are installed", `${tmpdir()}/nuwa-infinity-peers`)
  .addOption(new Option("--device <name>", "where to run").choices(["cpu", "cuda", "webgpu"]).default("cpu"))
  .addOption(
    new Option(
      "--clock <name>",
      "wall, or on a busy machine cpu: the time that all threads compute, together",
    )
      .choices(Object.keys(CLOCKS)).default("wall"),
  )
  .option(
    "--weights <folder>",
    "what to measure",
    new URL("../../weights/handscroll", import.meta.url).pathname,
  )
  .addHelpText("after", `\nMeasurements: ${MEASUREMENTS.map(({ name }) => name).join(", ")}`)
  .parse(Deno.args, { from: "user" });
const options = program.opts<Options>();
if (options.installPeers) await installPeers(options.peers);
Deno.exitCode = await runMeasurements(options);

/** Runs what the filter lets through. Returns the exit code: 1 if a measurement failed. */
async function runMeasurements(
  { json, filter = "", device, weights, clock, peer, peers }: Options,
): Promise<number> {
  const context: BenchContext = { device, weights, clock: CLOCKS[clock], peers: peer ? peers : undefined };
  const reports: Report[] = [];
  let numFailed = 0;
  for (const { name, title, run } of MEASUREMENTS.filter(({ name }) => name.includes(filter))) {
    try {
      const report = await run(context);
      reports.push(report);
      print(formatReport(`${name}: ${title}`, report));
    } catch (error) {
      numFailed++;
      print(`${name}: failed: ${error instanceof Error ? error.message : error}\n`);
    }
  }
  if (json !== undefined) {
    await Deno.writeTextFile(json, `${JSON.stringify(collectFigures(reports), null, 2)}\n`);
  }
  return numFailed === 0 ? 0 : 1;
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}
