/** Plotly figures as plain JSON, and a player of whole runs: built from plans, pools, traces and pictures. */
export * from "./traces.ts";
