import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { plotComparison, renderSvg } from "nuwa-infinity";

Deno.test("plotComparison() draws runs, means and standard errors, and says them", () => {
  // Mean 5, deviation sqrt(2), standard error 1; mean 8 alone.
  const figure = plotComparison({ "extent 2": [4, 6], "extent 0": [8] }, { measure: "bits a token" });
  assertEquals(
    figure.alt,
    "Comparison, bits a token. extent 2: mean 5, standard error 1; extent 0: mean 8.",
  );
  const bars = figure.data.flatMap((trace) =>
    trace.type === "scatter" && trace.mode === "lines" ? [trace.x] : []
  );
  assertEquals(bars, [[5, 5], [4, 4, null, 4, 6, null, 6, 6]]); // the baseline; no bar for a single run
  const dots = figure.data.flatMap((trace) =>
    trace.type === "scatter" && trace.mode === "markers" ? [trace.x] : []
  );
  assertEquals(dots, [[5], [4, 6], [8], [8]]);
  const svg = renderSvg(figure);
  assertStringIncludes(svg, "extent 0");
});

Deno.test("plotComparison() crosses values that are none, and takes one that is all the same", () => {
  const figure = plotComparison({ a: [NaN, 3], b: [Infinity], c: [3, 3] }, { measure: "loss" });
  assertEquals(
    figure.alt,
    "Comparison, loss. a: mean 3, 1 value not finite; b: 1 value not finite; c: mean 3.",
  );
  assertStringIncludes(figure.layout.annotations[0]?.text ?? "", "2 values not finite (pink)");
  assert(!/NaN|undefined|Infinity/.test(renderSvg(figure)));
  assert(!/NaN|undefined/.test(renderSvg(plotComparison({ b: [NaN] }, { measure: "loss" }))));
});

Deno.test("plotComparison() refuses to draw nothing", () => {
  for (const variants of [{}, { a: [] }]) {
    assertThrows(
      () => plotComparison(variants, { measure: "loss" }),
      RangeError,
      "Cannot draw comparison: variants must have at least 1 value, got none",
    );
  }
});
