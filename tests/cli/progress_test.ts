import { assertEquals } from "@std/assert";
import { createProgress, formatDuration } from "../../lib/cli/progress.ts";

Deno.test("createProgress() writes an occasional line with the time left where nobody watches", () => {
  let time = 0;
  const lines: string[] = [];
  const progress = createProgress("generate", 40, {
    isTerminal: false,
    now: () => time,
    write: (text) => lines.push(text),
  });
  for (let done = 1; done <= 20; done++) {
    time += 1500;
    progress.update(done);
  }
  progress.stop();
  assertEquals(lines, ["generate: 7/40, 50 s left\n", "generate: 14/40, 39 s left\n"]);
});

Deno.test("formatDuration() rounds to what matters", () => {
  assertEquals([0.4, 59.4, 59.6, 3599, 7260].map(formatDuration), [
    "0 s",
    "59 s",
    "1 min 0 s",
    "59 min 59 s",
    "2 h 1 min",
  ]);
});
