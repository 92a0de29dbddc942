import { assertEquals, assertLessOrEqual, assertRejects } from "@std/assert";
import { createUniform } from "../../lib/core/mod.ts";
import { shareRuns } from "../../lib/steps/_share_runs.ts";

/** Squares numbers in runs, which it writes down. */
function createSquarer(canShare?: (one: number, other: number) => boolean) {
  const runs: number[][] = [];
  const square = shareRuns(async (_model: { batchSize: number }, requests: readonly number[]) => {
    runs.push([...requests]);
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (requests.includes(13)) throw new RangeError("Cannot square: 13 must not be asked for");
    return requests.map((request) => request * request);
  }, canShare);
  return { runs, square };
}

Deno.test("shareRuns() puts requests of one moment into one run, in their order", async () => {
  const { runs, square } = createSquarer();
  const model = { batchSize: 4 };
  assertEquals(await Promise.all([3, 1, 2].map((x) => square(model, x))), [9, 1, 4]);
  assertEquals(runs, [[3, 1, 2]]);
});

Deno.test("shareRuns() fills runs up to the batch size, across callers that go on at their own pace", async () => {
  const { runs, square } = createSquarer();
  const model = { batchSize: 4 };
  const uniform = createUniform(1);
  const found: number[] = [], wanted: number[] = [];
  const callers = Array.from({ length: 6 }, async (_, caller) => {
    for (let turn = 0; turn < 5; turn++) {
      const asked = Array.from(
        { length: 1 + Math.floor(3 * uniform()) },
        (_, i) => caller * 100 + turn * 10 + i + 20,
      );
      wanted.push(...asked.map((x) => x * x));
      found.push(...await Promise.all(asked.map((x) => square(model, x))));
    }
  });
  await Promise.all(callers);
  assertEquals(found.toSorted(), wanted.toSorted());
  for (const run of runs) assertLessOrEqual(run.length, 4);
  assertLessOrEqual(runs.length, wanted.length / 3); // nearly full
});

Deno.test("shareRuns() keeps apart what cannot share, and what other models are asked", async () => {
  const { runs, square } = createSquarer((one, other) => one % 2 === other % 2);
  const models = [{ batchSize: 8 }, { batchSize: 8 }] as const;
  await Promise.all([...[1, 2, 3, 4].map((x) => square(models[0], x)), square(models[1], 5)]);
  assertEquals(runs.toSorted(), [[1, 3], [2, 4], [5]]);
});

Deno.test("shareRuns() rejects the requests of a run that fails, and goes on with the next", async () => {
  const { square } = createSquarer();
  const model = { batchSize: 2 };
  const [ten, bad, twelve] = [10, 13, 12].map((x) => square(model, x));
  await Promise.all([
    assertRejects(() => ten ?? Promise.resolve(), RangeError, "13 must not be asked for"),
    assertRejects(() => bad ?? Promise.resolve(), RangeError, "13 must not be asked for"),
  ]);
  assertEquals(await twelve, 144);
  assertEquals(await square(model, 6), 36);
});
