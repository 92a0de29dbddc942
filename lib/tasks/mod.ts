/** Whole tasks on top of the five steps. */
export * from "./answer_remote.ts";
export * from "./canvas_layout.ts";
export * from "./canvas_preview.ts";
export * from "./compare_rows.ts";
export * from "./extend_picture.ts";
export * from "./generate.ts";
export * from "./generate_samples.ts";
export type { Interventions } from "./interventions.ts";
export * from "./plan.ts";
export * from "./remote.ts";
export * from "./run.ts";
export * from "./run_record.ts";
export * from "./run_settings.ts";
export * from "./sweep.ts";
