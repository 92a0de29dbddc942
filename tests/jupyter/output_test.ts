import { assertEquals, assertRejects } from "@std/assert";
import { capBundle, createOutput, createView, MAX_OUTPUT_BYTES } from "../../lib/jupyter/mod.ts";

interface Message {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly id: unknown;
}

/** A notebook with a clock that only moves when somebody waits. */
function createFakeNotebook() {
  const messages: Message[] = [], waits: number[] = [];
  const clock = { now: 0 };
  const output = createOutput({
    kernel: {
      broadcast(type, { data, transient }) {
        messages.push({
          type,
          data: data as Message["data"], // as the output sends it
          id: (transient as { readonly display_id?: string }).display_id,
        });
      },
    },
    now: () => clock.now,
    wait: (milliseconds) => {
      waits.push(milliseconds);
      clock.now += milliseconds;
      return Promise.resolve();
    },
  });
  return { output, messages, waits, clock };
}

Deno.test("display() sends what a value draws, in order, and waits after each", async () => {
  const { output, messages, waits } = createFakeNotebook();
  const slow = {
    [Symbol.for("Jupyter.display")]: () =>
      new Promise((done) => setTimeout(() => done({ "text/plain": "slow" }), 5)),
  };
  await Promise.all([output.display(slow), output.display(createView("quick", "<b>quick</b>"))]);
  assertEquals(messages.map(({ type, data }) => [type, data]), [
    ["display_data", { "text/plain": "slow" }],
    ["display_data", { "text/plain": "quick", "text/html": "<b>quick</b>" }],
  ]);
  assertEquals(waits, [5, 5]);
});

Deno.test("display() waits longer for large outputs, and goes on after one that fails to draw", async () => {
  const { output, messages, waits } = createFakeNotebook();
  const broken = { [Symbol.for("Jupyter.display")]: () => Promise.reject(new RangeError("no picture")) };
  await assertRejects(() => output.display(broken), RangeError, "no picture");
  await output.display(createView("x", "y".repeat(300_000)));
  assertEquals([messages.length, waits], [1, [50]]);
});

Deno.test("capBundle() leaves out the largest forms until the rest fits, and says so", () => {
  const huge = "x".repeat(MAX_OUTPUT_BYTES + 1);
  assertEquals(capBundle({ "text/plain": "a", "image/png": huge }), {
    "text/plain": "a\n(1.5 MB of image/png left out: an output may have 1.5 MB)",
  });
  assertEquals(String(capBundle({ "text/plain": huge })["text/plain"]).length < 1200, true);
  const fits = { "text/plain": "a", "image/png": "b" };
  assertEquals(capBundle(fits), fits);
});

Deno.test("LiveOutput draws into one output, not more often than its interval, and always in the end", async () => {
  const { output, messages, clock } = createFakeNotebook();
  const live = output.openLive({ interval: 100 });
  let numDrawn = 0;
  const draw = () => createView(`${++numDrawn}`, "");
  for (let i = 0; i < 50; i++) {
    await live.update(draw);
    clock.now += 10;
  }
  await live.finish(draw);
  assertEquals(messages.length, numDrawn);
  assertEquals(numDrawn <= 500 / 100 + 2, true);
  assertEquals(new Set(messages.map(({ id }) => id)).size, 1);
  assertEquals(messages.map(({ type }) => type).slice(0, 2), ["display_data", "update_display_data"]);
  assertEquals(messages.at(-1)?.data["text/plain"], `${numDrawn}`);
});

Deno.test("LiveOutput spends at most a twentieth of the time on drawing", async () => {
  const { output, clock } = createFakeNotebook();
  const live = output.openLive({ interval: 0 });
  let spent = 0;
  for (let i = 0; i < 1000; i++) {
    const before = clock.now;
    await live.update(() => {
      clock.now += 20; // a slow drawing
      return createView("", "");
    });
    spent += clock.now - before;
    clock.now += 10; // the work itself
  }
  assertEquals(spent / clock.now < 0.05, true);
});

Deno.test("display() prints texts where there is no notebook", async () => {
  const printed: string[] = [];
  const output = createOutput({ kernel: undefined, print: (text) => printed.push(text) });
  assertEquals(output.isNotebook, false);
  await output.display(createView("words", "<b>words</b>"));
  await output.display({ seed: 7 });
  await output.send("application/json", {}); // for programs: nothing to print
  assertEquals(printed, ["words\n", "{ seed: 7 }\n"]);
});
