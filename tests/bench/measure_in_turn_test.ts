import { assertEquals } from "@std/assert";
import { measureInTurn, median } from "./measure_in_turn.ts";

Deno.test("median() is the middle value, or the mean of the middle two", () => {
  assertEquals(median([3, 1, 2]), 2);
  assertEquals(median([4, 1, 3, 2]), 2.5);
  assertEquals(median([]), NaN);
});

Deno.test("measureInTurn() runs all in turn, round by round, and warms up", async () => {
  const runs: string[] = [];
  const seconds = await measureInTurn({
    first: () => void runs.push("first"),
    second: () => Promise.resolve(runs.push("second")),
  }, { rounds: 2, warmup: 1 });
  assertEquals(runs, ["first", "second", "first", "second", "first", "second"]);
  assertEquals(Object.keys(seconds), ["first", "second"]);
  assertEquals(Object.values(seconds).every((time) => time >= 0), true);
});
