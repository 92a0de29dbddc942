import type { BarData, HeatmapData, Layout as PlotlyLayout, ScatterData } from "plotly.js-dist";
import { assertEquals } from "@std/assert";
import {
  type BarTrace,
  type HeatmapTrace,
  type Layout,
  PLOTLY_CONFIG,
  type ScatterTrace,
} from "nuwa-infinity";

/** True where all keys of `Ours` are keys of `Theirs`; else the keys that are not. */
type Within<Ours, Theirs> = [Exclude<keyof Ours, keyof Theirs>] extends [never] ? true
  : Exclude<keyof Ours, keyof Theirs>;

// Checked by the compiler: our traces and layouts have no field that Plotly's own types do not know.
const known: readonly [
  Within<HeatmapTrace, HeatmapData>,
  Within<ScatterTrace, ScatterData>,
  Within<BarTrace, BarData>,
  Within<Omit<Layout, `${"x" | "y"}axis${string}`>, PlotlyLayout>,
] = [true, true, true, true];

Deno.test("traces and layouts have Plotly's names, and nothing is sent anywhere", () => {
  assertEquals(known, [true, true, true, true]);
  assertEquals(PLOTLY_CONFIG.showSendToCloud, false);
});
