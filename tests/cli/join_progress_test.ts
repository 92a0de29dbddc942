import { assertEquals } from "@std/assert";
import { joinProgress } from "../../lib/cli/join_progress.ts";

Deno.test("joinProgress() gives each part its share, one after another", () => {
  const told: string[] = [];
  const [first, second, third] = joinProgress([80, 0, 20], (done, total, details) => {
    told.push(`${done}/${total} ${details?.note ?? ""}`);
  });
  first?.(1, 2);
  first?.(2, 2);
  second?.(1, 1);
  third?.(10, 40, { note: "b" });
  third?.(40, 40);
  assertEquals(told, ["40/100 ", "80/100 ", "80/100 ", "85/100 b", "100/100 "]);
});
