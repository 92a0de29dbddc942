import { assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { createPicture } from "../../lib/core/mod.ts";
import {
  compareRows,
  type Comparison,
  listSettings,
  sweep,
  type SweepOptions,
  type SweepRow,
  tabulateComparisons,
} from "../../lib/tasks/mod.ts";
import { listFolder, withFolder } from "../media/_fixtures.ts";

const AXES = { seed: [1, 2], extent: [2, 0], order: ["all", "one"] } as const;
type Settings = ReturnType<typeof listSettings<typeof AXES>>[number];

/** A run whose result is not a round number. */
const RUN = ({ seed, extent, order }: Settings) => ({
  figures: { bits: Math.sqrt(seed) - extent / 3, odd: order === "one" ? NaN : -Infinity },
  picture: createPicture(1, 2, Uint8Array.of(seed, extent, 7, 0, 0, 255)),
});

/** Runs a sweep to its end; returns its rows without seconds, and the settings that were run and not looked up. */
async function finish(options: SweepOptions, run: (settings: Settings) => ReturnType<typeof RUN> = RUN) {
  const ran: Settings[] = [];
  let rows: SweepRow<Settings>[] = [];
  const work = (settings: Settings) => {
    ran.push(settings);
    return run(settings);
  };
  for await (rows of sweep(AXES, work, options));
  return {
    ran,
    rows: rows.map(({ seconds: _, picture, ...row }) => ({ ...row, pixels: [...picture?.data ?? []] })),
  };
}

Deno.test("listSettings() gives all combinations, the last axis fastest", () => {
  const all = listSettings(AXES);
  assertEquals(all.slice(0, 3), [
    { seed: 1, extent: 2, order: "all" },
    { seed: 1, extent: 2, order: "one" },
    { seed: 1, extent: 0, order: "all" },
  ]);
  assertEquals(all.length, 8);
  assertEquals([listSettings({}), listSettings({ seed: [] })], [[{}], []]);
});

Deno.test("sweep() killed in the middle goes on, and ends like one that was not", async () => {
  const whole = await finish({});
  assertEquals(whole.ran, listSettings(AXES));
  assertEquals(whole.rows[1], {
    settings: whole.ran[1]!,
    figures: { bits: 1 - 2 / 3, odd: NaN },
    pixels: [1, 2, 7, 0, 0, 255],
  });
  await withFolder(async (folder) => {
    const kill = (at: number) => (settings: Settings) => {
      if (settings === undefined || --at < 0) throw new RangeError("killed");
      return RUN(settings);
    };
    await assertRejects(() => finish({ folder }, kill(3)), RangeError, "killed");
    // What a kill in the middle of writing leaves behind.
    await Deno.writeTextFile(`${folder}/.0123456789abcdef.json.01234567.tmp`, '{"sett');
    const rest = await finish({ folder });
    assertEquals(rest.ran, whole.ran.slice(3));
    assertEquals(rest.rows, whole.rows);
    const again = await finish({ folder });
    assertEquals([again.ran, again.rows], [[], whole.rows]);
    assertEquals(listFolder(folder).length, 16, "a result and a picture a run, and nothing else");
    const other = await finish({ folder, depends: { numSteps: 5 } });
    assertEquals(other.ran, whole.ran, "results that depend on something else are not taken for these");
  });
});

Deno.test("sweep() ends when it is stopped, and does not count the run that was ended", async () => {
  await withFolder(async (folder) => {
    for (const isThrowing of [true, false]) {
      const stop = new AbortController();
      let count = 0;
      const stopped = await finish({ folder, signal: stop.signal }, (settings) => {
        if (++count === 3) stop.abort();
        if (count === 3 && isThrowing) throw new DOMException("Stopped", "AbortError");
        return RUN(settings);
      });
      assertEquals(stopped.rows.length, isThrowing ? 2 : 4);
    }
    assertEquals((await finish({ folder })).ran.length, 4);
  });
});

Deno.test("sweep() names a file that is torn or of something else", async () => {
  await withFolder(async (folder) => {
    const axes = { seed: [5] }, run = () => ({ figures: { bits: 1 } });
    const go = async () => {
      for await (const _ of sweep(axes, run, { folder }));
    };
    await go();
    const [name] = listFolder(folder), path = `${folder}/${name}`;
    const text = await Deno.readTextFile(path);
    const need = `Cannot go on with sweep at ${path}: content must be the result of {"seed":5}, got `;
    const cases = [
      [text.slice(0, 20), "text that is not JSON; delete the file to run it again"],
      ["", "text that is not JSON; delete the file to run it again"],
      [text.replace('"bits":1', '"bits":true'), ""],
      [text.replace('"seed":5', '"seed":6'), '{"seed":6}; delete the file to run it again'],
    ] as const;
    for (const [content, got] of cases) {
      await Deno.writeTextFile(path, content);
      await assertRejects(go, SyntaxError, need + got);
    }
  });
});

/** Rows of `extent` 2, 1 and 0 for three seeds; what seeds differ by is much more than what extents differ by. */
const ROWS = [1, 2, 3].flatMap((seed) =>
  ([[2, 0], [1, 0.1 * (seed % 2)], [0, 0.5 + seed / 100]] as const).map(([extent, more]) => ({
    settings: { seed, extent },
    figures: { bits: 5 + seed + more },
    seconds: 1,
  }))
);

Deno.test("compareRows() pairs runs by their other settings", () => {
  const [base, one, none] = compareRows(ROWS, { of: "extent", figure: "bits" }) as [
    Comparison,
    Comparison,
    Comparison,
  ];
  assertEquals([base.name, base.values, base.mean, base.difference], ["2", [6, 7, 8], 7, undefined]);
  assertAlmostEquals(base.standardError, 1 / Math.sqrt(3), 1e-12);
  // Differences 0.1, 0, 0.1: mean 0.2 / 3, deviation 0.1 / sqrt(3), t = 2 < 4.303.
  assertAlmostEquals(one.difference?.mean ?? NaN, 0.2 / 3, 1e-12);
  assertAlmostEquals(one.difference?.standardError ?? NaN, 0.1 / 3, 1e-12);
  assertEquals(one.difference?.isClear, false);
  // 0.51, 0.52, 0.53: mean 0.52, standard error 0.01 / sqrt(3), t = 90.
  assertAlmostEquals(none.difference?.mean ?? NaN, 0.52, 1e-12);
  assertAlmostEquals(none.difference?.standardError ?? NaN, 0.01 / Math.sqrt(3), 1e-12);
  assertEquals(none.difference?.isClear, true);
  assertEquals(tabulateComparisons([base, one, none], { digits: 2 }), [
    ["", "mean ± standard error", "runs", "more than 2", ""],
    ["2", "7.00 ± 0.58", "3", "", ""],
    ["1", "7.07 ± 0.58", "3", "+0.07 ± 0.03", "within the noise"],
    ["0", "7.52 ± 0.58", "3", "+0.52 ± 0.01", "clear"],
  ]);
});

Deno.test("compareRows() takes single runs and missing partners, and finds nothing clear in them", () => {
  const [none, two] = compareRows(ROWS.slice(0, 4).toReversed(), {
    of: "extent",
    figure: "bits",
    baseline: 0,
  })
    .filter(({ name }) => name !== "1").toReversed();
  assertEquals([none?.values, two?.values], [[6.51], [7, 6]]);
  assertEquals([two?.difference?.count, two?.difference?.isClear, none?.standardError], [1, false, NaN]);
});

Deno.test("compareRows() knows Student's distribution beyond its table", () => {
  // For 29 degrees of freedom the 97.5 % quantile is 2.045 (tables); 30 differences of mean t and standard error 1.
  const spread = Math.sqrt(29),
    gaps = (t: number) => Array.from({ length: 30 }, (_, i) => t + (i % 2 ? spread : -spread));
  for (const [t, isClear] of [[2.04, false], [2.05, true]] as const) {
    const rows = gaps(t).flatMap((gap, seed) => [
      { settings: { seed, x: "a" }, figures: { y: 0 }, seconds: 0 },
      { settings: { seed, x: "b" }, figures: { y: gap }, seconds: 0 },
    ]);
    assertEquals(compareRows(rows, { of: "x", figure: "y" })[1]?.difference?.isClear, isClear);
  }
});

Deno.test("compareRows() refuses what it cannot compare", () => {
  const cases = [
    [() => compareRows(ROWS, { of: "extent", figure: "psnr" }), "figure must be one of bits, got psnr"],
    [
      () => compareRows(ROWS, { of: "extent", figure: "bits", baseline: 7 }),
      "baseline must be one of 2, 1, 0, got 7",
    ],
    [() => compareRows(ROWS.slice(9), { of: "extent", figure: "bits" }), "rows must be at least 1, got 0"],
  ] as const;
  for (const [work, what] of cases) assertThrows(work, RangeError, `Cannot compare rows: ${what}`);
});
