import type { Device } from "nuwa-infinity";
import type { Clock } from "./measure_in_turn.ts";

/** What `--json` writes, in this order; null where it was not measured or cannot be. */
export const FIGURES = [
  "training_step_flops_ratio",
  "decode_in_graph_over_per_token",
  "decode_in_graph_over_per_token_int8",
  "decode_bandwidth_ratio",
  "batch16_over_batch1",
  "cost_per_patch_64_over_4",
  "cold_start_seconds",
  "p_nar_over_ar",
  "nar_over_ar",
  "transformers_js_ratio",
  "transformers_js_ratio_int8",
  "llama_cpp_ratio",
] as const;

/** One of {@link FIGURES}. */
export type FigureName = typeof FIGURES[number];

/** What every measurement is given. */
export interface BenchContext {
  /** Where our graphs run. */
  readonly device: Device;
  /** Folder of the weights that are measured. */
  readonly weights: string;
  /** What tells the time. */
  readonly clock: Clock;
  /** Folder that other programs are installed in; undefined unless they are asked for. */
  readonly peers: string | undefined;
}

/** What a measurement found. */
export interface Report {
  /** The lines of its table; all have the same columns. */
  readonly rows: readonly Readonly<Record<string, string | number>>[];
  /** Those of {@link FIGURES} that it measures. */
  readonly figures?: Readonly<Partial<Record<FigureName, number | null>>>;
  /** Formulas, and what else a reader must know. */
  readonly notes?: readonly string[];
}

/** Something that `deno task bench` measures. */
export interface Measurement {
  /** What `--filter` looks at. */
  readonly name: string;
  /** The heading of its table. */
  readonly title: string;
  /** Takes the times. */
  run(context: BenchContext): Promise<Report>;
}
