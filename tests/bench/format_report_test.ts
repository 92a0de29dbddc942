import { assertEquals } from "@std/assert";
import { collectFigures, formatNumber, formatReport } from "./format_report.ts";
import { FIGURES } from "./measurement.ts";

Deno.test("formatNumber() keeps three significant digits", () => {
  const shown = [0.012345, 0.5, 1.23456, 12.3456, 1234.56, 7, NaN].map(formatNumber);
  assertEquals(shown, ["0.0123", "0.500", "1.23", "12.3", "1235", "7", "NaN"]);
});

Deno.test("formatReport() aligns words to the left and numbers to the right", () => {
  const report = {
    rows: [{ what: "one", ms: 1.5 }, { what: "eleven", ms: 1234.5 }],
    figures: { nar_over_ar: null, batch16_over_batch1: 2.5 },
    notes: ["A note."],
  };
  assertEquals(formatReport("Title", report).split("\n"), [
    "Title",
    "-----",
    "what      ms",
    "one     1.50",
    "eleven  1235",
    "nar_over_ar: null",
    "batch16_over_batch1: 2.50",
    "A note.",
    "",
  ]);
});

Deno.test("collectFigures() names every figure of the issue, null where nobody measured it", () => {
  const figures = collectFigures([
    { rows: [], figures: { cold_start_seconds: 2 } },
    { rows: [] },
    { rows: [], figures: { nar_over_ar: 4, p_nar_over_ar: null } },
  ]);
  assertEquals(Object.keys(figures), [...FIGURES]);
  assertEquals(Object.values(figures).filter((value) => value !== null), [2, 4]);
});
