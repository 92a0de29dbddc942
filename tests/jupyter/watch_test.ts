import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { createPicture, createTokenGrid } from "../../lib/core/mod.ts";
import { setUpNotebook, watch, type Watchable } from "../../lib/jupyter/mod.ts";
import { createRecorder } from "./_recorder.ts";

/** A run of ten patches that only counts. */
function createFakeRun(
  onPatch: (numDone: number) => void = () => {},
): Watchable & { readonly drawn: string[] } {
  let numDone = 0;
  const drawn: string[] = [];
  const draw = (how: string) => {
    drawn.push(`${how} ${numDone}`);
    return Promise.resolve(createPicture(2, 2));
  };
  return {
    settings: { text: "<snow>", seed: 7 },
    numPatches: 10,
    get state() {
      return { numDone, tokens: createTokenGrid(2, 20) };
    },
    async *advance({ signal, until = 10 }) {
      while (numDone < until && !signal.aborted) {
        await new Promise((resolve) => setTimeout(resolve));
        onPatch(++numDone);
        yield numDone;
      }
    },
    preview: () => draw("preview"),
    decode: () => draw("decode"),
    drawn,
  };
}

Deno.test("watch() shows a run in one output, from the first drawing to the exact picture", async () => {
  const { output, shown } = createRecorder(), run = createFakeRun();
  await watch(run, { output, interval: 0 });
  assertEquals(new Set(shown.slice(1).map(({ type }) => type)), new Set(["update_display_data"]));
  assertEquals([shown[0]?.type, run.drawn.at(0), run.drawn.at(-1)], [
    "display_data",
    "preview 0",
    "decode 10",
  ]);
  assertStringIncludes(shown.at(-1)?.text ?? "", "<snow>, seed 7: 10 of 10 patches");
  assertStringIncludes(shown.at(-1)?.html ?? "", "&lt;snow&gt;");
});

Deno.test("watch() ends when it is stopped, says so, and goes on when it is called again", async () => {
  const { output, shown } = createRecorder(), stop = new AbortController();
  const run = createFakeRun((numDone) => numDone === 4 && stop.abort());
  await watch(run, { output, signal: stop.signal });
  assertEquals(run.state.numDone, 4);
  assertStringIncludes(shown.at(-1)?.text ?? "", "4 of 10 patches");
  assertStringIncludes(shown.at(-1)?.text ?? "", "stopped: watch it again to go on");
  await watch(run, { output });
  assertEquals(run.state.numDone, 10);
});

Deno.test("watch() shows how far a run came that fails, and throws its error", async () => {
  const { output, shown } = createRecorder();
  const run = createFakeRun((numDone) => {
    if (numDone === 3) throw new RangeError("no memory");
  });
  await assertRejects(() => watch(run, { output }), RangeError, "no memory");
  assertStringIncludes(shown.at(-1)?.text ?? "", "3 of 10 patches");
  assertStringIncludes(shown.at(-1)?.text ?? "", "failed: no memory");
});

Deno.test("onInterrupt() aborts all that listen instead of ending the program, until they have left", async () => {
  const url = new URL("../../lib/jupyter/interrupts.ts", import.meta.url);
  const code = `import { onInterrupt } from "${url}";
    {
      using outer = onInterrupt();
      using inner = onInterrupt();
      Deno.kill(Deno.pid, "SIGINT");
      await new Promise((resolve) => outer.signal.addEventListener("abort", resolve));
      console.log(outer.signal.aborted, inner.signal.aborted);
    }
    using fresh = onInterrupt();
    console.log(fresh.signal.aborted);
    fresh[Symbol.dispose]();
    Deno.kill(Deno.pid, "SIGINT");
    await new Promise((resolve) => setTimeout(resolve, 60_000));`;
  const program = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", code],
    env: { NO_COLOR: "1" },
  });
  const { stdout, signal } = await program.output();
  assertEquals([new TextDecoder().decode(stdout), signal], ["true true\nfalse\n", "SIGINT"]);
});

Deno.test("setUpNotebook() does nothing outside of notebooks", () => {
  setUpNotebook();
  assertEquals(Symbol.for("Jupyter.display") in {}, false);
});
